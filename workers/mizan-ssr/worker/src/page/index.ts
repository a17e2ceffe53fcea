/**
 * `@mizan/ssr/page`: what the server has written into the document, for an entry that chooses between frameworks.
 *
 * @packageDocumentation
 */
export { type PageData, readPage } from "./open.js";

export { usePageHead, type PageHead } from "./vue-head.js";

/**
 * `@mizan/base/adapter`: what the adapters of all frameworks share. A page without an adapter does not load it.
 *
 * @packageDocumentation
 */
export { type Calls, type Mutating, NO_CALLS, type Progress, trackCalls } from "./progress.js";
export { prefetch, ready } from "./ready.js";

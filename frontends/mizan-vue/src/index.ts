/**
 * `@mizan/vue`: composables over the kernel `@mizan/base`.
 *
 * It holds no data and decides nothing about invalidation; the generated composables are written against it.
 *
 * @packageDocumentation
 */
export { useCall, type CallState } from "./call.js";
export type { Params } from "./entry.js";
export { useList, type ItemOf, type ListOptions, type ListState } from "./list.js";
export { usePrefetch } from "./prefetch.js";
export { MizanPlugin, MizanProvider, useMizan, type MizanProviderProps } from "./provider.js";
export { useContextEntry, useMember, type ReadOptions, type ReadState } from "./read.js";

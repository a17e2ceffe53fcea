/**
 * `@mizan/svelte`: Svelte 5 runes over the kernel `@mizan/base`.
 *
 * It holds no data and decides nothing about invalidation; the generated functions are written against it.
 *
 * @packageDocumentation
 */
export { useCall, type CallState } from "./call.svelte.js";
export type { Params } from "./entry.svelte.js";
export { useList, type ItemOf, type ListOptions, type ListState } from "./list.js";
export { usePrefetch } from "./prefetch.js";
export { mizanContext, provideMizan, useMizan, type MizanProviderProps } from "./provider.js";
export { useContextEntry, useMember, type ReadOptions, type ReadState } from "./read.js";

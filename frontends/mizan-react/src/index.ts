/**
 * `@mizan/react`: hooks over the kernel `@mizan/base`.
 *
 * It holds no data and decides nothing about invalidation; the generated hooks are written against it.
 *
 * @packageDocumentation
 */
export { useCall, type CallState } from "./call.js";
export { useList, type ItemOf, type ListOptions, type ListState } from "./list.js";
export { usePrefetch } from "./prefetch.js";
export { MizanProvider, useMizan, type MizanProviderProps } from "./provider.js";
export { useContextEntry, useMember, type ReadOptions, type ReadState } from "./read.js";
export { useContextEntrySuspense, useMemberSuspense, type SuspenseState } from "./suspense.js";

/** Hooks that read: an entry as React state. */
import type { ContextDefinition, Entry, EntryState, MizanError, Status } from "@mizan/base";
import { useMemo, useSyncExternalStore } from "react";
import { useMizan } from "./provider.js";

/** What a reading hook returns; the same object until something it shows has changed. */
export interface ReadState<T> {
  /** What the last read brought. */
  readonly data: T | undefined;
  /** Never `idle`: what a component reads is loading from its first render on. */
  readonly status: Status;
  /** Why the last read failed. */
  readonly error: MizanError | undefined;
  /** No data and no error yet. */
  readonly isLoading: boolean;
  /** A read is under way: the first or a later one. A component that does not read this is not rendered for it. */
  readonly isFetching: boolean;
  /** Reads the whole context again. Stable; never rejects. */
  readonly refetch: () => Promise<void>;
}

/**
 * Reads a context and re-renders when it changes. The identity of `params` does not matter.
 * @example const { data, error } = useContextEntry(userContext, { user_id: 5 });
 */
export function useContextEntry<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: NoInfer<P>,
): ReadState<D> {
  return useSelected(definition, params, whole);
}

/**
 * Reads one member of a context; re-renders only when that member or the status changed.
 * @example const { data: profile, isLoading } = useMember(userContext, "user_profile", { user_id: 5 });
 */
export function useMember<P extends object, D extends object, K extends keyof D & string>(
  definition: ContextDefinition<P, D>,
  member: K,
  params: NoInfer<P>,
): ReadState<D[K]> {
  const select = useMemo(() => (data: D) => data[member], [member]);
  return useSelected(definition, params, select);
}

const whole = <D>(data: D): D => data;

function useSelected<P extends object, D extends object, T>(
  definition: ContextDefinition<P, D>,
  params: NoInfer<P>,
  select: (data: D) => T,
): ReadState<T> {
  const mizan = useMizan();
  const entry = mizan.entry(definition, params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal keys are one entry of one instance and definition
  const { subscribe, read } = useMemo(
    () => ({ subscribe: (listener: () => void) => entry.subscribe(listener), read: reader(entry, select) }),
    [mizan, definition, entry.key, select],
  );
  return useSyncExternalStore(subscribe, read, read);
}

/** A `getSnapshot` that returns the same object until something changes that the component has read. */
function reader<D, T>(entry: Entry<D>, select: (data: D) => T): () => ReadState<T> {
  let seen: EntryState<D> | undefined;
  let shown: ReadState<T> | undefined;
  let showsFetching = false;
  const refetch = () => entry.refetch();
  return () => {
    const state = entry.snapshot();
    if (shown && state === seen) return shown;
    const fetchingChanged = showsFetching && state.isFetching !== seen?.isFetching;
    seen = state;
    const { error } = state;
    const data = state.data && select(state.data);
    const status = state.status === "idle" ? "loading" : state.status;
    if (shown && !fetchingChanged && shown.data === data && shown.error === error && shown.status === status)
      return shown;
    shown = {
      data,
      status,
      error,
      isLoading: status === "loading",
      get isFetching() {
        showsFetching = true;
        return entry.snapshot().isFetching;
      },
      refetch,
    };
    return shown;
  };
}

/** Hooks that read: an entry as React state. */
import {
  keepPrevious,
  type ContextDefinition,
  type Entry,
  type EntryState,
  type MizanError,
  type Status,
} from "@mizan/base";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useMizan } from "./provider.js";

/** What a reading hook returns; the same object until something it shows has changed. */
export interface ReadState<T> {
  /** What the last read brought. */
  readonly data: T | undefined;
  /** `idle` only where nothing is read; what a component reads is loading from its first render on. */
  readonly status: Status;
  /** Why the last read failed. */
  readonly error: MizanError | undefined;
  /** A first read is due or under way, and there is nothing to show. */
  readonly isLoading: boolean;
  /** The data is that of the parameters before, kept until the new arrives. */
  readonly isPrevious: boolean;
  /** A read is under way: the first or a later one. A component that does not read this is not rendered for it. */
  readonly isFetching: boolean;
  /** Reads the whole context again. Stable; never rejects. */
  readonly refetch: () => Promise<void>;
}

/** What a reading hook may be asked for. */
export interface ReadOptions {
  /**
   * Reads nothing for now, as without parameters.
   * @defaultValue `false`
   * @example useMember(userContext, "user_profile", { user_id: 5 }, { skip: !isOpen })
   */
  readonly skip?: boolean | undefined;
  /**
   * Where the parameters change: shows the last data, marked by `isPrevious`, until the new arrives.
   * @defaultValue `false`
   * @example useMember(listContext, "items", { page }, { keepPrevious: true })
   */
  readonly keepPrevious?: boolean | undefined;
}

/**
 * Reads a context and re-renders when it changes. The identity of `params` does not matter.
 * Where they are `undefined`, not known yet, nothing is read.
 * @example const { data, error } = useContextEntry(userContext, { user_id: 5 });
 */
export function useContextEntry<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: NoInfer<P> | undefined,
  options?: ReadOptions,
): ReadState<D> {
  return useSelected(definition, params, whole, options);
}

/**
 * Reads one member of a context; re-renders only when that member or the status changed.
 * @example const { data: profile, isLoading } = useMember(userContext, "user_profile", { user_id: 5 });
 */
export function useMember<P extends object, D extends object, K extends keyof D & string>(
  definition: ContextDefinition<P, D>,
  member: K,
  params: NoInfer<P> | undefined,
  options?: ReadOptions,
): ReadState<D[K]> {
  const select = useMemo(() => (data: D) => data[member], [member]);
  return useSelected(definition, params, select, options);
}

const whole = <D>(data: D): D => data;

function useSelected<P extends object, D extends object, T>(
  definition: ContextDefinition<P, D>,
  params: NoInfer<P> | undefined,
  select: (data: D) => T,
  { skip, keepPrevious: keeps }: ReadOptions = {},
): ReadState<T> {
  const mizan = useMizan();
  const current = mizan.entry(definition, skip ? undefined : params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: data of another definition or instance is not shown
  const last = useMemo<{ entry?: Entry<D> }>(() => ({}), [mizan, definition]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal keys are one entry of one instance and definition
  const { subscribe, read } = useMemo(() => {
    const entry = keeps && last.entry ? keepPrevious(current, last.entry) : current;
    return { subscribe: (listener: () => void) => entry.subscribe(listener), read: reader(entry, select) };
  }, [last, current.key, select, keeps]);
  useEffect(() => {
    if (keeps && current.snapshot().data) last.entry = current;
  });
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
    const { error, isPrevious = false } = state;
    const data = state.data && select(state.data);
    // Only the entry without parameters has no key.
    const status = state.status === "idle" && entry.key ? "loading" : state.status;
    const isSame =
      shown?.data === data &&
      shown?.error === error &&
      shown?.status === status &&
      shown?.isPrevious === isPrevious;
    if (shown && isSame && !fetchingChanged) return shown;
    shown = {
      data,
      status,
      error,
      isPrevious,
      isLoading: status === "loading" && !isPrevious,
      get isFetching() {
        showsFetching = true;
        return entry.snapshot().isFetching;
      },
      refetch,
    };
    return shown;
  };
}

/** Functions that read: an entry as reactive state. */
import type { ContextDefinition, MizanError, Status } from "@mizan/base";
import { derive, type Params, useEntry } from "./entry.svelte.js";

/** What a reading function returns. Its values are reactive: read them from the object, since taking them out of it ends that. */
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
  /** A read is under way: the first or a later one. */
  readonly isFetching: boolean;
  /** Reads the whole context again. Never rejects. */
  readonly refetch: () => Promise<void>;
  /**
   * Resolves once there is data, and rejects with the `MizanError` where the read fails.
   * @example {#await profile.ready()} … {:then} {profile.data?.name} {:catch error} {error.message} {/await}
   */
  readonly ready: () => Promise<void>;
}

/** What a reading function may be asked for. */
export interface ReadOptions {
  /**
   * Reads nothing for now, as without parameters.
   * @defaultValue `false`
   * @example useMember(userContext, "user_profile", () => ({ user_id: 5 }), () => ({ skip: !isOpen }))
   */
  readonly skip?: boolean | undefined;
  /**
   * Where the parameters change: shows the last data, marked by `isPrevious`, until the new arrives.
   * @defaultValue `false`
   * @example useMember(listContext, "items", () => ({ page }), () => ({ keepPrevious: true }))
   */
  readonly keepPrevious?: boolean | undefined;
}

/** Options where none are given. */
export const NO_OPTIONS = (): ReadOptions => ({});

/**
 * Reads a context. `params` is a getter: where its values change, the new entry is read.
 * Where it returns `undefined`, not known yet, nothing is read.
 * @example const user = useContextEntry(userContext, () => ({ user_id: id }));
 */
export function useContextEntry<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: Params<NoInfer<P>>,
  options?: () => ReadOptions,
): ReadState<D> {
  return useSelected(definition, params, (data) => data, options);
}

/**
 * Reads one member of a context. Its values change only for that member.
 * @example const profile = useMember(userContext, "user_profile", () => ({ user_id: id }));
 */
export function useMember<P extends object, D extends object, K extends keyof D & string>(
  definition: ContextDefinition<P, D>,
  member: K,
  params: Params<NoInfer<P>>,
  options?: () => ReadOptions,
): ReadState<D[K]> {
  return useSelected(definition, params, (data) => data[member], options);
}

function useSelected<P extends object, D extends object, T>(
  definition: ContextDefinition<P, D>,
  params: Params<P>,
  select: (data: D) => T,
  options: () => ReadOptions = NO_OPTIONS,
): ReadState<T> {
  const { state, refetch, ready } = useEntry<P, D>(definition, params, options);
  const data = derive(() => {
    const all = state().data;
    return all && select(all);
  });
  const status = derive(() => state().status);
  const error = derive(() => state().error);
  const isPrevious = derive(() => !!state().isPrevious);
  const isFetching = derive(() => state().isFetching);
  return {
    get data() {
      return data();
    },
    get status() {
      return status();
    },
    get error() {
      return error();
    },
    get isLoading() {
      return status() === "loading" && !isPrevious();
    },
    get isPrevious() {
      return isPrevious();
    },
    get isFetching() {
      return isFetching();
    },
    refetch,
    ready,
  };
}

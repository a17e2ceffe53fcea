/** Composables that read: an entry as refs. */
import type { ContextDefinition, MizanError, Status } from "@mizan/base";
import { computed, type ComputedRef, type MaybeRefOrGetter } from "vue";
import { type Params, useEntry } from "./entry.js";

/** What a reading composable returns: refs, each of which changes only when its own value does. */
export interface ReadState<T> {
  /** What the last read brought. */
  readonly data: ComputedRef<T | undefined>;
  /** `idle` only where nothing is read; what a component reads is loading from its setup on. */
  readonly status: ComputedRef<Status>;
  /** Why the last read failed. */
  readonly error: ComputedRef<MizanError | undefined>;
  /** A first read is due or under way, and there is nothing to show. */
  readonly isLoading: ComputedRef<boolean>;
  /** The data is that of the parameters before, kept until the new arrives. */
  readonly isPrevious: ComputedRef<boolean>;
  /** A read is under way: the first or a later one. */
  readonly isFetching: ComputedRef<boolean>;
  /** Reads the whole context again. Never rejects. */
  readonly refetch: () => Promise<void>;
  /**
   * Resolves once there is data, and rejects with the `MizanError` where the read fails: for an async setup below `<Suspense>`.
   * @example await profile.ready();
   */
  readonly ready: () => Promise<void>;
}

/** What a reading composable may be asked for. */
export interface ReadOptions {
  /**
   * Reads nothing for now, as without parameters.
   * @defaultValue `false`
   * @example useMember(userContext, "user_profile", { user_id: 5 }, { skip: () => !props.isOpen })
   */
  readonly skip?: MaybeRefOrGetter<boolean | undefined>;
  /**
   * Where the parameters change: shows the last data, marked by `isPrevious`, until the new arrives.
   * @defaultValue `false`
   * @example useMember(listContext, "items", () => ({ page: props.page }), { keepPrevious: true })
   */
  readonly keepPrevious?: MaybeRefOrGetter<boolean | undefined>;
}

/**
 * Reads a context. `params` may be a ref or a getter: where their values change, the new entry is read.
 * Where they are `undefined`, not known yet, nothing is read.
 * @example const { data, error } = useContextEntry(userContext, () => ({ user_id: props.id }));
 */
export function useContextEntry<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: Params<NoInfer<P>>,
  options?: ReadOptions,
): ReadState<D> {
  return useSelected(definition, params, (data) => data, options);
}

/**
 * Reads one member of a context. Its refs change only for that member.
 * @example const { data: profile } = useMember(userContext, "user_profile", () => ({ user_id: props.id }));
 */
export function useMember<P extends object, D extends object, K extends keyof D & string>(
  definition: ContextDefinition<P, D>,
  member: K,
  params: Params<NoInfer<P>>,
  options?: ReadOptions,
): ReadState<D[K]> {
  return useSelected(definition, params, (data) => data[member], options);
}

function useSelected<P extends object, D extends object, T>(
  definition: ContextDefinition<P, D>,
  params: Params<P>,
  select: (data: D) => T,
  options: ReadOptions = {},
): ReadState<T> {
  const { state, refetch, ready } = useEntry(definition, params, options);
  const isPrevious = computed(() => !!state.value.isPrevious);
  const status = computed(() => state.value.status);
  return {
    data: computed(() => state.value.data && select(state.value.data)),
    status,
    error: computed(() => state.value.error),
    isLoading: computed(() => status.value === "loading" && !isPrevious.value),
    isPrevious,
    isFetching: computed(() => state.value.isFetching),
    refetch,
    ready,
  };
}

/** The composable of lists that grow. */
import { type ContextDefinition, loadMore, type MizanError, type Page, type Status } from "@mizan/base";
import { computed, type ComputedRef, type MaybeRefOrGetter } from "vue";
import { type Params, useEntry } from "./entry.js";

/** What {@link useList} returns: refs, each of which changes only when its own value does. */
export interface ListState<T> {
  /** The items that are loaded, in order; empty before the first page. */
  readonly items: ComputedRef<readonly T[]>;
  /** The list goes on after them. */
  readonly more: ComputedRef<boolean>;
  /**
   * Loads the next page; also tries again after a failure. Never rejects.
   * @example <button @click="loadMore">More</button>
   */
  readonly loadMore: () => Promise<void>;
  /** The first page or the next one is due or under way. A refresh in the background is not. */
  readonly pending: ComputedRef<boolean>;
  /** Why the last read failed: of a page, or of what is shown. */
  readonly error: ComputedRef<MizanError | undefined>;
  /** `idle` only where nothing is read. */
  readonly status: ComputedRef<Status>;
  /** Reads what is shown again. Never rejects. */
  readonly refetch: () => Promise<void>;
  /** Resolves once the first page is there, and rejects with the `MizanError` where its read fails. */
  readonly ready: () => Promise<void>;
}

/** What {@link useList} may be asked for. */
export interface ListOptions {
  /**
   * Reads nothing for now, as without parameters.
   * @defaultValue `false`
   * @example useList(ordersContext, { stall_id: 5 }, { skip: () => !props.isOpen })
   */
  readonly skip?: MaybeRefOrGetter<boolean | undefined>;
}

/** The type of the items of a list. */
export type ItemOf<D extends object> = D[keyof D] extends Page<infer T> ? T : never;

const NONE: readonly never[] = [];

/**
 * Reads a list that grows: its first page, and by `loadMore` the pages after it.
 * A list that is stale is read again as far as it is shown, by one request.
 * @example const { items, more, loadMore, pending } = useList(ordersContext, () => ({ stall_id: props.id }));
 */
export function useList<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: Params<NoInfer<P>>,
  options: ListOptions = {},
): ListState<ItemOf<D>> {
  const { entry, state, refetch, ready } = useEntry<P, D>(definition, params, options);
  const member = definition.functions[0] as keyof D;
  const page = computed(() => state.value.data?.[member] as Page<ItemOf<D>> | undefined);
  const status = computed(() => state.value.status);
  return {
    items: computed(() => page.value?.items ?? NONE),
    more: computed(() => typeof page.value?.next === "string"),
    loadMore: () => loadMore(entry.value),
    pending: computed(() => status.value === "loading" || !!state.value.isLoadingMore),
    error: computed(() => state.value.error),
    status,
    refetch,
    ready,
  };
}

/** The function that reads lists that grow. */
import { type ContextDefinition, loadMore, type MizanError, type Page, type Status } from "@mizan/base";
import { derive, type Params, useEntry } from "./entry.svelte.js";
import { NO_OPTIONS } from "./read.js";

/** What {@link useList} returns. Its values are reactive: read them from the object, since taking them out of it ends that. */
export interface ListState<T> {
  /** The items that are loaded, in order; empty before the first page. */
  readonly items: readonly T[];
  /** The list goes on after them. */
  readonly more: boolean;
  /**
   * Loads the next page; also tries again after a failure. Never rejects.
   * @example <button onclick={orders.loadMore}>More</button>
   */
  readonly loadMore: () => Promise<void>;
  /** The first page or the next one is due or under way. A refresh in the background is not. */
  readonly pending: boolean;
  /** Why the last read failed: of a page, or of what is shown. */
  readonly error: MizanError | undefined;
  /** `idle` only where nothing is read. */
  readonly status: Status;
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
   * @example useList(ordersContext, () => ({ stall_id: 5 }), () => ({ skip: !isOpen }))
   */
  readonly skip?: boolean | undefined;
}

/** The type of the items of a list. */
export type ItemOf<D extends object> = D[keyof D] extends Page<infer T> ? T : never;

const NONE: readonly never[] = [];

/**
 * Reads a list that grows: its first page, and by `loadMore` the pages after it.
 * A list that is stale is read again as far as it is shown, by one request.
 * @example const orders = useList(ordersContext, () => ({ stall_id: id }));
 */
export function useList<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: Params<NoInfer<P>>,
  options: () => ListOptions = NO_OPTIONS,
): ListState<ItemOf<D>> {
  const { entry, state, refetch, ready } = useEntry<P, D>(definition, params, options);
  const member = definition.functions[0] as keyof D;
  const page = derive(() => state().data?.[member] as Page<ItemOf<D>> | undefined);
  const items = derive(() => page()?.items ?? NONE);
  const status = derive(() => state().status);
  const error = derive(() => state().error);
  const more = derive(() => typeof page()?.next === "string");
  const pending = derive(() => status() === "loading" || !!state().isLoadingMore);
  return {
    get items() {
      return items();
    },
    get more() {
      return more();
    },
    loadMore: () => loadMore(entry()),
    get pending() {
      return pending();
    },
    get error() {
      return error();
    },
    get status() {
      return status();
    },
    refetch,
    ready,
  };
}

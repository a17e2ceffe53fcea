/** The hook of lists that grow. */
import {
  type ContextDefinition,
  type Entry,
  type EntryState,
  loadMore,
  type MizanError,
  type Page,
  type Status,
} from "@mizan/base";
import { useMemo, useSyncExternalStore } from "react";
import { useMizan } from "./provider.js";

/** What {@link useList} returns; the same object until something it shows has changed. */
export interface ListState<T> {
  /** The items that are loaded, in order; empty before the first page. */
  readonly items: readonly T[];
  /** The list goes on after them. */
  readonly more: boolean;
  /**
   * Loads the next page; also tries again after a failure. Stable; never rejects.
   * @example <button onClick={orders.loadMore}>More</button>
   */
  readonly loadMore: () => Promise<void>;
  /** The first page or the next one is due or under way. A refresh in the background is not. */
  readonly pending: boolean;
  /** Why the last read failed: of a page, or of what is shown. */
  readonly error: MizanError | undefined;
  /** `idle` only where nothing is read. */
  readonly status: Status;
  /** Reads what is shown again. Stable; never rejects. */
  readonly refetch: () => Promise<void>;
}

/** What {@link useList} may be asked for. */
export interface ListOptions {
  /**
   * Reads nothing for now, as without parameters.
   * @defaultValue `false`
   * @example useList(ordersContext, { stall_id: 5 }, { skip: !isOpen })
   */
  readonly skip?: boolean | undefined;
}

/** The type of the items of a list. */
export type ItemOf<D extends object> = D[keyof D] extends Page<infer T> ? T : never;

const NONE: readonly never[] = [];

/**
 * Reads a list that grows: its first page, and by `loadMore` the pages after it.
 * A list that is stale is read again as far as it is shown, by one request.
 * @example const { items, more, loadMore, pending } = useList(ordersContext, { stall_id: 5 });
 */
export function useList<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: NoInfer<P> | undefined,
  { skip }: ListOptions = {},
): ListState<ItemOf<D>> {
  const mizan = useMizan();
  const entry = mizan.entry(definition, skip ? undefined : params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal keys are one entry of one instance and definition
  const { subscribe, read } = useMemo(
    () => ({
      subscribe: (listener: () => void) => entry.subscribe(listener),
      read: reader(entry, definition.functions[0] as keyof D),
    }),
    [mizan, definition, entry.key],
  );
  return useSyncExternalStore(subscribe, read, read);
}

/** A `getSnapshot` that returns the same object until something in it changes. */
function reader<D extends object>(entry: Entry<D>, member: keyof D): () => ListState<ItemOf<D>> {
  let seen: EntryState<D> | undefined;
  let shown: ListState<ItemOf<D>> | undefined;
  const more = () => loadMore(entry);
  const refetch = () => entry.refetch();
  return () => {
    const state = entry.snapshot();
    if (shown && state === seen) return shown;
    seen = state;
    const page = state.data?.[member] as Page<ItemOf<D>> | undefined;
    // Only the entry without parameters has no key.
    const status = state.status === "idle" && entry.key ? "loading" : state.status;
    const next: ListState<ItemOf<D>> = {
      items: page?.items ?? NONE,
      more: typeof page?.next === "string",
      loadMore: more,
      pending: status === "loading" || !!state.isLoadingMore,
      error: state.error,
      status,
      refetch,
    };
    const isSame =
      shown && Object.entries(next).every(([name, value]) => value === shown?.[name as keyof typeof next]);
    if (!shown || !isSame) shown = next;
    return shown;
  };
}

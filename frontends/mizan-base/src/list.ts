/**
 * Lists that grow: an entry holds the window from the start of a list to the end of the last page that was loaded.
 *
 * A stale window is read again as a whole, by one request up to its end: one snapshot, in which no row is missing or
 * there twice. A definition carries this code, so that a page without lists does not load it.
 */
import { live, load, publish } from "./entry.js";
import { keep } from "./keep.js";
import { own, text } from "./keys.js";
import type { ContextDefinition, Entry, LiveEntry, Part } from "./types.js";

/** The most rows that one read of a window brings. */
const MAX_WINDOW = 500;

/** What a read of a list brings, and what its entry holds: the items, and the cursor after which the list goes on. */
export interface Page<T> {
  readonly items: readonly T[];
  /** `null` at the end of the list. */
  readonly next: string | null;
}

/** Declares a context that is a list; written by the generator. */
export function defineList<P extends object, D extends object>(
  definition: Omit<ContextDefinition<P, D>, "list">,
): ContextDefinition<P, D> {
  return { ...definition, list: part };
}

/**
 * Loads the next page. A read of the window that is under way or due comes first, and the page starts at its end.
 * Resolves when settled and never rejects: a failure is in the state, and another call tries again.
 * @example await loadMore(mizan.entry(stallOrdersContext, { stall_id: 1 }))
 */
export function loadMore(handle: Entry<any>): Promise<void> {
  return new Promise((resolve) => {
    // Without parameters there is nothing to load.
    const entry = handle.key ? live(handle as LiveEntry) : undefined;
    const held = entry && pageOf(entry);
    if (!entry || (held && held.next === null && !entry.needs)) return resolve();
    entry.more = !!held;
    const unsubscribe = entry.subscribe(() => {
      if (entry.token || entry.more) return;
      unsubscribe();
      resolve();
    });
    const { token } = entry;
    load(entry);
    // It waits, which is shown.
    if (token && token === entry.token) publish(entry);
  });
}

function pageOf({ context, data }: LiveEntry): Page<unknown> | undefined {
  return own(data, context.functions[0] ?? "") as Page<unknown> | undefined;
}

/** What the next read asks for: the window, or where nothing is stale and more is asked for, the page after it. */
function part(entry: LiveEntry, isWindow = !!entry.needs || !entry.more): Part {
  const { context } = entry;
  const member = context.functions[0] ?? "";
  const held = pageOf(entry);
  const end = held?.next ?? undefined;
  const grows = !isWindow && !!end;
  const identity = (item: unknown) => context.key && text(own(item, context.key));
  let next: string | null;
  let isTorn = false;
  return {
    params: grows ? { after: end } : held ? { limit: MAX_WINDOW, until: end } : {},
    take(body) {
      let { items } = own(body, member) as Page<unknown>;
      ({ next } = own(body, member) as Page<unknown>);
      const known = new Map(held?.items.map((item) => [identity(item), item]));
      if (held && grows) {
        // A row that has moved down meanwhile would be here twice; what else has moved is not known.
        const again = new Set(items.map(identity));
        const before = held.items.filter((item) => !identity(item) || !again.has(identity(item)));
        isTorn = before.length < held.items.length;
        items = [...before, ...items];
      } else if (context.key) items = items.map((item) => keep(known.get(identity(item)), item));
      const taken = { [member]: { items, next } };
      if (!context.key) return keep(entry.state.data, taken);
      // By place, rows that have moved would be taken for others.
      const isSame = held && held.next === next && held.items.length === items.length;
      return isSame && items.every((item, at) => item === held.items[at]) ? (entry.data as object) : taken;
    },
    settle(error) {
      // What a call has sent of the window before is not the window any more.
      if (grows) entry.marks++;
      if (error || grows || next === null) entry.more = false;
      // A cursor that the server does not read any more: the list is read from its start.
      const isRefused = error?.status === 422 && !!end;
      if (isTorn || isRefused) entry.needs = true;
      return isRefused;
    },
  };
}

/** From what happened (an answer, a look at the page, a change of session) to the entries it touches. */
import { drop, empty, mark, patch, wake, type Kernel, type LiveEntry } from "./entry.js";
import { covered, type Store } from "./store.js";
import type { Merge, Target } from "./types.js";

type Named = Partial<Merge> & { readonly function?: string };

/**
 * Marks what `targets` cover, or merges into it, then wakes what was touched.
 * Waking comes last: several members of one entry become one read, and a listener sees no half.
 */
export function invalidate(store: Store, targets: readonly (Target | Merge)[], mergeable?: boolean): void {
  const touched = new Set<LiveEntry>();
  for (const target of targets) {
    // A name has none of these properties and is the context itself.
    const { context = target as string, params, function: member, slot } = target as Named;
    for (const entry of covered(store, context, params)) {
      touched.add(entry);
      if (!mergeable || !slot || !patch(entry, target as Merge)) mark(entry, member);
    }
  }
  touched.forEach(wake);
}

/** Marks what has not been read for `interval`, and reads what is mounted of it. What is being read is new enough. */
export function review({ clock, entries }: Kernel, interval: number): void {
  // The clock of a machine may be set back.
  const old = ({ readAt, token }: LiveEntry) => !token && Math.abs(clock.now() - readAt) >= interval;
  const touched = [...entries.values()].filter(old);
  for (const entry of touched) mark(entry);
  touched.forEach(wake);
}

/** Forgets all data and every read under way: what is mounted is read anew, the rest is dropped. */
export function forget({ entries }: Store): void {
  for (const entry of [...entries.values()]) (entry.listeners.length ? empty : drop)(entry);
  [...entries.values()].forEach(wake);
}

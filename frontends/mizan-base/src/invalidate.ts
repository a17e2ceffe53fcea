/** From what an answer names to the entries it touches. */
import { mark, patch, wake, type LiveEntry } from "./entry.js";
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

/** From an event (a response, a return to the page, a change of session) to the entries it touches. */
import { drop, empty, hangs, mark, wake } from "./entry.js";
import type { StaleCause } from "./events.js";
import { covered } from "./store.js";
import type { Kernel, LiveEntry, Merge, Target } from "./types.js";

type Named = Partial<Merge> & { readonly function?: string };

/**
 * Marks the entries that `targets` cover, or merges into them by `patch`, lets `finish` put in what is new, then wakes them.
 * Waking comes last: several members of one entry become one read, and a listener sees no half-applied change.
 */
export function invalidate(
  kernel: Kernel,
  targets: readonly Target[],
  cause: StaleCause = "invalidate",
  call?: string,
  patch?: (entry: LiveEntry, merge: Merge) => boolean,
  finish?: (touched: Set<LiveEntry>) => void,
): void {
  const touched = new Set<LiveEntry>();
  kernel.invalidations++;
  for (const target of targets) {
    // A name has none of these properties and is the context itself.
    const { context = target as string, params, function: member, slot } = target as Named;
    for (const entry of covered(kernel, context, params)) {
      touched.add(entry);
      if (!slot || !patch?.(entry, target as Merge)) mark(entry, cause, member, call);
    }
  }
  finish?.(touched);
  touched.forEach(wake);
}

/** Marks the entries that were not read for `interval`, and reads the mounted ones. A read under way is new enough, unless it hangs. */
export function review({ clock, entries }: Kernel, interval: number): void {
  // The clock of a machine may be set back, hence `abs`.
  const stale = (entry: LiveEntry) =>
    entry.token ? hangs(entry) : Math.abs(clock.now() - entry.readAt) >= interval;
  const touched = [...entries.values()].filter(stale);
  for (const entry of touched) mark(entry, "focus");
  touched.forEach(wake);
}

/** Reads the mounted entries again whose last read failed for want of a network, or hangs. */
export function reconnect({ entries }: Kernel): void {
  for (const entry of [...entries.values()]) if (entry.error?.status === 0 || hangs(entry)) wake(entry);
}

/** Forgets all data and every read under way: mounted entries are read again, the others are dropped. */
export function forget(kernel: Kernel): void {
  const { entries } = kernel;
  // Another user may be calling from here on, and must not see earlier data.
  kernel.changes++;
  for (const entry of [...entries.values()]) (entry.listeners.length ? empty : drop)(entry);
  [...entries.values()].forEach(wake);
}

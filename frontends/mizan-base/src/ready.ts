/** Waits for the data of an entry that no component has mounted yet. */
import type { ContextDefinition, Entry, LiveEntry, Mizan } from "./types.js";

/** How long, in milliseconds, an entry that was waited for stays mounted, so that a component can take it over. */
const HOLD = 1_000;

/**
 * Resolves once the entry holds data, and rejects with the `MizanError` where its read fails. Reads what is missing or stale.
 * Without parameters it resolves at once.
 * @example await ready(mizan.entry(userContext, { user_id: 5 }))
 */
export function ready(entry: Entry<any>): Promise<void> {
  return new Promise((resolve, reject) => {
    const { kernel } = entry as LiveEntry;
    if (!kernel) return resolve();
    let isHeld = false;
    const look = () => {
      const { data, error, isFetching } = entry.snapshot();
      if (data) resolve();
      else if (error) reject(error);
      if (isHeld || isFetching || !(data || error)) return;
      isHeld = true;
      const timer: any = kernel.clock.setTimeout(() => unsubscribe(), HOLD);
      // A timer would keep Node alive.
      timer?.unref?.();
    };
    const unsubscribe = entry.subscribe(look);
    const { error, isFetching } = entry.snapshot();
    // A failure that others show is not final here.
    if (error && !isFetching) void entry.refetch();
    look();
  });
}

/**
 * Reads an entry that a page will show soon, unless its data is there and fresh. A failure is not reported.
 * @example <a onPointerEnter={() => prefetch(mizan, userContext, { user_id: 5 })} href="/users/5">Ann</a>
 */
export function prefetch<P extends object, D extends object>(
  mizan: Mizan,
  context: ContextDefinition<P, D>,
  params: NoInfer<P> | undefined,
): void {
  ready(mizan.entry(context, params)).catch(() => {});
}

/** Data that is there before the first render, of a page that a server has rendered. A page without such data does not load this. */
import { live, publish } from "./entry.js";
import { decoded } from "./error.js";
import { rename } from "./store.js";
import type { ContextDefinition, LiveEntry, Mizan } from "./types.js";

/** How long, in milliseconds, an entry stays mounted, so that a component can take it over. */
const HOLD = 1_000;

/** An entry of the context `C`, as it is handed to {@link hydrate}. */
export interface Hydrated<C> {
  readonly context: C;
  readonly params: C extends ContextDefinition<infer P, any> ? P : never;
  /** The bundle, decoded or as the server sent it. */
  readonly data: C extends ContextDefinition<any, infer D> ? D : never;
}

/**
 * Puts data into entries that hold none and are not being read: what mounts them shows it at once, and sends no request.
 * An entry whose data cannot be decoded is read. On a server, make an instance for each request.
 * @example hydrate(mizan, [{ context: userContext, params: { user_id: 5 }, data: window.__USER__ }])
 */
export function hydrate<C extends readonly ContextDefinition<any, any>[]>(
  mizan: Mizan,
  entries: { readonly [K in keyof C]: Hydrated<C[K]> },
): void {
  for (const { context, params, data } of entries as readonly Hydrated<ContextDefinition<any, any>>[]) {
    const entry = live(mizan.entry(context, params) as unknown as LiveEntry);
    if (entry.data || entry.token) continue;
    try {
      entry.data = decoded(context, data);
    } catch {
      continue;
    }
    const { clock } = entry.kernel;
    // Only a read brings the texts of the parameters as the server reads them. Until then every target covers.
    rename(entry.kernel, entry, []);
    entry.needs = entry.error = undefined;
    entry.readAt = clock.now();
    publish(entry);
    const unsubscribe = entry.subscribe(() => {});
    // On a server the entry lives as long as its instance, without a timer that outlives the request.
    if (typeof document !== "undefined") clock.setTimeout(unsubscribe, HOLD);
  }
}

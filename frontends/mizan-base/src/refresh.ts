/** What the page holds travels with a call, and its response brings new values of what the call made stale. */
import { decoded } from "./error.js";
import { show, stop } from "./entry.js";
import { keep } from "./keep.js";
import { json, own } from "./keys.js";
import { rename } from "./store.js";
import type { Kernel, LiveEntry } from "./types.js";

/** The bounds of the server; it ignores a longer list. */
const MAX_ENTRIES = 64;
const MAX_BYTES = 8192;

/** What the page held when a call was sent. */
export interface Held {
  /** The JSON of the call, with what the page holds. */
  readonly request: string;
  /**
   * Takes the values of the response for entries that nothing else has made stale since. What it returns puts them in,
   * once the response is applied to all entries, and adds them to those that it touched.
   */
  take(refresh: unknown): (touched: Set<LiveEntry>) => void;
}

/** Adds the mounted entries to a call: first those of contexts that it `affects`, then others, the newest first. */
export function hold({ entries }: Kernel, call: object, affects: readonly string[] = []): Held {
  const names = affects.map((text) => text.split(".")[0]);
  const mounted = [...entries.values()].filter(({ listeners }) => listeners.length).reverse();
  const isNamed = ({ context }: LiveEntry) => names.includes(context.name);
  let room = MAX_BYTES - 2;
  const held: { entry: LiveEntry; marks: number; text: string }[] = [];
  for (const entry of [...mounted.filter(isNamed), ...mounted.filter((entry) => !isNamed(entry))]) {
    const { context, marks } = entry;
    const params = { ...entry.params, ...context.list?.(entry, true).params };
    const text = json({ context: context.name, params });
    room -= new TextEncoder().encode(text).length + 1;
    if (room < 0 || held.length === MAX_ENTRIES) break;
    held.push({ entry, marks, text });
  }
  const list = held.map(({ text }) => text).join();
  return {
    request: list ? `${json(call).slice(0, -1)},"mounted":[${list}]}` : json(call),
    take(refresh) {
      const fresh = new Map<LiveEntry, object>();
      for (const value of Array.isArray(refresh) ? refresh : []) {
        const at = own(value, "at");
        const data = own(value, "data");
        const { entry, marks } = (typeof at === "number" && held[at]) || {};
        if (!entry || Object(data) !== data || entry.marks !== marks || entries.get(entry.key) !== entry)
          continue;
        try {
          const body = decoded(entry.context, data);
          fresh.set(entry, entry.context.list?.(entry, true).take(body) ?? body);
        } catch {
          // What cannot be decoded is read.
        }
      }
      return (touched) => {
        fresh.forEach((data, entry) => {
          touched.add(entry);
          settle(entry, data);
        });
        // A listener may look at other entries than its own.
        touched.forEach(show);
      };
    },
  };
}

/** Takes what the response of a call brought for what a read would bring. */
function settle(entry: LiveEntry, data: object): void {
  const { kernel } = entry;
  stop(entry);
  // Only a read brings the texts of the parameters as the server reads them.
  if (!entry.data) rename(kernel, entry, []);
  entry.readAt = kernel.clock.now();
  entry.needs = entry.error = undefined;
  entry.data = keep(entry.state.data, data);
  kernel.emit?.({ type: "refreshed", member: undefined }, entry);
}

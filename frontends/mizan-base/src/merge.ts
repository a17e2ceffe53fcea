/** Merges: the value in the response of a call takes the place of a member. */
import { replaced } from "./entry.js";
import { isSet, own, text } from "./keys.js";
import type { LiveEntry, Merge } from "./types.js";

/**
 * Puts the value of a merge into data that is not stale.
 * False where the entry's parameters are not exactly those of the merge (the server's default for an
 * absent one is not known here), or where the new data cannot be computed.
 */
export function patch(entry: LiveEntry, { slot, params, value, mode, key = "" }: Merge): boolean {
  const { context, data, needs, texts } = entry;
  const held = own(data, slot);
  let next = value;
  if (mode === "upsert") {
    const identity = text(own(value, key));
    if (!Array.isArray(held) || !identity) return false;
    const position = held.findIndex((element) => text(own(element, key)) === identity);
    next = held.toSpliced(position < 0 ? held.length : position, 1, value);
  }
  const equal = (name: string, at: number) =>
    at in texts && text(own(params, name), isSet(context, name)) === texts[at];
  // A window of a list is not the page that a call returns.
  if (context.list || needs || held === undefined || !context.params.every(equal)) return false;
  try {
    entry.data = replaced(entry, slot, next);
    entry.kernel.emit?.({ type: "refreshed", member: slot }, entry);
    return true;
  } catch {
    // The call succeeded, even if its value cannot be decoded.
    return false;
  }
}

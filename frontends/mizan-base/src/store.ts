/**
 * The entries that are alive, by key, and by the parameter values that an invalidation names,
 * so that it touches what it covers and does not scan.
 */
import { fits } from "./covering.js";
import { isSet, text } from "./keys.js";
import type { LiveEntry, Store, Texts } from "./types.js";

/** Adds an entry. */
export function add(store: Store, entry: LiveEntry): void {
  const { entries } = store;
  if (!entries.size) store.holds?.(true);
  entries.set(entry.key, entry);
  list(store, entry);
}

/** Removes an entry. */
export function remove(store: Store, entry: LiveEntry): void {
  const { entries } = store;
  entries.delete(entry.key);
  unlist(store, entry);
  if (!entries.size) store.holds?.(false);
}

/** Finds an entry by other texts from here on. Returns whether they differ from those before. */
export function rename(store: Store, entry: LiveEntry, texts: Texts): boolean {
  const { length } = entry.texts;
  if (texts === entry.texts || (`${texts}` === `${entry.texts}` && texts.length === length)) return false;
  const isHeld = store.entries.get(entry.key) === entry;
  if (isHeld) unlist(store, entry);
  entry.texts = texts;
  if (isHeld) list(store, entry);
  return true;
}

function list({ index }: Store, entry: LiveEntry): void {
  for (const slot of slotsOf(entry)) {
    const list = index.get(slot);
    if (list) list.push(entry);
    else index.set(slot, [entry]);
  }
}

function unlist({ index }: Store, entry: LiveEntry): void {
  for (const slot of slotsOf(entry)) {
    // biome-ignore lint/style/noNonNullAssertion: `list` has put it there
    const list = index.get(slot)!;
    list.splice(list.indexOf(entry), 1);
    if (!list.length) index.delete(slot);
  }
}

/** The entries of `context` whose parameters each equal those of `params` as text, or are absent. */
export function covered({ index }: Store, context: string, params: object = {}): LiveEntry[] {
  const find = (name?: string, fit?: string) => index.get(slotOf(context, name, fit)) ?? [];
  const all = find();
  const [any] = all;
  const constraints = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, text(value, any && isSet(any.context, name))] as const],
  );
  const [fewest = all] = constraints
    // A name that is not a parameter of the context is absent in all entries.
    .filter(([name]) => any?.context.params.includes(name))
    .map(([name, fit]) => [...find(name, fit), ...find(name)])
    .sort((one, other) => one.length - other.length);
  return fewest.filter(({ context, texts }) =>
    fits(constraints, (name) => texts[context.params.indexOf(name)]),
  );
}

function slotsOf({ context: { name, params }, texts }: LiveEntry): string[] {
  return [slotOf(name), ...params.map((param, position) => slotOf(name, param, texts[position]))];
}

/** An empty text looks like an absent one; {@link covered} checks again, with the texts. */
function slotOf(context: string, name?: string, fit?: string): string {
  return [context, name, fit].join("\n");
}

/** The table of entries. Rows stay the same elements, so that the focus stays where it is. */
import type { Mizan } from "@mizan/base";
import { inspect, type InspectedEntry } from "@mizan/base/inspect";
import { h, write } from "./dom.js";
import { type Log, short } from "./record.js";

/** Draws the entries of an instance into a table. */
export function entriesTable(mizan: Mizan, log: Log) {
  const rows = new Map<string, ReturnType<typeof row>>();
  const body = h("tbody");
  const head = ["Entry", "State", "Age", "Shown", "Why", "Actions"].map((name) =>
    h("th", { scope: "col" }, name),
  );
  const nothing = h("p", { class: "nothing" }, "No entry is held.");
  const table = h("table", {}, h("caption", {}, "Entries"), h("thead", {}, h("tr", {}, ...head)), body);

  return {
    table,
    nothing,
    draw(entries: readonly InspectedEntry[]): void {
      nothing.hidden = entries.length > 0;
      const held = new Set(entries.map(({ key }) => key));
      for (const [key, { line }] of rows) {
        if (held.has(key)) continue;
        line.remove();
        rows.delete(key);
      }
      for (const entry of entries) {
        let known = rows.get(entry.key);
        if (!known) {
          known = row(mizan, entry.key);
          rows.set(entry.key, known);
          body.append(known.line);
        }
        known.draw(entry, log);
      }
    },
  };
}

function row(mizan: Mizan, key: string) {
  const find = () => inspect(mizan).find((entry) => entry.key === key);
  const name = short(key);
  const [state, age, shown, why] = [
    h("td"),
    h("td", { class: "number" }),
    h("td", { class: "number" }),
    h("td"),
  ];
  const action = (text: string, label: string, click: () => void) =>
    h("button", { type: "button", "aria-label": `${label} ${name}`, click }, text);
  const line = h(
    "tr",
    {},
    h("th", { scope: "row" }, name),
    state,
    age,
    shown,
    why,
    h(
      "td",
      { class: "actions" },
      action("Stale", "Mark as stale:", () => find()?.invalidate()),
      action("Refetch", "Refetch:", () => void find()?.refetch()),
    ),
  );
  return {
    line,
    draw(entry: InspectedEntry, log: Log): void {
      const now = stateOf(entry);
      line.dataset.state = now.split(" ")[0];
      write(state, now);
      write(age, entry.age === undefined ? "–" : `${Math.round(entry.age / 1000)} s`);
      write(shown, `${entry.subscribers}`);
      write(why, entry.state.isStale || entry.state.error ? (log.why(key) ?? "") : "");
    },
  };
}

/** The state of an entry in a word. */
export function stateOf({ state }: InspectedEntry): string {
  if (state.error) return `failed ${state.error.code}`;
  if (state.isStale) return state.isFetching ? "stale, reading" : "stale";
  if (state.isFetching) return "reading";
  return state.status === "success" ? "fresh" : "empty";
}

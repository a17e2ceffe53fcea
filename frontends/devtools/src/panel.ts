/** The panel in its shadow root: a button that opens it, the network, the entries and the timeline. */
import type { Mizan } from "@mizan/base";
import { inspect } from "@mizan/base/inspect";
import { h, write } from "./dom.js";
import { entriesTable, stateOf } from "./entries.js";
import { SLOW, type Network, type Weather } from "./network.js";
import type { Log } from "./record.js";
import { STYLE } from "./style.js";

/** What the panel shows and drives. */
export interface PanelOptions {
  readonly mizan: Mizan;
  readonly network: Network;
  readonly log: Log;
  readonly isOpen: boolean;
}

const WEATHERS: Record<Weather, string> = {
  normal: "as it is",
  slow: `slow (${SLOW / 1000} s)`,
  offline: "offline",
  failing: "failing (500)",
};

/** Fills a shadow root. Returns what ends it. */
export function panel(root: ShadowRoot, { mizan, network, log, isOpen }: PanelOptions): () => void {
  const count = h("span", { class: "count" });
  const toggle = h(
    "button",
    { type: "button", class: "toggle", "aria-controls": "panel", click: () => open(true) },
    "Mizan",
    count,
  );
  const weather = h(
    "select",
    {},
    ...Object.entries(WEATHERS).map(([value, text]) => h("option", { value }, text)),
  );
  const button = (text: string, click: () => void) => h("button", { type: "button", click }, text);
  const { table, nothing, draw } = entriesTable(mizan, log);
  const timeline = h("ol");
  const scrolls = (name: string, ...children: Node[]) =>
    h("div", { role: "region", "aria-label": name, tabindex: "0", class: "scrolls" }, ...children);
  const section = h(
    "section",
    { id: "panel", "aria-label": "Mizan devtools" },
    h(
      "header",
      {},
      h("h2", {}, "Mizan"),
      h("label", {}, "Network ", weather),
      button("Mark all as stale", () => {
        for (const entry of inspect(mizan)) entry.invalidate();
      }),
      button("Clear timeline", () => log.clear()),
      button("Close", () => open(false)),
    ),
    h(
      "div",
      { class: "columns" },
      scrolls("Entries", table, nothing),
      scrolls("Timeline", h("h3", {}, "Timeline"), timeline),
    ),
  );
  weather.addEventListener("change", () => setWeather(weather.value as Weather));
  section.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open(false);
  });

  function open(isOpen: boolean): void {
    section.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", `${isOpen}`);
    clearInterval(ages);
    if (isOpen) {
      ages = setInterval(render, 1_000);
      render();
      if (section.isConnected) weather.focus();
    } else if (section.isConnected) toggle.focus();
  }

  function setWeather(value: Weather): void {
    network.weather = value;
    toggle.dataset.weather = value;
    render();
  }

  let waiting: ReturnType<typeof setTimeout> | undefined;
  let ages: ReturnType<typeof setInterval> | undefined;
  let newest = 0;

  function render(): void {
    clearTimeout(waiting);
    waiting = undefined;
    const entries = inspect(mizan);
    const stale = entries.filter((entry) => /^(stale|failed)/.test(stateOf(entry))).length;
    const worse = network.weather === "normal" ? "" : `, ${network.weather}`;
    write(count, `${entries.length} held, ${stale} stale${worse}`);
    if (section.hidden) return;
    draw(entries);
    // The newest row is the first one, so that nothing needs to scroll.
    for (const { number, at, kind, text } of log.rows) {
      if (number <= newest) continue;
      newest = number;
      const time = new Date(at).toLocaleTimeString([], { hour12: false });
      const line = h("li", { "data-kind": kind }, h("time", {}, time), h("b", {}, kind), h("span", {}, text));
      timeline.prepend(line);
    }
    while (timeline.children.length > log.rows.length) timeline.lastElementChild?.remove();
  }

  log.onRow = () => {
    // After the state that the event announces, and once for many.
    waiting ??= setTimeout(render, 30);
  };
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  root.append(section, toggle);
  open(isOpen);
  render();
  return () => {
    log.onRow = () => {};
    clearTimeout(waiting);
    clearInterval(ages);
  };
}

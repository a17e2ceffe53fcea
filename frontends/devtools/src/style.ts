/** How the panel looks: its own colours by day and by night, whatever the page says. */
export const STYLE = `
:host {
  all: initial;
  color-scheme: light dark;
  position: fixed;
  inset: auto 0 0 0;
  z-index: 2147483000;
  pointer-events: none;
  font: 13px/1.45 system-ui, sans-serif;
  --ink: light-dark(#17211c, #edf1ee);
  --soft: light-dark(#4b5751, #a9b6af);
  --paper: light-dark(#ffffff, #141a17);
  --line: light-dark(#cfd6d2, #37423c);
  --raised: light-dark(#eef2f0, #222b26);
  --mark: light-dark(#0b5c3e, #6fd6a8);
  --alarm: light-dark(#96230f, #ff9d87);
  color: var(--ink);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
section, .toggle { pointer-events: auto; }
button, select { font: inherit; color: var(--ink); background: var(--raised); border: 1px solid var(--line);
  border-radius: 4px; padding: 2px 8px; min-height: 26px; cursor: pointer; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 1px; }
.toggle { position: absolute; right: 8px; bottom: 8px; font-weight: 600; box-shadow: 0 1px 4px #0006; }
section:not([hidden]) + .toggle { display: none; }
.count { margin-left: 8px; font-weight: 400; color: var(--soft); }
.toggle[data-weather]:not([data-weather="normal"]) .count { color: var(--alarm); }
section { background: var(--paper); border-top: 2px solid var(--mark); height: min(44vh, 26rem); display: flex; flex-direction: column; }
header { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; padding: 6px 10px; border-bottom: 1px solid var(--line); }
header button:last-child { margin-left: auto; }
h2, h3 { font-size: 13px; margin: 0; }
h3, caption { font-weight: 600; text-align: left; padding: 6px 10px; }
.columns { flex: 1; min-height: 0; display: grid; grid-template-columns: 3fr 2fr; }
.scrolls { overflow: auto; min-width: 0; min-height: 0; }
.scrolls + .scrolls { border-left: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; font-weight: 400; padding: 2px 10px; border-top: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); }
tbody th, li span { overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: 12px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.actions { white-space: nowrap; }
.actions button { min-height: 24px; padding: 0 6px; margin-right: 4px; }
tr[data-state^="stale"] td:nth-child(2), tr[data-state="failed"] td:nth-child(2) { color: var(--alarm); font-weight: 600; }
tr[data-state="fresh"] td:nth-child(2) { color: var(--mark); }
ol { list-style: none; margin: 0; padding: 0; }
li { display: flex; gap: 8px; padding: 2px 10px; border-top: 1px solid var(--line); }
time { color: var(--soft); font-variant-numeric: tabular-nums; }
b { flex: 0 0 5.5em; font-weight: 600; }
li[data-kind="call"] b { color: var(--mark); }
li[data-kind="stale"] b, li[data-kind="retry"] b { color: var(--alarm); }
.nothing { margin: 0; padding: 4px 10px; color: var(--soft); }
@media (max-width: 760px) {
  section { height: 70vh; }
  .columns { grid-template-columns: 1fr; grid-template-rows: 1fr 1fr; }
  .scrolls + .scrolls { border-left: 0; border-top: 2px solid var(--line); }
  tbody th { min-width: 11em; }
  thead th:nth-child(4), td:nth-child(4) { display: none; }
}
@media (prefers-reduced-motion: no-preference) { button { transition: background 120ms; } }
button:hover { background: var(--line); }
`;

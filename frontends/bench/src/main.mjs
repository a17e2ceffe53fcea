// Prints what components cost over Mizan, TanStack Query and nanostores: mount 1,000, change one, change all. Asserts no time.
//
// The page is that of happy-dom, so that a row is the work of the libraries and of the framework, and not of a browser's layout.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { Window } from "happy-dom";
import { runes } from "./runes.mjs";

const COUNT = 1_000;
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const FRAMEWORKS = (process.env.FRAMEWORKS ?? "react vue svelte").split(" ");
const LIBRARIES = ["mizan", "tanstack", "nanostores"];
const GLOBALS =
  "document navigator Node Element Text Comment DocumentFragment SVGElement HTMLElement Event MutationObserver";

const folder = mkdtempSync(join(tmpdir(), "mizan-bench-"));
const window = new Window();
globalThis.window = window;
// Some versions of Node have a `navigator` of their own, which cannot be assigned.
for (const name of GLOBALS.split(" "))
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });

/** The rows of a framework, bundled as for production. */
async function load(framework) {
  const outfile = join(folder, `${framework}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`${framework}.js`, import.meta.url))],
    outfile,
    plugins: [runes],
    bundle: true,
    format: "esm",
    conditions: ["svelte", "browser", "production"],
    define: {
      "process.env.NODE_ENV": '"production"',
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    logLevel: "error",
  });
  return import(pathToFileURL(outfile).href);
}

const ids = Array.from({ length: COUNT }, (_, id) => id);
const next = () => new Promise((resolve) => setImmediate(resolve));

/** Milliseconds until every row shows its number. */
async function milliseconds(target, work, wanted) {
  const isShown = () => {
    const rows = target.getElementsByTagName("output");
    // The last row first: most looks end there.
    return (
      rows.length === COUNT && [COUNT - 1, ...ids].every((id) => rows[id].textContent === `${wanted(id)}`)
    );
  };
  const start = performance.now();
  work();
  for (let turns = 0; !isShown(); turns++) {
    if (turns > 100_000) throw new Error("the rows do not show what they should");
    await next();
  }
  return performance.now() - start;
}

async function round(open) {
  const { show, one, all } = open(COUNT);
  const target = document.createElement("main");
  document.body.append(target);
  let unmount;
  const mount = await milliseconds(
    target,
    () => (unmount = show(target, ids)),
    () => 0,
  );
  const last = COUNT - 1;
  const single = await milliseconds(
    target,
    () => one(last),
    (id) => (id === last ? 1 : 0),
  );
  const every = await milliseconds(target, all, (id) => (id === last ? 2 : 1));
  unmount();
  target.remove();
  await next();
  return { mount, single, every };
}

const median = (results, name) =>
  results
    .map((one) => one[name])
    .sort((a, b) => a - b)
    [ROUNDS >> 1].toFixed(2);

const rows = [];
for (const framework of FRAMEWORKS) {
  const subjects = await load(framework);
  const results = Object.fromEntries(LIBRARIES.map((library) => [library, []]));
  // In turn, so that what else the machine does meets all of them.
  for (let count = 0; count < ROUNDS + 1; count++)
    for (const library of LIBRARIES) {
      const result = await round(subjects[library]);
      // The first round warms up.
      if (count) results[library].push(result);
    }
  for (const library of LIBRARIES)
    rows.push({
      framework,
      library,
      "mount 1,000 (ms)": median(results[library], "mount"),
      "change one (ms)": median(results[library], "single"),
      "change all (ms)": median(results[library], "every"),
    });
}
rmSync(folder, { recursive: true });
console.table(rows);
process.exit();

// Prints the 10,000-entries rows of design section 14. Asserts nothing; run on a quiet machine.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ENTRIES = 10_000;
const ROUNDS = Number(process.env.ROUNDS ?? 25);

const bundle = await build({
  entryPoints: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  write: false,
});
const { createMizan, defineContext } = await import(
  `data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString("base64")}`
);
const user = defineContext({ name: "user", params: ["user_id"], functions: ["user_profile"] });
const settled = () => new Promise((resolve) => setTimeout(resolve));

const DATA = '{"user_profile":1}';
/** By the number of its entries, the lines of a batch. */
const lines = Array.from({ length: 65 }, (_, length) => {
  const data = Array.from({ length }, (_, e) => `{"e":${e},"data":${DATA}}\n`);
  return `${data.join("")}{"end":${length}}\n`;
});
const answering = {
  send: ({ url }) =>
    Promise.resolve({ status: 200, body: url.includes("/ctx/?") ? lines[url.split("e=").length - 1] : DATA }),
};
const silent = { send: () => new Promise(() => {}) };

const ignore = () => {};

function mount(mizan) {
  const unsubscribers = [];
  for (let id = 0; id < ENTRIES; id++)
    unsubscribers.push(mizan.entry(user, { user_id: id }).subscribe(ignore));
  return unsubscribers;
}

/** Until the requests are sent, at the end of the tick. */
async function milliseconds(work) {
  const start = performance.now();
  work();
  await undefined;
  return performance.now() - start;
}

// `gcTime: Infinity`: no timer keeps an instance alive after its round.
async function time(transport) {
  const mizan = createMizan({ transport, gcTime: Infinity });
  let unsubscribers = [];
  const mounting = await milliseconds(() => (unsubscribers = mount(mizan)));
  await settled();
  const one = await milliseconds(() => {
    for (let id = 0; id < 1000; id++) mizan.invalidate([{ context: "user", params: { user_id: id } }]);
  });
  await settled();
  const all = await milliseconds(() => mizan.invalidate(["user"]));
  await settled();
  for (const unsubscribe of unsubscribers) unsubscribe();
  return { mounting, one, all };
}

async function heap() {
  const collected = async () => {
    for (let pass = 0; pass < 3; pass++) {
      await settled();
      globalThis.gc?.();
    }
    return process.memoryUsage().heapUsed;
  };
  const before = await collected();
  const mizan = createMizan({ transport: answering, gcTime: Infinity });
  const unsubscribers = mount(mizan);
  const bytes = ((await collected()) - before) / ENTRIES;
  mizan.invalidate([]);
  for (const unsubscribe of unsubscribers) unsubscribe();
  return bytes / 1024;
}

async function median(work) {
  const results = [];
  for (let count = 0; count < ROUNDS; count++) results.push(await work());
  return (name) => results.map((result) => (name ? result[name] : result)).sort((a, b) => a - b)[ROUNDS >> 1];
}

const kilobytes = (await median(heap))();
const unanswered = await median(() => time(silent));
const answered = await median(() => time(answering));
const row = (what, unit, target, name) => ({
  what,
  "server silent": `${unanswered(name).toFixed(1)} ${unit}`,
  "server answers at once": `${answered(name).toFixed(1)} ${unit}`,
  target: `${target} ${unit}`,
});
console.table([
  row("mount 10,000, each asking the server", "ms", 60, "mounting"),
  row("invalidate one of 10,000, asking again", "µs", 12, "one"),
  row("invalidate all 10,000, asking again", "ms", 12, "all"),
]);
console.log(`heap of each, mounted, with data: ${kilobytes.toFixed(2)} kB (target 0.85 kB)`);
process.exit();

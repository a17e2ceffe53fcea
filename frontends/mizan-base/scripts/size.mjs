// Prints what an import costs, minified and gzipped, next to its target, and fails above its limit.
// A limit above the target is a target not reached yet. It goes up only for what every page needs.
//
// The limits are what is measured since the kernel recovers from failures, reads in batches whose lines it applies as they
// arrive, knows parameters in the server's form and can report events, rounded up. A page that only reads loads neither calls, merges, refresh and
// the CSRF token (1.3 kB) nor previous data and the listeners of events (0.3 kB). Minified, its 12.2 kB are: entries 2.9, batches 2.1,
// requests with retries, time limits and streams 1.6, texts of parameters 1.2, the index of the store 1.0, the instance 0.8, invalidation
// 0.6, tabs and the page 0.9, errors 0.4, identity 0.4.
// Calls that are sent again with a key are 0.2 kB where one is used, and 0.03 kB of every page with calls.
// Lists are 0.6 kB where they are used; that an entry may be one costs every page 0.14 kB.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { compileModule } from "svelte/compiler";

const CASES = [
  {
    name: "base: a page that only reads",
    target: 2560,
    limit: 5520,
    from: "@mizan/base",
    names: "createMizan, defineContext",
  },
  {
    name: "base: a page that reads and calls, with refresh",
    target: 3584,
    limit: 7120,
    from: "@mizan/base",
    names: "createMizan, defineContext, defineCall",
  },
  {
    name: "base: a page with a list",
    target: 3072,
    limit: 5950,
    from: "@mizan/base",
    names: "createMizan, defineList, loadMore",
  },
  { name: "base: everything", target: 5120, limit: 8720, from: "@mizan/base", names: "*" },
  {
    name: "base: what adapters share, without the kernel",
    target: 640,
    limit: 640,
    from: "./src/adapter.ts",
    names: "*",
  },
  {
    name: "react: all but lists and prefetch, without the kernel and React",
    target: 1024,
    limit: 1024,
    from: "@mizan/react",
    names: "MizanProvider, useCall, useContextEntry, useMember, useMizan",
    external: ["react", "@mizan/base"],
  },
  {
    name: "react: everything",
    target: 1024,
    limit: 1420,
    from: "@mizan/react",
    names: "*",
    external: ["react", "@mizan/base"],
  },
  { name: "htmx: the extension, without htmx", target: 1024, limit: 1024, from: "@mizan/htmx", names: "*" },
  {
    name: "vue: all but lists and prefetch, without the kernel and Vue",
    target: 1024,
    limit: 1024,
    from: "@mizan/vue",
    names: "MizanPlugin, MizanProvider, useCall, useContextEntry, useMember, useMizan",
    external: ["vue", "@mizan/base"],
  },
  {
    name: "vue: everything",
    target: 1024,
    limit: 1200,
    from: "@mizan/vue",
    names: "*",
    external: ["vue", "@mizan/base"],
  },
  {
    name: "svelte: all but lists and prefetch, without the kernel and Svelte",
    target: 1024,
    limit: 1024,
    from: "@mizan/svelte",
    names: "provideMizan, useCall, useContextEntry, useMember, useMizan",
    external: ["svelte", "@mizan/base"],
  },
  {
    name: "svelte: everything",
    target: 1024,
    limit: 1200,
    from: "@mizan/svelte",
    names: "*",
    external: ["svelte", "@mizan/base"],
  },
];

const FRAMEWORKS = ["react", "react-dom/client", "vue", "svelte"];
const ADAPTERS = ["@mizan/base", "@mizan/react", "@mizan/vue", "@mizan/svelte"];
for (const framework of ["react", "vue", "svelte"])
  CASES.push({
    name: `ssr: mountPage of ${framework}, without the framework, its adapter and the kernel`,
    target: 1024,
    limit: 1024,
    from: `../../workers/mizan-ssr/worker/src/page/${framework}.ts`,
    names: "mountPage",
    external: [...FRAMEWORKS, ...ADAPTERS],
  });

/** Modules with runes, as an application compiles them. */
const runes = {
  name: "runes",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte\.ts$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "ts", target: "es2022" });
      const { js } = compileModule(code, { filename: path, generate: "client" });
      return { contents: js.code, loader: "js" };
    }),
};

async function measure({ from, names, external = [], plugins = [] }) {
  const result = await build({
    stdin: {
      contents: names === "*" ? `export * from "${from}"` : `export { ${names} } from "${from}"`,
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
    },
    plugins: [runes, ...plugins],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    write: false,
    external,
  });
  const code = result.outputFiles[0].contents;
  return { minified: code.length, gzipped: gzipSync(code, { level: 9 }).length };
}

const rows = await Promise.all(
  CASES.map(async (one) => ({
    name: one.name,
    ...(await measure(one)),
    target: one.target,
    limit: one.limit,
  })),
);

// What the definitions of Souk's calls name as affected, a call on average.
const calls = fileURLToPath(new URL("../../../examples/souk/client/src/mizan/calls.ts", import.meta.url));
const AFFECTS = /,\s*affects: \[[^\]]*\]/g;
const without = {
  name: "without",
  setup: ({ onLoad }) =>
    onLoad({ filter: /calls\.ts$/ }, () => ({
      contents: readFileSync(calls, "utf8").replace(AFFECTS, ""),
      loader: "ts",
    })),
};
const souk = { from: calls, names: "*", external: ["@mizan/base"] };
const [full, bare] = await Promise.all([measure(souk), measure({ ...souk, plugins: [without] })]);
const count = readFileSync(calls, "utf8").match(AFFECTS).length;
const perCall = (what) => Math.round(((full[what] - bare[what]) / count) * 10) / 10;
rows.push({
  name: "souk: what a call affects, a call on average",
  minified: perCall("minified"),
  gzipped: perCall("gzipped"),
  target: 12,
  limit: 12,
});
console.table(rows);
if (rows.some((row) => row.gzipped > row.limit)) {
  console.error("above a limit");
  process.exitCode = 1;
}

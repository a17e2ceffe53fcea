// Prints what an import costs, minified and gzipped, next to its target, and fails above its limit.
// A limit above the target is a target not reached yet. It goes up only for what every page needs.
//
// The limits are what is measured since the kernel recovers from failures (lost responses by call, time limits, aborts, the
// network that is back, unknown parameters, failures that no one shows) and calls bring new values, rounded up. A page that only reads loads neither
// calls, merges and the CSRF token (1 kB) nor previous data. Minified, its 7.5 kB are: entries 2.2, requests 1.1, the index of
// the store 0.8, the instance 0.8, texts of parameters 0.7, invalidation 0.5, tabs and events 0.5, errors 0.4, identity 0.4.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const CASES = [
  {
    name: "base: a page that only reads",
    target: 2560,
    limit: 4950,
    from: "@mizan/base",
    names: "createMizan, defineContext",
  },
  {
    name: "base: a page that reads and calls",
    target: 3584,
    limit: 6250,
    from: "@mizan/base",
    names: "createMizan, defineContext, defineCall",
  },
  { name: "base: everything", target: 5120, limit: 6400, from: "@mizan/base", names: "*" },
  {
    name: "react: everything, without the kernel and React",
    target: 1024,
    // Unknown parameters, previous data, and failures that overlap or outlive their component: 0.28 kB.
    limit: 1200,
    from: "@mizan/react",
    names: "*",
    external: ["react", "@mizan/base"],
  },
];

async function measure({ from, names, external = [], plugins = [] }) {
  const result = await build({
    stdin: {
      contents: names === "*" ? `export * from "${from}"` : `export { ${names} } from "${from}"`,
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
    },
    plugins,
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

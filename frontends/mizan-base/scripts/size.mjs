// Prints what an import costs, minified and gzipped, next to its target, and fails above its limit.
// A limit above the target is a target not reached yet. It goes up only for what every page needs.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const CASES = [
  {
    name: "base: a page that reads and calls",
    target: 2048,
    limit: 3700,
    from: "@mizan/base",
    names: "createMizan, defineContext, defineCall",
  },
  { name: "base: everything", target: 4096, limit: 4096, from: "@mizan/base", names: "*" },
  {
    name: "react: everything, without the kernel and React",
    target: 1024,
    limit: 1024,
    from: "@mizan/react",
    names: "*",
    external: ["react", "@mizan/base"],
  },
];

async function measure({ from, names, external = [] }) {
  const result = await build({
    stdin: {
      contents: names === "*" ? `export * from "${from}"` : `export { ${names} } from "${from}"`,
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
    },
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
console.table(rows);
if (rows.some((row) => row.gzipped > row.limit)) {
  console.error("above a limit");
  process.exitCode = 1;
}

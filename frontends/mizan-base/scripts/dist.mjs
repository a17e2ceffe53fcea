// Completes `dist` after `tsc`: a manifest that points to the build, and the README. `npm publish ./dist` publishes it.
// The manifest of the workspace points to the source, and is private so that it is not published by accident.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const folder = resolve(process.argv[2] ?? ".");
const manifest = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
delete manifest.scripts;
delete manifest.private;

/** Where the build of a source is, by condition. A package for Svelte names the condition of Svelte too. */
function built(source) {
  const path = source.replace("./src/", "./").replace(/\.ts$/, "");
  const code = `${path}.js`;
  return { types: `${path}.d.ts`, ...(manifest.svelte && { svelte: code }), default: code };
}

manifest.exports = Object.fromEntries(
  Object.entries(manifest.exports).map(([name, source]) => [name, built(source)]),
);
if (Array.isArray(manifest.sideEffects))
  manifest.sideEffects = manifest.sideEffects.map((source) => built(source).default);
if (manifest.svelte) manifest.svelte = "./index.js";
writeFileSync(`${folder}/dist/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(`${folder}/README.md`, `${folder}/dist/README.md`);

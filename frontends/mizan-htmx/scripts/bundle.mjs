// Writes `dist/index.js` with the covering rule inside, so that the package has no dependency and a page can load it as one file.
import { build } from "esbuild";

await build({
  entryPoints: ["src/index.ts"],
  outfile: "dist/index.js",
  bundle: true,
  format: "esm",
  target: "es2022",
});

/** Compiles components and modules with runes for esbuild, as an application's bundler does. */
import { readFile } from "node:fs/promises";
import { transform } from "esbuild";
import { compile, compileModule } from "svelte/compiler";

const OPTIONS = { generate: "client", dev: false };

export const runes = {
  name: "runes",
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, "utf8"), { ...OPTIONS, filename: path });
      return { contents: js.code, loader: "js" };
    });
    onLoad({ filter: /\.svelte\.(js|ts)$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "ts", target: "es2022" });
      const { js } = compileModule(code, { ...OPTIONS, filename: path });
      return { contents: js.code, loader: "js" };
    });
  },
};

import { readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import react from "@vitejs/plugin-react";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

// While developing, the page comes from Vite and the protocol is passed on: to `cargo xtask dev souk`, which
// says where it serves and touches a file when a new server does, or to `cargo run -p souk`.
const api = process.env.MIZAN_DEV_API ?? "http://127.0.0.1:8080";
const touched = process.env.MIZAN_DEV_RELOAD;

const reloadWithServer: Plugin = {
  name: "reload-with-server",
  configureServer({ watcher, ws }) {
    if (!touched) return;
    watcher.add(touched);
    watcher.on("change", (path) => path === touched && ws.send({ type: "full-reload" }));
  },
};

// The classic pages load this name, without a hash; `npm run build` makes the file.
const classicScript: Plugin = {
  name: "classic-script",
  configureServer({ middlewares }) {
    middlewares.use((request, _, next) => {
      if (request.url === "/enhance.js") request.url = "/src/enhance.ts";
      next();
    });
  },
};

// In development, and in the demo. What a production build does not have is not loaded, and not in its files either.
const hasDevtools = (command: string) => command === "serve" || process.env.MIZAN_DEVTOOLS === "1";

// The template around the pages of the server lies next to the worker: the server reads both, and sends neither.
const shell: Plugin = {
  name: "shell",
  applyToEnvironment: ({ name }) => name === "ssr",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "shell.html", source: readFileSync("shell.html") });
  },
};

const out = process.env.SOUK_CLIENT_OUT ?? "dist";

// `vite build` builds both: what the browser loads, and the worker that renders pages for the server.
export default defineConfig(({ command }) => ({
  define: {
    "import.meta.env.DEVTOOLS": hasDevtools(command),
    // The mode of the build is that of React in the worker, whatever the environment there.
    ...(command === "build" && { "process.env.NODE_ENV": JSON.stringify(process.env.NODE_ENV) }),
  },
  plugins: [react(), vue(), svelte(), reloadWithServer, classicScript, shell],
  builder: {},
  environments: {
    client: { build: { outDir: out, emptyOutDir: true, manifest: true, assetsInlineLimit: 0 } },
    ssr: {
      resolve: { noExternal: true },
      build: {
        outDir: `${out}-worker`,
        emptyOutDir: true,
        copyPublicDir: false,
        sourcemap: true,
        rolldownOptions: { input: "src/worker.ts" },
      },
    },
  },
  server: { proxy: { "/api/mizan": api, "/classic": api, "/bank": api } },
}));

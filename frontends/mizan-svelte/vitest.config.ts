import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const plugins = [svelte({ configFile: false, compilerOptions: { experimental: { async: true } } })];
// Tests wait for what happens; how long that takes depends on what else the machine does.
const testTimeout = 60_000;

// A browser and a server take other code of Svelte.
export default defineConfig({
  test: {
    projects: [
      {
        plugins,
        resolve: { conditions: ["browser"] },
        test: { name: "page", testTimeout, include: ["test/**/*.test.ts"], exclude: ["test/server.test.ts"] },
      },
      { plugins, test: { name: "server", testTimeout, include: ["test/server.test.ts"] } },
    ],
  },
});

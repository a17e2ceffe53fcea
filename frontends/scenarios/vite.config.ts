import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import react from "@vitejs/plugin-react";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const page = (framework: string) => fileURLToPath(new URL(`pages/${framework}/index.html`, import.meta.url));

// One build for all pages: each framework has its plugin, and the page of each is a folder.
export default defineConfig({
  root: "pages",
  logLevel: "warn",
  plugins: [
    react(),
    vue(),
    svelte({ configFile: false, compilerOptions: { experimental: { async: true } } }),
  ],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    rolldownOptions: { input: ["react", "vue", "svelte"].map(page) },
  },
});

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// While developing, `npm run dev` serves the page and passes the protocol on to `cargo run -p souk`.
export default defineConfig({
  plugins: [react()],
  build: { assetsInlineLimit: 0 },
  server: { proxy: { "/api/mizan": "http://127.0.0.1:8080" } },
});

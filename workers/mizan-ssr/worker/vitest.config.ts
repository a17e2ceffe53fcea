import { defineConfig } from "vitest/config";

// Tests wait for what happens; how long that takes depends on what else the machine does.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    include: ["test/*.test.ts"],
    globalSetup: ["test/build.ts"],
  },
});

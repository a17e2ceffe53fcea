/** What the entries export, and what the package depends on. */
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

/** All but the first: it takes stdout over, which is the test's here. */
const ENTRIES: readonly (readonly [entry: string, load: () => Promise<object>, names: string[]])[] = [
  ["./react", () => import("../src/react.js"), ["react"]],
  ["./vue", () => import("../src/vue.js"), ["vue"]],
  ["./svelte", () => import("../src/svelte.js"), ["svelte"]],
  ["./per-render", () => import("../src/per-render.js"), ["perRender"]],
  ["./page", () => import("../src/page/index.js"), ["readPage"]],
  ["./page/react", () => import("../src/page/react.js"), ["mountPage"]],
  ["./page/vue", () => import("../src/page/vue.js"), ["mountPage", "usePageHead"]],
];

test.each(ENTRIES)("%s exports its names", async (_, load, names) => {
  expect(Object.keys(await load()).sort()).toEqual(names);
});

test("these are the entries", () => {
  const rest = [".", "./page/svelte"];
  expect(Object.keys(manifest.exports).sort()).toEqual([...ENTRIES.map(([entry]) => entry), ...rest].sort());
});

test("it depends on the kernel alone, frameworks are optional, and only what takes stdout over has effects", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(["@mizan/base"]);
  expect(Object.keys(manifest.peerDependenciesMeta)).toEqual(Object.keys(manifest.peerDependencies));
  expect(manifest.sideEffects).toEqual(["./src/index.ts", "./src/channel.ts", "./src/scope.ts"]);
});

/** What the package exports and depends on. */
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as svelte from "../src/index.js";

test("the exported names are these", () => {
  expect(Object.keys(svelte).sort()).toEqual([
    "mizanContext",
    "provideMizan",
    "useCall",
    "useContextEntry",
    "useList",
    "useMember",
    "useMizan",
    "usePrefetch",
  ]);
});

test("it depends on the kernel alone, and on Svelte as a peer", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(["@mizan/base"]);
  expect(manifest.peerDependencies).toEqual({ svelte: ">=5.0.0" });
  expect(manifest.sideEffects).toBe(false);
});

/** What the package exports and depends on. */
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as vue from "../src/index.js";

test("the exported names are these", () => {
  expect(Object.keys(vue).sort()).toEqual([
    "MizanPlugin",
    "MizanProvider",
    "useCall",
    "useContextEntry",
    "useList",
    "useMember",
    "useMizan",
    "usePrefetch",
  ]);
});

test("it depends on the kernel alone, and on Vue as a peer", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(["@mizan/base"]);
  expect(manifest.peerDependencies).toEqual({ vue: ">=3.5.0" });
  expect(manifest.sideEffects).toBe(false);
});

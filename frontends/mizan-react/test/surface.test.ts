/** What the package exports and depends on. */
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as react from "../src/index.js";

test("the exported names are these", () => {
  expect(Object.keys(react).sort()).toEqual([
    "MizanProvider",
    "useCall",
    "useContextEntry",
    "useContextEntrySuspense",
    "useList",
    "useMember",
    "useMemberSuspense",
    "useMizan",
    "usePrefetch",
  ]);
});

test("it depends on the kernel alone, and on React as a peer", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(["@mizan/base"]);
  expect(manifest.peerDependencies).toEqual({ react: ">=18.2.0" });
  expect(manifest.sideEffects).toBe(false);
});

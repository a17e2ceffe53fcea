/** What the package exports and depends on. */
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as extension from "../src/index.js";

test("one function, and no dependency but htmx as a peer", () => {
  expect(Object.keys(extension)).toEqual(["mizan"]);
  expect(manifest).not.toHaveProperty("dependencies");
  expect(manifest.peerDependencies).toEqual({ "htmx.org": "^2.0.0" });
  expect(manifest.sideEffects).toBe(false);
});

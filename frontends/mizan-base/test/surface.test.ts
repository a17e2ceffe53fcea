/** What the package exports, what it depends on, and that importing it does nothing. */
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as base from "../src/index.js";

test("the exported names are these", () => {
  expect(Object.keys(base).sort()).toEqual([
    "MizanError",
    "createMizan",
    "defineCall",
    "defineContext",
    "defineList",
    "draft",
    "fetchTransport",
    "hydrate",
    "idempotent",
    "keepPrevious",
    "loadMore",
    "signOut",
    "subscribeToEvents",
  ]);
});

test("no dependencies, no side effects", () => {
  expect(manifest).not.toHaveProperty("dependencies");
  expect(manifest.sideEffects).toBe(false);
});

test("an instance needs neither window nor document", () => {
  expect([typeof window, typeof document]).toEqual(["undefined", "undefined"]);
  expect(Object.keys(base.createMizan()).sort()).toEqual([
    "call",
    "close",
    "entry",
    "fetch",
    "invalidate",
    "report",
  ]);
});

test("nothing evaluates or writes markup", () => {
  const folder = new URL("../src/", import.meta.url);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".ts"))
      expect(readFileSync(new URL(file, folder), "utf8")).not.toMatch(/innerHTML|\beval\(|new Function/);
  }
});

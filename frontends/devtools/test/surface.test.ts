// @vitest-environment node
/** What the package exports, and that importing it does nothing: a server has neither window nor elements. */
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as devtools from "../src/index.js";

test("one function, and no dependency but the kernel", () => {
  expect(typeof window).toBe("undefined");
  expect(Object.keys(devtools)).toEqual(["openDevtools"]);
  expect(manifest.dependencies).toEqual({ "@mizan/base": "0.1.0" });
  expect(manifest.sideEffects).toBe(false);
});

// The same page, where the call fails after it has changed the name.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { read, start } from "./harness.js";

/** @type {import("./harness.js").Started} */
let unlucky;
before(async () => (unlucky = await start("examples/unlucky")));
after(() => unlucky?.stop());

test("a call that fails after its change refreshes the page that made it", async () => {
  const { page, log } = await unlucky.open();
  const [first, second] = [page.getByRole("button").nth(0), page.getByRole("button").nth(1)];
  await page.getByRole("button", { name: "User 5" }).waitFor();
  await page.getByRole("button", { name: "User 6" }).waitFor();
  log.requests.length = 0;
  await first.click();
  await page.getByRole("button", { name: "Ryth" }).waitFor();
  await page.getByRole("alert").filter({ hasText: "internal error" }).waitFor();
  assert.equal(await second.textContent(), "User 6");
  assert.deepEqual(log.requests, ["GET /api/mizan/session/", "POST /api/mizan/call/", read(5)]);
  await page.close();
});

// What a person sees of hello.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./harness.js";

/** @type {import("./harness.js").Started} */
let hello;
before(async () => (hello = await start("hello")));
after(() => hello?.stop());
const open = () => hello.open();

test("the button changes the name on the page without a reload", async () => {
  const { page, log } = await open();
  const [first, second] = [page.getByRole("button").nth(0), page.getByRole("button").nth(1)];
  await page.getByRole("button", { name: "User 5" }).waitFor();
  await page.getByRole("button", { name: "User 6" }).waitFor();
  // Both users were asked for at the same time.
  assert.deepEqual(log.requests, ["GET /api/mizan/ctx/?e=user%3Buser_id%3D5&e=user%3Buser_id%3D6"]);

  log.requests.length = 0;
  await first.click();
  await page.getByRole("button", { name: "Ryth" }).waitFor();
  assert.equal(await second.textContent(), "User 6");
  // The response of the call brings the new name, and an entry with another parameter makes no request.
  assert.deepEqual(log.requests, ["GET /api/mizan/session/", "POST /api/mizan/call/"]);
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await page.close();
});

test("a second change needs no second session, and a cookie does no harm", async () => {
  const { page, log } = await open();
  await page.getByRole("button", { name: "User 6" }).waitFor();
  const second = page.getByRole("button").nth(1);
  await second.click();
  await page.getByRole("button", { name: "Ryth" }).nth(1).waitFor();
  await second.click();
  await page.waitForFunction(() => !document.querySelector("button:disabled"));
  const sessions = log.requests.filter((line) => line.includes("session"));
  assert.equal(sessions.length, 1);
  assert.deepEqual(log.complaints, []);
  await page.close();
});

test("a server that cannot be reached shows an error, and the page recovers", async () => {
  const { page } = await open();
  await page.getByRole("button").first().waitFor();
  await page.route("**/api/mizan/**", (route) => route.abort());
  await page.getByRole("button").first().click();
  await page.getByRole("alert").first().waitFor();
  await page.unroute("**/api/mizan/**");
  await page.getByRole("button").first().click();
  await page.getByRole("alert").first().waitFor({ state: "detached" });
  await page.close();
});

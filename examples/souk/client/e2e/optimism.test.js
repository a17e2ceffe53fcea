// A new display name shows before the market has answered; one that the market refuses is taken back.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

/** @param {Page} page */
const head = (page) =>
  page
    .getByRole("banner")
    .getByRole("link", { name: /^Profile of/ })
    .locator("strong");
/** @param {Page} page */
const own = (page) => page.locator(".display-name span").first();

/**
 * Enters a display name while calls wait for the network. Returns what lets them go on.
 *
 * @param {Page} page
 * @param {string} name
 */
async function enter(page, name) {
  let release = () => {};
  const released = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  await page.route("**/call/", async (route) => {
    await released;
    await route.continue();
  });
  await page.getByRole("button", { name: "Change display name" }).click();
  await page.getByLabel("Display name").fill(name);
  await page.keyboard.press("Enter");
  return async () => {
    release();
    await settled(page);
    await page.unroute("**/call/");
  };
}

test("a display name shows at once, in the profile and in the head, and stays", async () => {
  const { page, log, close } = await market.visit({ path: "/profile", user: "ole" });
  log.requests.length = 0;
  const answer = await enter(page, "Kestrel");
  await head(page).filter({ hasText: "Kestrel" }).waitFor();
  assert.equal(await own(page).innerText(), "Kestrel");
  assert.equal(await page.getByRole("status").innerText(), "");
  await answer();
  await page.getByRole("status").filter({ hasText: "Your display name is saved." }).waitFor();
  assert.deepEqual([await head(page).innerText(), await own(page).innerText()], ["Kestrel", "Kestrel"]);
  assert.deepEqual(log.requests, ["GET session/", "POST call/ set_display_name"]);
  await close();
});

test("a display name that is refused is taken back, with the error at its field and what was entered in it", async () => {
  const { page, log, close } = await market.visit({ path: "/profile", user: "meera" });
  const before = await head(page).innerText();
  const long = "x".repeat(41);
  const answer = await enter(page, long);
  await head(page).filter({ hasText: long }).waitFor();
  assert.equal(await own(page).innerText(), long);
  await answer();
  await page.locator(".field .complaint").filter({ hasText: "40" }).waitFor();
  assert.equal(await head(page).innerText(), before);
  assert.equal(await page.getByLabel("Display name").inputValue(), long);

  // What is entered then is a name like any other.
  await page.getByLabel("Display name").fill("Meera");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.deepEqual([await head(page).innerText(), await own(page).innerText()], ["Meera", "Meera"]);
  assert.equal(await page.locator(".complaint").count(), 0);
  assert.equal(log.complaints.filter((line) => !line.includes("422")).length, 0);
  await close();
});

test("a name that the network does not carry is taken back too", async () => {
  const { page, close } = await market.visit({ path: "/profile", user: "farida" });
  const before = await head(page).innerText();
  await page.route("**/call/", (route) => route.abort());
  await page.getByRole("button", { name: "Change display name" }).click();
  await page.getByLabel("Display name").fill("Nobody");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "The market cannot be reached." }).waitFor();
  assert.equal(await head(page).innerText(), before);
  assert.equal(await page.getByLabel("Display name").inputValue(), "Nobody");
  await close();
});

// What changes on one screen follows on every other, and nothing else is asked for.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

/** @param {Page} page @param {string | RegExp} name */
const way = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name });
/** @param {Page} page */
const shopper = (page) => page.getByRole("banner").getByRole("link", { name: /^Profile of/ });
/** @param {Page} page @param {string} text */
const toast = (page, text) => page.getByRole("status").filter({ hasText: text }).waitFor();

/** @param {Page} page */
async function addFirstGood(page) {
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await toast(page, "Added to your basket");
  await settled(page);
}

/** @param {Page} page */
async function placeOrder(page) {
  await way(page, /^Basket/).click();
  await page.getByRole("button", { name: "Order and pay" }).click();
  await page.getByRole("heading", { name: "Orders" }).waitFor();
  await settled(page);
}

const cards = Array.from({ length: 12 }, (_, at) => `stall_card;stall_id=${at + 1};user_id=${at + 1}`).sort();

test("the hall comes with its cards, and a stall's three functions are one request", async () => {
  const { page, log, close } = await market.visit({ user: "leila" });
  // Only what is the caller's is asked for.
  assert.deepEqual(log.requests, ["GET ctx/global/", "GET ctx/basket/"]);
  log.requests.length = 0;
  await page.getByRole("link", { name: /The Night Oven/ }).click();
  await page.getByRole("heading", { name: "On the counter" }).waitFor();
  await settled(page);
  assert.deepEqual(log.requests, ["GET ctx/stall/?stall_id=2"]);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("where the hall is opened by a link, it is one request, and its twelve cards the next", async () => {
  const { page, log, close } = await market.visit({ path: "/basket", user: "leila" });
  log.requests.length = 0;
  await way(page, "Hall").click();
  await page.getByText("Kept by").nth(11).waitFor();
  await settled(page);
  assert.deepEqual(log.requests, ["GET ctx/hall/", `GET ctx/ ${cards.join(" ")}`]);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("a new name follows to the header, one card, the stall and the orders, and no other card asks", async () => {
  const { page, log, close } = await market.visit({ path: "/stalls/7", user: "farida" });
  await addFirstGood(page);
  await placeOrder(page);
  await way(page, "Hall").click();
  await page.getByText("Kept by").nth(11).waitFor();
  await shopper(page).click();
  await page.getByLabel("Name", { exact: true }).waitFor();
  await settled(page);

  log.requests.length = 0;
  await page.getByLabel("Name", { exact: true }).fill("Zorah Saved");
  await page.getByRole("button", { name: "Save profile" }).click();
  await toast(page, "Your profile is saved.");
  await shopper(page).filter({ hasText: "Zorah Saved" }).waitFor();
  await page.getByRole("article").filter({ hasText: "Kept by Zorah Saved" }).waitFor();
  await settled(page);
  // One request: its response brings the header, the profile and the one card that show the name.
  assert.deepEqual(log.requests, ["POST call/ save_profile"]);

  log.requests.length = 0;
  await way(page, "Hall").click();
  await page.getByText("Kept by Zorah Saved").waitFor();
  await settled(page);
  assert.deepEqual(log.requests, []);

  await page
    .getByRole("link", { name: /Zorah Saved/ })
    .last()
    .click();
  await page.getByText("Kept by Zorah Saved").waitFor();
  await way(page, "Orders").click();
  await page.getByText("bought by Zorah Saved").first().waitFor();
  await settled(page);
  assert.deepEqual(log.requests, ["GET ctx/stall/?stall_id=7", "GET ctx/orders/?limit=500"]);
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("a display name is one member: what is typed in the details stays", async () => {
  const { page, log, close } = await market.visit({ path: "/profile", user: "ole" });
  await page.getByLabel("City").fill("Half typed");
  log.requests.length = 0;
  await page.getByRole("button", { name: "Change display name" }).click();
  await page.getByLabel("Display name").fill("Kestrel");
  await page.keyboard.press("Enter");
  const change = page.getByRole("button", { name: "Change display name" });
  await change.waitFor();
  await settled(page);
  await shopper(page).filter({ hasText: "Kestrel" }).waitFor();
  assert.deepEqual(log.requests, ["GET session/", "POST call/ set_display_name"]);
  assert.match(await shopper(page).innerText(), /Kestrel/);
  assert.equal(await page.locator(".display-name span").first().innerText(), "Kestrel");
  assert.equal(await page.getByLabel("City").inputValue(), "Half typed");
  assert.ok(await change.evaluate((button) => button === document.activeElement), "the focus comes back");
  await close();
});

test("Escape leaves the editor and the name as they were", async () => {
  const { page, log, close } = await market.visit({ path: "/profile", user: "meera" });
  const before = await page.locator(".display-name span").first().innerText();
  await page.getByRole("button", { name: "Change display name" }).click();
  await page.getByLabel("Display name").fill("Never");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".display-name span").first().innerText(), before);
  assert.equal(
    log.requests.some((line) => line.startsWith("POST")),
    false,
  );
  await close();
});

test("basket: add, change the quantity, order; stock and orders follow", async () => {
  const { page, log, close } = await market.visit({ path: "/stalls/2", user: "mateus" });
  const good = page.locator(".stall li.row").first();
  const left = Number(/\d+/.exec(await good.locator(".stock").innerText())?.[0]);
  log.requests.length = 0;
  await addFirstGood(page);
  assert.deepEqual(log.requests, ["GET session/", "POST call/ add_to_basket"]);
  await way(page, "Basket 1 piece").click();

  const quantity = page.getByRole("textbox", { name: /^Quantity of/ });
  await page.getByRole("button", { name: "One more" }).click();
  await way(page, "Basket 2 pieces").waitFor();
  assert.equal(await quantity.inputValue(), "2");
  await quantity.fill("3");
  await quantity.press("Enter");
  await way(page, "Basket 3 pieces").waitFor();
  await placeOrder(page);
  assert.match(await page.locator(".receipt").first().innerText(), /3 × /);
  await way(page, "Basket 0 pieces").waitFor();

  await page.goBack();
  await page.getByText("Your basket is empty").waitFor();
  await page.goBack();
  await page
    .getByText(left - 3 <= 10 ? `Only ${left - 3} left` : `${left - 3} in stock`)
    .first()
    .waitFor();
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("quick steps arrive in order, and not all of them are sent", async () => {
  const { page, log, close } = await market.visit({ path: "/stalls/5", user: "hannah" });
  await addFirstGood(page);
  await way(page, /^Basket/).click();
  const more = page.getByRole("button", { name: "One more" });
  await more.waitFor();
  log.requests.length = 0;
  // The first call is held until all clicks were made, however long they take.
  let release = () => {};
  const clicked = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  await page.route("**/call/", async (route) => {
    await clicked;
    await route.continue();
  });
  for (let clicks = 0; clicks < 5; clicks += 1) await more.click();
  assert.equal(await page.getByRole("textbox", { name: /^Quantity of/ }).inputValue(), "6");
  release();
  await way(page, "Basket 6 pieces").waitFor();
  await settled(page);
  assert.equal(await page.getByRole("textbox", { name: /^Quantity of/ }).inputValue(), "6");
  assert.equal(log.requests.filter((line) => line.startsWith("POST")).length, 2);
  await close();
});

test("remove takes a good out of the basket", async () => {
  const { page, close } = await market.visit({ path: "/stalls/3", user: "yusuf" });
  await addFirstGood(page);
  await way(page, /^Basket/).click();
  await page.getByRole("button", { name: /^Remove/ }).click();
  await page.getByText("Your basket is empty").waitFor();
  await close();
});

test("a filter shows its stalls, keeps the rest on screen meanwhile, and can be gone back from", async () => {
  const { page, log, close } = await market.visit();
  const filter = page.getByRole("navigation", { name: "Categories" });
  log.requests.length = 0;
  await filter.getByRole("link", { name: /^Bakery/ }).click();
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 2);
  assert.match(page.url(), /\?category=Bakery$/);
  assert.deepEqual(log.requests, ["GET ctx/hall/?category=Bakery"]);
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 12);
  assert.equal(log.requests.length, 1);
  await close();
});

test("what one tab puts into the basket is in the header of the other, by one request that names it", async () => {
  const { page, tab, log, close } = await market.visit({ path: "/stalls/3", user: "pierre" });
  const other = await tab("/orders");
  assert.match(await way(other, /^Basket/).innerText(), /0/);
  /** @type {string[]} */
  const requests = [];
  other.on("request", (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await addFirstGood(page);
  await way(other, "Basket 1 piece").waitFor();
  await settled(other);
  assert.deepEqual(requests, ["GET /api/mizan/ctx/basket/"]);
  assert.deepEqual(log.complaints, []);
  await close();
});

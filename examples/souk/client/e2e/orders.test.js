// Orders are a list that grows: more of it on demand, and what is new at its top.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

/**
 * Buys one piece after the other, each in an order of its own, as a page would.
 *
 * @param {Page} page
 * @param {number} count
 */
const buy = (page, count) =>
  page.evaluate(async (count) => {
    const read = async () => (await (await fetch("/api/mizan/session/")).json()).csrfToken;
    const token = await read();
    /** @param {string} fn @param {object} args */
    const call = async (fn, args) => {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
      const body = JSON.stringify({ fn, args });
      const { ok } = await fetch("/api/mizan/call/", { method: "POST", headers, body });
      if (!ok) throw new Error(`${fn} failed`);
    };
    for (let bought = 0; bought < count; bought++) {
      await call("set_quantity", { good_id: 1, quantity: 1 });
      await call("pay", {});
    }
  }, count);

test("more orders are loaded at the end, and a new one appears at the top, each once", async () => {
  const { page, log, close } = await market.visit({ path: "/basket", user: "kenji" });
  await buy(page, 25);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Orders" }).click();
  const headings = page.locator(".receipt h2");
  await headings.nth(19).waitFor();
  await settled(page);
  const first = await headings.allInnerTexts();
  assert.equal(first.length, 20);

  log.requests.length = 0;
  const more = page.getByRole("button", { name: "More orders" });
  await more.focus();
  await page.keyboard.press("Enter");
  await headings.nth(24).waitFor();
  await settled(page);
  assert.equal(log.requests.length, 1);
  assert.match(log.requests[0] ?? "", /^GET ctx\/orders\/\?after=[-\w]+$/);
  // The button is gone, so the focus is at the first of what is new.
  assert.equal(await more.count(), 0);
  const focused = () => document.activeElement?.textContent;
  const all = await headings.allInnerTexts();
  assert.equal(await page.evaluate(focused), all[20]);
  await page.getByRole("status").filter({ hasText: "5 more orders" }).waitFor();
  assert.deepEqual(all.slice(0, 20), first);

  await page.getByRole("link", { name: "Hall" }).first().click();
  await page.getByRole("link", { name: /The Night Oven/ }).click();
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await settled(page);
  await page.getByRole("link", { name: /^Basket/ }).click();
  log.requests.length = 0;
  await page.getByRole("button", { name: "Order and pay" }).click();
  await headings.nth(25).waitFor();
  await settled(page);
  const now = await headings.allInnerTexts();
  assert.deepEqual(now.slice(1), all);
  assert.equal(new Set(now).size, 26);
  assert.deepEqual(log.requests, ["POST call/ pay", "GET ctx/orders/?limit=500"]);
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("while more orders are there, the button keeps the focus", async () => {
  const { page, close } = await market.visit({ path: "/basket", user: "giorgos" });
  await buy(page, 42);
  await page.goto(`${market.address}/orders`);
  const more = page.getByRole("button", { name: "More orders" });
  await more.focus();
  await page.keyboard.press("Enter");
  await page.locator(".receipt").nth(39).waitFor();
  await settled(page);
  assert.equal(await more.evaluate((button) => button === document.activeElement), true);
  await close();
});

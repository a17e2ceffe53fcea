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
    const session = await fetch("/api/mizan/session/");
    const token = (await session.json()).csrfToken;
    /** @param {string} fn @param {object} args */
    const call = async (fn, args) => {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
      const body = JSON.stringify({ fn, args });
      const response = await fetch("/api/mizan/call/", { method: "POST", headers, body });
      // A body that is not read would be under way for ever.
      const text = await response.text();
      if (!response.ok) throw new Error(`${fn} failed: ${text}`);
    };
    for (let bought = 0; bought < count; bought++) {
      await call("set_quantity", { good_id: 1, quantity: 1 });
      await call("pay", {});
    }
  }, count);

test("more orders are loaded at the end, and a new one appears at the top, each once", async () => {
  const { page, log, close } = await market.visit({ path: "/basket", user: "kenji" });
  await buy(page, 45);
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
  await page.getByRole("status").filter({ hasText: "20 more orders" }).waitFor();
  await settled(page);
  assert.equal(await headings.count(), 40);
  assert.equal(await more.evaluate((button) => button === document.activeElement), true);

  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "5 more orders" }).waitFor();
  await settled(page);
  const all = await headings.allInnerTexts();
  assert.deepEqual([all.length, all.slice(0, 20)], [45, first]);
  // The button is gone, so the focus is at the first of what is new.
  assert.equal(await more.count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), all[40]);
  assert.equal(log.requests.length, 2);
  for (const request of log.requests) assert.match(request, /^GET ctx\/orders\/\?after=[-\w]+$/);

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
  await headings.nth(45).waitFor();
  await settled(page);
  const now = await headings.allInnerTexts();
  assert.deepEqual(now.slice(1), all);
  assert.equal(new Set(now).size, 46);
  assert.deepEqual(log.requests, ["POST call/ pay", "GET ctx/orders/?limit=500"]);
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await close();
});

// The screens in other frameworks than React: the counter of a keeper in Vue, and the board of the staff in Svelte.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

test("a keeper changes a stock by one request, and the stall shows it", async () => {
  const { page, log, close } = await market.visit({ path: "/counter", user: "samira" });
  const sumac = page.getByLabel(/^Sumac/);
  log.requests.length = 0;
  await sumac.fill("7");
  await sumac.press("Enter");
  await settled(page);
  assert.equal(await sumac.inputValue(), "7");
  assert.deepEqual(
    log.requests.filter((request) => !request.startsWith("GET session/")),
    ["POST call/ set_stock"],
  );
  // A text that is not a number is put back, and nothing is sent.
  log.requests.length = 0;
  await sumac.fill("many");
  await sumac.press("Tab");
  assert.equal(await sumac.inputValue(), "7");
  await sumac.fill("10001");
  await sumac.press("Enter");
  await page
    .getByRole("alert")
    .filter({ hasText: /10000|10,000/ })
    .waitFor();
  assert.deepEqual(log.requests, ["POST call/ set_stock"]);
  await page.goto(`${market.address}/stalls/1`);
  await page.getByText("Only 7 left").first().waitFor();
  await close();
});

test("the staff sends a paid order, and its row is gone", async () => {
  const { page, log, close } = await market.visit({ path: "/staff", user: "yusuf" });
  const buttons = page.getByRole("button", { name: /^Mark S-\d+ as sent$/ });
  const before = await buttons.count();
  assert.ok(before > 0);
  const number = /S-\d+/.exec(await buttons.first().innerText())?.[0] ?? "";
  log.requests.length = 0;
  await buttons.first().click();
  await page
    .getByRole("status")
    .filter({ hasText: `${number} is sent.` })
    .waitFor();
  await settled(page);
  assert.equal(await buttons.count(), before - 1);
  assert.equal(await page.getByText(number, { exact: false }).count(), 1);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  assert.deepEqual(
    log.requests.filter((request) => !request.startsWith("GET session/")),
    ["POST call/ mark_shipped"],
  );
  assert.deepEqual(log.complaints, []);
  await close();
});

test("the head has the ways that the caller may go", async () => {
  for (const [user, wanted] of [
    [undefined, []],
    ["lucia", []],
    ["samira", ["Counter"]],
    ["yusuf", ["Staff"]],
  ]) {
    const { page, close } = await market.visit(user ? { user: `${user}` } : {});
    const ways = page.getByRole("navigation", { name: "Main" }).getByRole("link");
    const names = (await ways.allInnerTexts()).filter((name) => ["Counter", "Staff"].includes(name));
    assert.deepEqual(names, wanted);
    for (const name of names) {
      await ways.filter({ hasText: name }).click();
      await page.getByRole("heading", { name, level: 1 }).waitFor();
    }
    await page.goto(market.address);
    await page.getByRole("link", { name: "Under the hood" }).click();
    await page.getByRole("heading", { name: "Under the hood" }).waitFor();
    await close();
  }
});

test("who is no keeper has no counter, and who is not staff no board", async () => {
  const { page, close } = await market.visit({ path: "/counter", user: "lucia" });
  await page.getByText("You keep no stall.").waitFor();
  await page.goto(`${market.address}/staff`);
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByRole("button", { name: /as sent$/ }).count(), 0);
  await close();
});

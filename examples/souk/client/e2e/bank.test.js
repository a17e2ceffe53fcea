// The bank speaks to the server, and the page that is open hears of it.

/** @import { Locator } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

/**
 * The words of the line that the screen says to type, without those that start the program.
 *
 * @param {Locator} receipt
 */
async function line(receipt) {
  const found = /^cargo run -p souk -- (.*)$/.exec(await receipt.locator("code").innerText());
  assert.ok(found?.[1], "the line starts the program");
  return found[1].split(" ");
}

test("an order that is paid turns on the page that is open, by the line that the page shows", async () => {
  const { page, log, close } = await market.visit({ path: "/stalls/3", user: "fatou" });
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await page.getByRole("status").filter({ hasText: "Added to your basket" }).waitFor();
  await page.getByRole("link", { name: /^Basket/ }).click();
  await page.getByRole("button", { name: "Order and pay" }).click();
  const receipt = page.locator(".receipt").first();
  await receipt.getByText("To be paid").waitFor();
  await settled(page);

  const words = await line(receipt);
  const { stdout } = await market.run(...words);
  assert.match(stdout, /^bank: order S-\d+ is paid\n$/);
  // Seen again after a while: what was read a moment ago is not read again.
  await page.clock.setFixedTime(Date.now() + 10_000);
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await receipt.getByText("Paid", { exact: true }).waitFor();
  assert.equal(await receipt.locator("code").count(), 0);
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("the bank gets the reason of a failure", async () => {
  const { host } = new URL(market.address);
  /** @type {[words: string[], message: RegExp][]} */
  const cases = [
    [["bank", "pay", "9999", host], /the market refused: .*no such order/],
    [["bank", "pay", "S-tea", host], /`S-tea` is not the number of an order/],
    [["bank", "pay", "1010", "127.0.0.1:1"], /no market responds at 127\.0\.0\.1:1/],
    [["bank"], /bank pay <order>/],
  ];
  for (const [words, message] of cases) {
    await assert.rejects(market.run(...words), ({ code, stderr }) => code === 1 && message.test(stderr));
  }
});

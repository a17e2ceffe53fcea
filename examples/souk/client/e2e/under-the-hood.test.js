// One stall in every view of the page, and the log of what the client does.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

const PATH = "/under-the-hood";
const VIEWS = ["React", "Vue", "Svelte"];

/** @param {Page} page @param {string} view */
const pane = (page, view) => page.getByRole("region", { name: view, exact: true });

/**
 * What each view shows of the first good.
 *
 * @param {Page} page
 */
const stocks = (page) =>
  Promise.all(
    VIEWS.map(async (view) => Number(await pane(page, view).locator("output").first().innerText())),
  );

for (const view of VIEWS) {
  test(`a change made in ${view} shows in every view, by one request`, async () => {
    const { page, log, close } = await market.visit({ path: PATH, user: "samira" });
    const [before = 0, ...others] = await stocks(page);
    for (const other of others) assert.equal(other, before);
    log.requests.length = 0;
    await pane(page, view)
      .getByRole("button", { name: /^One less: / })
      .first()
      .click();
    await settled(page);
    assert.deepEqual(
      await stocks(page),
      VIEWS.map(() => before - 1),
    );
    assert.deepEqual(
      log.requests.filter((request) => !request.startsWith("GET session/")),
      ["POST call/ set_stock"],
    );
    const lines = page.getByRole("region", { name: "What the client does" }).getByRole("listitem");
    const words = (await lines.allInnerTexts()).map((line) => line.replace(/^\S+ /, "")).slice(0, 3);
    assert.deepEqual(words, [
      "stall 1 has come with the response of the call",
      "stall 1 is stale: set_stock has changed it",
      `${view} calls set_stock`,
    ]);
    assert.deepEqual(log.complaints, []);
    await close();
  });
}

test("a visitor sees what the keeper has changed, and no buttons", async () => {
  const keeper = await market.visit({ path: PATH, user: "samira" });
  const { page, close } = await market.visit({ path: PATH });
  const before = await stocks(page);
  assert.equal(await page.getByRole("button", { name: /^One less: / }).count(), 0);
  await keeper.page
    .getByRole("button", { name: /^One more: / })
    .first()
    .click();
  await settled(keeper.page);
  await keeper.close();
  await page.reload();
  await settled(page);
  assert.deepEqual(
    await stocks(page),
    before.map((stock) => stock + 1),
  );
  await close();
});

// What a person sees when the network fails and comes back: the page finds the truth without being asked.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";
import { openProxy } from "./proxy.js";

/** @type {import("./market.js").Market} */
let market;
/** @type {Awaited<ReturnType<typeof openProxy>>} */
let network;
before(async () => {
  market = await openMarket();
  network = await openProxy(market.address);
});
after(async () => {
  await network.close();
  await market.stop();
});

/** @param {import("./market.js").VisitOptions} options */
function visit(options) {
  network.set("pass");
  return market.visit({ ...options, address: network.address });
}

/** @param {Page} page @param {string | RegExp} name */
const way = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name });

/**
 * How many orders the caller has, as the server knows them.
 *
 * @param {Page} page
 */
const orders = (page) =>
  page.evaluate(async () => {
    const response = await fetch("/api/mizan/ctx/orders/?limit=200");
    return (await response.json()).orders_list.items.length;
  });

/**
 * The event of a network that is back, from the browser itself; the page keeps the focus.
 *
 * @param {Page} page
 */
async function online(page) {
  await page.context().setOffline(true);
  await page.context().setOffline(false);
}

test("a network that is gone and back refreshes the page, without a change of focus", async () => {
  const { page, log, close } = await visit({ user: "tevita" });
  network.set("cut");
  await way(page, "Orders").click();
  const failure = page.getByRole("alert").filter({ hasText: "The market cannot be reached" });
  await failure.waitFor();
  await settled(page);
  network.set("pass");
  log.requests.length = 0;
  await online(page);
  await failure.waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Orders", exact: true }).waitFor();
  await settled(page);
  // Only what failed.
  assert.deepEqual(log.requests, ["GET ctx/orders/"]);
  await close();
});

for (const [mode, words] of /** @type {const} */ ([
  ["lose", "The market cannot be reached. Check whether it was done"],
  ["page", "cannot be read. Check whether it was done"],
])) {
  test(`the basket is right although the response of "add to basket" is lost (${mode})`, async () => {
    const { page, log, close } = await visit({
      path: "/stalls/2",
      user: mode === "lose" ? "ilinca" : "sione",
    });
    await way(page, "Basket 0 pieces").waitFor();
    network.set(mode, /^POST .*call/);
    log.requests.length = 0;
    await page
      .getByRole("button", { name: /^Add .* to basket/ })
      .first()
      .click();
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    await way(page, "Basket 1 piece").waitFor();
    await settled(page);
    assert.deepEqual(log.requests, ["GET session/", "POST call/ add_to_basket", "GET ctx/basket/"]);
    await close();
  });
}

for (const [mode, user] of /** @type {const} */ ([
  ["lose", "farida"],
  ["page", "sione"],
])) {
  test(`an order whose response is lost is sent again, and is one order (${mode})`, async () => {
    const { page, log, close } = await visit({ path: "/stalls/3", user });
    await page
      .getByRole("button", { name: /^Add .* to basket/ })
      .first()
      .click();
    await way(page, /^Basket [1-9]/).click();
    const before = await orders(page);
    network.set(mode, /^POST .*call/, 1);
    log.requests.length = 0;
    await page.getByRole("button", { name: "Order and pay" }).click();
    await page.getByRole("heading", { name: "Orders", exact: true }).waitFor();
    await settled(page);
    assert.deepEqual(
      log.requests.filter((line) => line.startsWith("POST")),
      ["POST call/ pay", "POST call/ pay"],
    );
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.equal(await orders(page), before + 1);
    await close();
  });
}

test("a read that hangs is replaced when the user comes back to the page", async () => {
  const { page, log, close } = await visit({ user: "nour" });
  network.set("hang", /ctx\/stall\//);
  await page.getByRole("link", { name: /The Night Oven/ }).click();
  await page.locator("[aria-busy=true]").waitFor();
  // Longer than `hangTime`.
  await page.waitForTimeout(5_500);
  assert.ok(await page.locator("[aria-busy=true]").isVisible());
  network.set("pass");
  log.requests.length = 0;
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await page.getByRole("heading", { name: "On the counter" }).waitFor();
  await settled(page);
  // Together with what else is on the page.
  assert.equal(log.requests.filter((line) => /^GET ctx\/ .*\bstall;stall_id=2\b/.test(line)).length, 1);
  await close();
});

test("a screen that is left is not waited for: its request is aborted", async () => {
  const { page, close } = await visit({ user: "xochitl" });
  network.set("hang", /ctx\/stall\//);
  const failed = page.waitForEvent("requestfailed", (request) => request.url().includes("/ctx/stall/"));
  await page.getByRole("link", { name: /The Night Oven/ }).click();
  await page.locator("[aria-busy=true]").waitFor();
  await way(page, "Hall").click();
  assert.equal((await failed).failure()?.errorText, "net::ERR_ABORTED");
  await close();
});

test("a wrong password leaves the page as it is", async () => {
  const { page, log, close } = await visit({ path: "/" });
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Name").fill("leila");
  await page.getByLabel("Password").fill("wrong");
  /** Whether the header or the form was ever taken away. */
  await page.evaluate(() => {
    const form = document.querySelector("form");
    new MutationObserver(() => {
      if (!form?.isConnected || !document.querySelector(".header .button")) document.title = "emptied";
    }).observe(document.body, { childList: true, subtree: true });
  });
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: "password" }).waitFor();
  await settled(page);
  assert.notEqual(await page.title(), "emptied");
  assert.equal(await page.getByLabel("Name").inputValue(), "leila");
  assert.equal(log.loads, 1);
  await close();
});

test("after a failure that no screen shows any more, it is announced", async () => {
  const { page, close } = await visit({ path: "/stalls/2", user: "amina" });
  network.set("hang", /^POST .*call/);
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await page.waitForTimeout(200);
  await way(page, "Orders").click();
  await page.getByRole("heading", { name: "Orders", exact: true }).waitFor();
  network.end();
  await page.getByRole("status").filter({ hasText: "cannot be reached" }).waitFor();
  await close();
});

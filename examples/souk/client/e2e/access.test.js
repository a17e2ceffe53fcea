// Every screen, for everybody: axe-core in both schemes and two widths, and by keyboard alone.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENS = [
  "/",
  "/?category=Crafts",
  "/stalls/1",
  "/profile",
  "/basket",
  "/orders",
  "/devices",
  "/counter",
  "/under-the-hood",
  "/sign-in",
  "/nowhere",
];
const BUYER = "siobhan"; // has a long name

/** @type {import("./market.js").Market} */
let market;
before(async () => {
  market = await openMarket();
  // An order, and something in the basket.
  const { page, close } = await market.visit({ path: "/stalls/1", user: BUYER });
  const add = page.getByRole("button", { name: /^Add .* to basket/ });
  await add.first().click();
  await page.getByRole("status").filter({ hasText: "basket" }).waitFor();
  await page.getByRole("link", { name: /^Basket/ }).click();
  await page.getByRole("button", { name: "Order and pay" }).click();
  await page.getByRole("heading", { name: "Orders" }).waitFor();
  await page.goto(`${market.address}/stalls/1`);
  await add.nth(1).click();
  await page.getByRole("status").filter({ hasText: "basket" }).waitFor();
  await close();
});
after(() => market.stop());

/** @param {Page} page */
async function violations(page) {
  // The market lets no script into its pages, so it comes as from a console.
  const console = await page.context().newCDPSession(page);
  await console.send("Runtime.evaluate", { expression: axe });
  await console.detach();
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}

for (const scheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 360]) {
    test(`axe finds nothing on any screen, ${scheme}, ${width} px`, async () => {
      const { page, log, close } = await market.visit({ user: BUYER, scheme, width });
      for (const path of SCREENS) {
        await page.goto(market.address + path);
        await settled(page);
        assert.deepEqual(await violations(page), [], path);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
      }
      assert.deepEqual(log.complaints, []);
      await close();
    });

    test(`axe finds nothing for those who work in the market, ${scheme}, ${width} px`, async () => {
      for (const [user, ...paths] of [
        ["samira", "/counter", "/under-the-hood", "/classic/profile/1/"],
        ["yusuf", "/staff"],
      ]) {
        const { page, close } = await market.visit({ ...(user && { user }), scheme, width });
        for (const path of paths) {
          await page.goto(market.address + path);
          await settled(page);
          assert.deepEqual(await violations(page), [], path);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
        }
        await close();
      }
    });

    test(`axe finds nothing in the states between, ${scheme}, ${width} px`, async () => {
      const { page, close } = await market.visit({ path: "/profile", user: BUYER, scheme, width });
      await page.getByLabel("Name", { exact: true }).fill("");
      await page.getByRole("button", { name: "Save profile" }).click();
      await page.locator(".complaint").first().waitFor();
      await page.getByRole("button", { name: "Change display name" }).click();
      assert.deepEqual(await violations(page), [], "complaints");

      const stranger = await market.visit({ path: "/sign-in?next=/devices", scheme, width });
      assert.deepEqual(await violations(stranger.page), [], "sign-in");
      await stranger.page.getByLabel("Name").fill("nobody"); // attempts count for each name
      await stranger.page.getByLabel("Password").fill("guess");
      await stranger.page.getByRole("button", { name: "Sign in" }).click();
      await stranger.page.getByRole("alert").waitFor();
      assert.deepEqual(await violations(stranger.page), [], "wrong password");
      await stranger.page.goto(`${market.address}/orders`);
      await settled(stranger.page);
      assert.deepEqual(await violations(stranger.page), [], "signed out");
      for (const path of ["/classic/sign-in/", "/classic/profile/1/"]) {
        await page.goto(market.address + path);
        assert.deepEqual(await violations(page), [], path);
      }
      await stranger.close();

      await page.context().route("**/api/mizan/**", () => {});
      await page.goto(`${market.address}/orders`);
      await page.locator("[aria-busy=true]").waitFor();
      assert.deepEqual(await violations(page), [], "loading");

      await page.context().unroute("**/api/mizan/**");
      await page.context().route("**/api/mizan/**", (route) => route.abort());
      await page.goto(`${market.address}/orders`);
      await page.getByRole("button", { name: "Try again" }).first().waitFor();
      assert.deepEqual(await violations(page), [], "failure");
      await close();
    });
  }
}

test("from the top of the page into a basket by keyboard alone", async () => {
  const { page, close } = await market.visit({ user: "bjorn" });
  const focused = () =>
    page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).innerText.split("\n"));
  const tabTo = async (/** @type {string} */ words) => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      if ((await focused()).join(" ").includes(words)) return;
    }
    assert.fail(`the keyboard does not reach ${words}`);
  };
  await page.keyboard.press("Tab");
  assert.deepEqual(await focused(), ["Skip to content"]);
  await page.keyboard.press("Enter");
  await tabTo("The Night Oven");
  const outline = await page.evaluate(
    () => getComputedStyle(/** @type {HTMLElement} */ (document.activeElement)).outlineStyle,
  );
  assert.equal(outline, "solid");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "On the counter" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  await tabTo("Add");
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "Added to your basket" }).waitFor();
  assert.match((await focused()).join(" "), /^Add/, "the button keeps the focus");
  await close();
});

test("nothing moves when a screen is read again", async () => {
  const { page, close } = await market.visit({ path: "/stalls/5", user: "bjorn" });
  await page.evaluate(() => {
    globalThis.shifts = 0;
    const add = (/** @type {PerformanceObserverEntryList} */ list) => {
      const entries = /** @type {(PerformanceEntry & { value: number })[]} */ (list.getEntries());
      for (const { value } of entries) globalThis.shifts += value;
    };
    new PerformanceObserver(add).observe({ type: "layout-shift" });
  });
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await page.getByRole("status").filter({ hasText: "Added to your basket" }).waitFor();
  await settled(page);
  assert.equal(await page.evaluate(() => globalThis.shifts), 0);
  await close();
});

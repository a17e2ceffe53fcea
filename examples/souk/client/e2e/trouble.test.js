// What the screens say when the server refuses, and when it cannot be reached.

/** @import { Locator } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

/**
 * The words that an input is described by.
 *
 * @param {Locator} input
 */
const described = (input) =>
  input.evaluate((it) => {
    const ids = (it.getAttribute("aria-describedby") ?? "").split(" ");
    return ids.map((id) => document.getElementById(id)?.innerText).join(" ");
  });

test("complaints about the profile are next to their fields", async () => {
  const { page, close } = await market.visit({ path: "/profile", user: "lucia" });
  const field = (/** @type {string} */ label) => page.getByLabel(label, { exact: true });
  const [name, city, email] = [field("Name"), field("City"), field("E-mail")];
  await name.fill("   ");
  await email.fill("nobody");
  await page.getByRole("button", { name: "Save profile" }).click();
  await page.locator(".complaint").first().waitFor();
  for (const input of [name, email]) {
    assert.equal(await input.getAttribute("aria-invalid"), "true");
    assert.ok((await described(input)).trim().length > 3);
  }
  assert.equal(await city.getAttribute("aria-invalid"), null);
  assert.ok(await name.evaluate((it) => it === document.activeElement), "the first of them has the focus");

  await name.fill("Ines Better");
  await email.fill("ines@souk.example");
  await page.getByRole("button", { name: "Save profile" }).click();
  await page.getByRole("status").filter({ hasText: "saved" }).waitFor();
  assert.equal(await page.locator(".complaint").count(), 0);
  await close();
});

test("a quantity beyond the stock is refused beside its field", async () => {
  const { page, close } = await market.visit({ path: "/stalls/2", user: "david" });
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await page.getByRole("status").filter({ hasText: "basket" }).waitFor();
  await page.getByRole("link", { name: /^Basket/ }).click();
  const quantity = page.getByRole("textbox", { name: /^Quantity of/ });
  await quantity.fill("900");
  await quantity.press("Enter");
  await page.locator(".quantity .complaint").waitFor();
  assert.equal(await quantity.getAttribute("aria-invalid"), "true");
  assert.match(await described(quantity), /\w+/);
  await quantity.fill("2");
  await quantity.press("Enter");
  await page.locator(".quantity .complaint").waitFor({ state: "detached" });
  await close();
});

for (const path of ["/", "/stalls/1", "/profile", "/basket", "/orders"]) {
  test(`${path} says that the market cannot be reached, and one button brings all of it back`, async () => {
    const { page, close } = await market.visit({ path: "/no-such-place", user: "aroha" });
    await page.context().route("**/api/mizan/**", (route) => route.abort());
    if (path === "/" || path.startsWith("/stalls/")) {
      // As by a link: where the server shows them, they come with their data.
      await page.evaluate((path) => {
        history.pushState(null, "", path);
        dispatchEvent(new Event("souk:navigated"));
      }, path);
    } else {
      await page.goto(market.address + path);
    }
    const failure = page.getByRole("alert").filter({ hasText: "The market cannot be reached" });
    await failure.waitFor();
    await settled(page);
    await page.context().unroute("**/api/mizan/**");
    await failure.getByRole("button", { name: "Try again" }).click();
    await failure.waitFor({ state: "detached" });
    await page
      .getByRole("banner")
      .getByRole("link", { name: /^Profile of/ })
      .waitFor();
    await page.locator(".page h1").waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    await close();
  });
}

test("data stays on the screen when a later read fails", async () => {
  const { page, close } = await market.visit({ path: "/profile", user: "pierre" });
  // Alone, or together with what else is stale.
  const profile = /\/ctx\/(profile\/|\?.*e=profile)/;
  await page.context().route(profile, (route) => route.abort());
  // A call that does not say what the page holds: its response brings nothing, and the page reads.
  await page.context().route("**/api/mizan/call/", (route) => {
    const { mounted: _, ...call } = route.request().postDataJSON();
    return route.continue({ postData: JSON.stringify(call) });
  });
  await page.getByRole("button", { name: "Save profile" }).click();
  const notice = page.getByRole("alert").filter({ hasText: "out of date" });
  await notice.waitFor();
  assert.ok(await page.getByLabel("City").isVisible());
  await page.context().unroute(profile);
  await notice.getByRole("button", { name: "Try again" }).click();
  await notice.waitFor({ state: "detached" });
  await close();
});

test("a call that finds no network reports it, keeps what was typed, and breaks nothing", async () => {
  const { page, log, close } = await market.visit({ path: "/profile", user: "yuxin" });
  await page.context().route("**/api/mizan/**", (route) => route.abort());
  await page.getByLabel("City").fill("Tartu");
  await page.getByRole("button", { name: "Save profile" }).click();
  await page.getByRole("alert").filter({ hasText: "cannot be reached" }).waitFor();
  assert.equal(await page.getByLabel("City").inputValue(), "Tartu");
  // Chromium itself reports the request; nothing else does.
  assert.deepEqual(
    log.complaints.filter((line) => !line.includes("net::ERR_FAILED")),
    [],
  );
  await close();
});

test("a stall that is not there, and a path that leads nowhere", async () => {
  const { page, close } = await market.visit({ path: "/stalls/999" });
  await page.getByRole("heading", { name: "Nothing stands here" }).waitFor();
  await page.getByRole("link", { name: "Back to the hall" }).click();
  await page.getByText("Kept by").first().waitFor();
  await page.goto(`${market.address}/nowhere`);
  await page.getByRole("heading", { name: "You took a wrong turn" }).waitFor();
  await close();
});

test("a visitor without a name sees the hall and learns how to get one", async () => {
  const { page, log, close } = await market.visit({ path: "/stalls/1" });
  assert.equal(await page.getByRole("button", { name: /^Add/ }).count(), 0);
  for (const path of ["/basket", "/orders", "/profile"]) {
    await page.goto(market.address + path);
    await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
  }
  assert.deepEqual(log.complaints, []);
  await close();
});

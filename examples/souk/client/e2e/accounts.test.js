// Signing in and out, in one tab, in two, and on two devices.

/** @import { Locator, Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, PASSWORD, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

/** @param {Page} page */
const head = (page) => page.getByRole("banner");
/** @param {Page} page */
const shopper = (page) => head(page).getByRole("link", { name: /^Profile of/ });
/** @param {Page} page @param {string} text */
const toast = (page, text) => page.getByRole("status").filter({ hasText: text }).waitFor();
/** @param {Locator} locator */
const isFocused = (locator) => locator.evaluate((it) => it === document.activeElement);

/** @param {Page} page @param {string} name @param {string} password */
async function fill(page, name, password) {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

test("from a screen of somebody to the sign-in, and back to that screen", async () => {
  const { page, log, close } = await market.visit({ path: "/orders" });
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.ok(await isFocused(page.getByLabel("Name", { exact: true })), "one can type at once");
  await fill(page, "amina", PASSWORD);
  await toast(page, "You are signed in.");
  await page.getByRole("heading", { name: "No orders yet" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/orders");
  assert.match(await shopper(page).innerText(), /Tata Amina\s+Amina Diallo/);
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("a wrong password is reported, and what is typed stays", async () => {
  const { page, close } = await market.visit({ path: "/sign-in" });
  await fill(page, "kenji", "guess");
  const alert = page.getByRole("alert").filter({ hasText: "the name or the password is wrong" });
  await alert.waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "kenji");
  assert.ok(await isFocused(page.getByLabel("Password")));
  await fill(page, "", "");
  await page.getByText("this is needed").first().waitFor();
  assert.ok(
    await isFocused(page.getByLabel("Name", { exact: true })),
    "the first faulty field has the focus",
  );
  await fill(page, "kenji", PASSWORD);
  await shopper(page).waitFor();
  await close();
});

test("a sign-in leads to no other site", async () => {
  for (const next of ["//evil.example/", "/\\evil.example/", "https://evil.example/"]) {
    const { page, close } = await market.visit({ path: `/sign-in?next=${encodeURIComponent(next)}` });
    await fill(page, "ilinca", PASSWORD);
    await shopper(page).waitFor();
    await page.getByText("Kept by").first().waitFor();
    assert.equal(page.url(), `${market.address}/`);
    await close();
  }
});

test("nothing of somebody who signed out is left for the next one", async () => {
  const { page, log, close } = await market.visit({ path: "/stalls/4", user: "oksana" });
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await toast(page, "Added to your basket");
  await page.getByRole("link", { name: /^Basket/ }).click();
  await page.getByRole("button", { name: "Order and pay" }).click();
  await page.getByText("bought by Oksana Kovalenko").waitFor();

  await head(page).getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
  await head(page).getByRole("link", { name: "Sign in" }).waitFor();
  await toast(page, "You are signed out.");
  assert.ok(await isFocused(page.locator("#main")), "the focus has a place");
  assert.doesNotMatch(await page.locator("body").innerText(), /Oksana/);

  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await fill(page, "tevita", PASSWORD);
  await page.getByRole("heading", { name: "No orders yet" }).waitFor();
  await page.goBack();
  await settled(page);
  assert.doesNotMatch(await page.locator("body").innerText(), /Oksana/);
  assert.equal(log.loads, 1);
  // What was on the screen at the sign-out is read once more, and refused; Chromium itself reports that.
  assert.deepEqual(
    log.complaints.filter((line) => !line.includes("401 (Unauthorized)")),
    [],
  );
  await close();
});

test("signing out and in, in one tab, is seen by the other", async () => {
  const { page, tab, close } = await market.visit({ path: "/orders", user: "lucia" });
  const other = await tab("/orders");
  await other.getByText("Order S-1006").waitFor();
  await head(page).getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "You are not signed in" }).waitFor();
  await head(other).getByRole("link", { name: "Sign in" }).waitFor();
  assert.equal(await other.getByText("Order S-1006").count(), 0);

  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await fill(page, "lucia", PASSWORD);
  await other.getByText("Order S-1006").waitFor();
  await shopper(other).waitFor();
  await close();
});

test("a device that is ended is signed out at its next request", async () => {
  const laptop = await market.visit({ path: "/profile", user: "meera" });
  const lost = await market.visit({ path: "/", user: "meera" });
  await laptop.page.getByRole("link", { name: "Where you are signed in" }).click();
  const rows = laptop.page.locator(".devices .row");
  await rows.nth(1).waitFor();
  assert.match(await rows.first().innerText(), /^Chrome on Linux\s+since \d+ \w+ \d{4}/);
  assert.equal(await laptop.page.getByText("This device").count(), 1);

  await rows.getByRole("button", { name: "Sign out Chrome on Linux" }).click();
  await toast(laptop.page, "Chrome on Linux is signed out.");
  await rows.nth(1).waitFor({ state: "detached" });
  await shopper(laptop.page).waitFor();

  await lost.page.getByRole("link", { name: "Orders" }).click();
  await lost.page.getByRole("heading", { name: "You are not signed in" }).waitFor();
  await head(lost.page).getByRole("link", { name: "Sign in" }).waitFor();
  await laptop.close();
  await lost.close();
});

test("a change on a device that was ended reports it, and the page knows from then on", async () => {
  const laptop = await market.visit({ path: "/devices", user: "nkechi" });
  const lost = await market.visit({ path: "/stalls/1", user: "nkechi" });
  await laptop.page.reload();
  await laptop.page.getByRole("button", { name: "Sign out Chrome on Linux" }).click();
  await toast(laptop.page, "is signed out");
  await lost.page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .click();
  await head(lost.page).getByRole("link", { name: "Sign in" }).waitFor();
  assert.equal(await lost.page.getByRole("button", { name: /^Add/ }).count(), 0);
  await laptop.close();
  await lost.close();
});

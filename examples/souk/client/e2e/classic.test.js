// The pages that need no JavaScript, in a browser that has none.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, PASSWORD, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

const PROFILE = "/classic/profile/20/";

/** @param {Page} page @param {string} label */
const field = (page, label) => page.getByLabel(label, { exact: true });

/** @param {Page} page @param {string} password */
async function signIn(page, password) {
  await field(page, "Name").fill("leila");
  await field(page, "Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("sign in, save a profile, sign out", async () => {
  const { page, close } = await market.visit({ path: PROFILE, javaScriptEnabled: false });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, "guess");
  await page.getByRole("alert").filter({ hasText: "the name or the password is wrong" }).waitFor();
  assert.equal(await field(page, "Name").inputValue(), "leila");
  await signIn(page, PASSWORD);
  await page.getByRole("heading", { name: "Profile" }).waitFor();
  assert.equal(new URL(page.url()).pathname, PROFILE);

  await field(page, "City").fill("Isfahan");
  await field(page, "About you").fill("<b>Saffron</b> & tea");
  await page.getByRole("button", { name: "Save profile" }).click();
  await page.getByText("Your profile is saved.").waitFor();
  assert.equal(await field(page, "City").inputValue(), "Isfahan");
  assert.equal(await field(page, "About you").inputValue(), "<b>Saffron</b> & tea");
  // What was sent once is not sent again by reading the page again.
  await page.reload();
  await page.getByText("Your profile is saved.").waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto(market.address + PROFILE);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await close();
});

test("what is wrong is shown next to its field, and what was typed stays", async () => {
  const { page, close } = await market.visit({ path: PROFILE, user: "leila", javaScriptEnabled: false });
  await field(page, "Name").fill(" ");
  await field(page, "City").fill("Tabriz");
  await field(page, "E-mail").fill("nobody");
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.getByRole("button", { name: "Save profile" }).click(),
  ]);
  assert.equal(answer.status(), 422);
  await page.getByText("write an address like name@example.org").waitFor();
  const email = field(page, "E-mail");
  assert.equal(await email.getAttribute("aria-describedby"), "email-error");
  assert.equal(await email.getAttribute("aria-invalid"), "true");
  assert.equal(await email.inputValue(), "nobody");
  assert.equal(await field(page, "City").inputValue(), "Tabriz");
  await field(page, "Name").fill("Leila Moradi");
  await email.fill("leila@souk.example");
  await page.getByRole("button", { name: "Save profile" }).click();
  await page.getByText("Your profile is saved.").waitFor();
  await close();
});

test("a form with a token of another user is refused", async () => {
  const stranger = await market.visit({ path: "/classic/sign-in/", javaScriptEnabled: false });
  const token = await stranger.page.locator("[name=csrf_token]").first().inputValue();
  await stranger.close();
  const { page, close } = await market.visit({ path: PROFILE, user: "leila", javaScriptEnabled: false });
  await field(page, "City").fill("Elsewhere");
  await page
    .locator("[name=csrf_token]")
    .first()
    .evaluate((input, token) => {
      /** @type {HTMLInputElement} */ (input).value = token;
    }, token);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.getByRole("button", { name: "Save profile" }).click(),
  ]);
  assert.equal(answer.status(), 403);
  await page.goto(market.address + PROFILE);
  assert.notEqual(await field(page, "City").inputValue(), "Elsewhere");
  await close();
});

test("the page with JavaScript shows what the one without has saved", async () => {
  const modern = await market.visit({ path: "/profile", user: "leila" });
  const classic = await market.visit({ path: PROFILE, user: "leila", javaScriptEnabled: false });
  await field(classic.page, "Name").fill("Leila Classic");
  await classic.page.getByRole("button", { name: "Save profile" }).click();
  await classic.page.getByText("Your profile is saved.").waitFor();
  await modern.page.reload();
  await settled(modern.page);
  assert.equal(await field(modern.page, "Name").inputValue(), "Leila Classic");
  await modern.close();
  await classic.close();
});

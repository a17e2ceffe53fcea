// The classic pages where JavaScript is on: htmx sends the form, and what the response makes stale is fetched again.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMarket, settled } from "./market.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => (market = await openMarket()));
after(() => market.stop());

// A keeper, whose name is shown twice.
const PROFILE = "/classic/profile/1/";
const USER = "samira";

/** @param {Page} page @param {string} label */
const field = (page, label) => page.getByLabel(label, { exact: true });

/**
 * The requests that the page makes from here on, as text.
 *
 * @param {Page} page
 */
function requests(page) {
  /** @type {string[]} */
  const lines = [];
  page.on("request", (request) => lines.push(`${request.method()} ${new URL(request.url()).pathname}`));
  return lines;
}

/** @param {Page} page */
const save = (page) => page.getByRole("button", { name: "Save profile" }).click();

/**
 * The elements that are still those of before.
 *
 * @param {Page} page
 */
const kept = (page) =>
  page.evaluate(() =>
    ["who", "stall", "basket"].filter((id) => document.getElementById(id)?.hasAttribute("data-before")),
  );

/** @param {Page} page */
const marked = (page) =>
  page.evaluate(() => {
    for (const element of document.querySelectorAll("[mizan-context]"))
      element.setAttribute("data-before", "");
  });

test("a changed name refreshes the elements that show it and no other", async () => {
  const { page, log, close } = await market.visit({ path: PROFILE, user: USER });
  await marked(page);
  assert.deepEqual(await kept(page), ["who", "stall", "basket"]);
  const sent = requests(page);
  await field(page, "Name").fill("Samira <b>Market</b>");
  await save(page);
  await page.getByText("Your profile is saved.").waitFor();
  await page.locator("#stall", { hasText: "kept by Samira <b>Market</b>" }).waitFor();
  await settled(page);
  assert.equal(await page.locator("#who").innerText(), "Signed in as Samira <b>Market</b>");
  assert.deepEqual(await kept(page), ["basket"]);
  // The form, and one request for each element that shows the name.
  assert.deepEqual(sent, [`POST ${PROFILE}`, `GET ${PROFILE}`, `GET ${PROFILE}`]);
  assert.equal(log.loads, 1);
  assert.equal(new URL(page.url()).search, "");
  // Where the button was, the keyboard goes on.
  assert.equal(await page.evaluate(() => document.activeElement?.id), "save");

  // The elements that came in follow as the first ones did.
  await field(page, "Name").fill("Samira Obi");
  await save(page);
  await page.locator("#stall", { hasText: "kept by Samira Obi" }).waitFor();
  await page.locator("#who", { hasText: "Signed in as Samira Obi" }).waitFor();
  assert.deepEqual(await kept(page), ["basket"]);
  // The policy of the pages is kept: it allows no script but files of this origin.
  assert.deepEqual(log.complaints, []);
  await close();
});

test("what is wrong is shown in place, and nothing is fetched", async () => {
  const { page, log, close } = await market.visit({ path: PROFILE, user: USER });
  await marked(page);
  const sent = requests(page);
  await field(page, "E-mail").fill("nobody");
  await save(page);
  await page.getByText("write an address like name@example.org").waitFor();
  await settled(page);
  assert.equal(await field(page, "E-mail").inputValue(), "nobody");
  assert.equal(await field(page, "E-mail").getAttribute("aria-describedby"), "email-error");
  assert.deepEqual(sent, [`POST ${PROFILE}`]);
  assert.deepEqual(await kept(page), ["who", "stall", "basket"]);
  assert.equal(log.loads, 1);
  await close();
});

test("a form that is refused leads to the same page as without JavaScript", async () => {
  const { page, tab, close } = await market.visit({ path: PROFILE, user: USER });
  const other = await tab(PROFILE);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
  // The token of the form is that of the session that is over.
  await save(page);
  await page.getByText("FORBIDDEN").waitFor();
  assert.equal(await page.getByRole("button").count(), 0);
  await close();
});

test("a form that cannot be sent shows that, and keeps what was typed", async () => {
  const { page, close } = await market.visit({ path: PROFILE, user: USER });
  await field(page, "City").fill("Enugu");
  await page.context().setOffline(true);
  await save(page);
  await page.getByRole("alert").filter({ hasText: "The market cannot be reached." }).waitFor();
  await page.context().setOffline(false);
  await save(page);
  await page.getByText("Your profile is saved.").waitFor();
  assert.equal(await field(page, "City").inputValue(), "Enugu");
  await close();
});

test("without JavaScript the same page works, by loading it again", async () => {
  const { page, close } = await market.visit({ path: PROFILE, user: USER, javaScriptEnabled: false });
  await field(page, "Name").fill("Samira Plain");
  await save(page);
  await page.getByText("Your profile is saved.").waitFor();
  assert.equal(new URL(page.url()).search, "?saved");
  assert.equal(await page.locator("#who").innerText(), "Signed in as Samira Plain");
  assert.match(await page.locator("#stall").innerText(), /kept by Samira Plain$/);
  await close();
});

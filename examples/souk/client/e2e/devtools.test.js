// The panel of the client in a build that has it, and that a production build has nothing of it.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openMarket, settled } from "./market.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const client = fileURLToPath(new URL("..", import.meta.url));

/** @type {string} */
let folder;
/** @type {string} */
let built;
/** @type {import("./market.js").Market} */
let market;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "souk-devtools-"));
  built = join(folder, "dist");
  const env = { ...process.env, MIZAN_DEVTOOLS: "1", SOUK_CLIENT_OUT: built };
  await promisify(execFile)("npx", ["vite", "build", "--logLevel", "warn"], { cwd: client, env });
  market = await openMarket({ assets: built });
});
after(async () => {
  await market.stop();
  await rm(folder, { recursive: true });
});

/**
 * The files of a build that contain a text of the panel.
 *
 * @param {string} folder
 */
const withPanel = (folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) =>
      /\.(js|css|html)$/.test(file) && /mizan-devtools/i.test(readFileSync(join(folder, file), "utf8")),
  );

test("a production build has nothing of it", () => {
  assert.deepEqual(withPanel(join(client, "dist")), []);
  assert.equal(withPanel(built).length, 1);
});

/** @param {Page} page */
async function opened(page) {
  await page.locator("mizan-devtools .toggle").click();
  return page.getByRole("region", { name: "Mizan devtools" });
}

test("a call, what it makes stale, and the read that follows are shown", async () => {
  const { page, log, close } = await market.visit({ path: "/stalls/1", user: "leila" });
  const panel = await opened(page);
  const row = panel.getByRole("row", { name: /^stall\?stall_id=1 / });
  await row.getByRole("cell", { name: "fresh", exact: true }).waitFor();
  const add = page.getByRole("button", { name: /^Add .* to basket/ }).first();
  await add.evaluate((button) => /** @type {HTMLElement} */ (button).click());
  const timeline = panel.getByRole("region", { name: "Timeline" });
  await timeline.getByText(/^add_to_basket: 200, \d+ ms$/).waitFor();
  await timeline.getByText("basket: by the response of a call").waitFor();

  // Offline, the row says what failed; then the network is back.
  await panel.getByLabel("Network").selectOption("offline");
  await row.getByRole("button", { name: "Mark as stale: stall?stall_id=1" }).click();
  await row.getByRole("cell", { name: "failed NETWORK_ERROR" }).waitFor();
  await row.getByRole("cell", { name: "mizan.invalidate" }).waitFor();
  await panel.getByLabel("Network").selectOption("normal");
  await row.getByRole("button", { name: "Refetch: stall?stall_id=1" }).click();
  await row.getByRole("cell", { name: "fresh", exact: true }).waitFor();
  // The policy of the pages is kept.
  assert.deepEqual(log.complaints, []);
  await close();
});

test("the keyboard opens, uses and closes it", async () => {
  const { page, close } = await market.visit({ path: "/stalls/1", user: "leila" });
  const toggle = page.locator("mizan-devtools .toggle");
  await toggle.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("region", { name: "Mizan devtools" });
  const focused = () =>
    page.evaluate(() => {
      const element = document.querySelector("mizan-devtools")?.shadowRoot?.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    });
  assert.match(await focused(), /^as it is/);
  const seen = [];
  for (let at = 0; at < 6; at++) {
    await page.keyboard.press("Tab");
    seen.push(await focused());
  }
  assert.deepEqual(seen.slice(0, 4), ["Mark all as stale", "Clear timeline", "Close", "Entries"]);
  assert.match(seen[4] ?? "", /^Mark as stale: /);
  // An entry that is drawn again keeps the focus.
  await page.keyboard.press("Enter");
  await settled(page);
  await page.waitForTimeout(1_200);
  assert.equal(await focused(), seen[5]);
  await page.keyboard.press("Escape");
  assert.equal(await panel.isVisible(), false);
  assert.match(await focused(), /^Mizan\d+ held/);
  await close();
});

for (const scheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 360]) {
    test(`axe finds nothing, ${scheme}, ${width} px`, async () => {
      const { page, close } = await market.visit({ path: "/stalls/1", user: "leila", scheme, width });
      const panel = await opened(page);
      await panel.getByLabel("Network").selectOption("failing");
      const stale = panel.getByRole("button", { name: "Mark as stale: stall?stall_id=1", exact: true });
      await stale.click();
      await panel.getByText("failed INTERNAL_ERROR").first().waitFor();
      const console = await page.context().newCDPSession(page);
      await console.send("Runtime.evaluate", { expression: axe });
      await console.detach();
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(
        violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target}`)),
        [],
      );
      await close();
    });
  }
}

// Pictures of every screen for docs/screenshots: `npm run build && npm run screenshots`.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openMarket, settled } from "./market.js";

const directory = fileURLToPath(new URL("../../../../docs/screenshots/", import.meta.url));
const USER = "nkechi";
const SCREENS = { hall: "/", stall: "/stalls/4", profile: "/profile", basket: "/basket", orders: "/orders" };
/** @type {Record<string, import("./market.js").VisitOptions>} */
const LOOKS = {
  light: { width: 1200, height: 760, scheme: "light" },
  dark: { width: 1200, height: 760, scheme: "dark" },
  phone: { width: 390, height: 844, scheme: "light" },
};

const market = await openMarket();
await mkdir(directory, { recursive: true });
await shopAndOrder([1, 5], [2, 7, 9], [4, 6]);

for (const [look, options] of Object.entries(LOOKS)) {
  for (const [screen, path] of Object.entries(SCREENS)) {
    const { page, close } = await market.visit({ ...options, path, user: USER });
    await page.screenshot({ path: `${directory}${screen}-${look}.png` });
    await close();
  }
}
await market.stop();

/**
 * Two orders, and a basket: each a list of stalls, of which the first goods are bought.
 *
 * @param {number[][]} baskets
 */
async function shopAndOrder(...baskets) {
  const { page, close } = await market.visit({ user: USER });
  for (const [at, stalls] of baskets.entries()) {
    for (const stall of stalls) {
      await page.goto(`${market.address}/stalls/${stall}`);
      const buttons = page.getByRole("button", { name: /^Add .* to basket/ });
      await buttons.nth(at).click();
      await buttons.nth(at + 1).click();
      await settled(page);
    }
    if (at === baskets.length - 1) break;
    await page.goto(`${market.address}/basket`);
    await page.getByRole("button", { name: "Order and pay" }).click();
    await page.getByRole("heading", { name: "Orders" }).waitFor();
    await settled(page);
  }
  await close();
}

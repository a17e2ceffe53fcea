// The moving picture of the README, from the real market: `cargo xtask picture`.
//
// A keeper changes two names. The log below the page has every request. They are held, so that they can be seen.

import { deepEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { openMarket, settled } from "./market.js";
import { film } from "./picture/film.js";
import { watch } from "./picture/network.js";
import { openStage, SCALE, STAGE, WINDOW } from "./picture/stage.js";

/** What shows a name, or might seem to. What changed of it is outlined. */
const SHOWN = [
  ".shopper strong",
  ".shopper small",
  ".display-name > span",
  ".preview .keeper strong",
  ".pieces",
];

const market = await openMarket();
try {
  await writeFile(new URL("../../../../docs/rename.webp", import.meta.url), await record());
} finally {
  await market.stop();
}

async function record() {
  const { page } = await market.visit({ user: "nkechi", scale: SCALE, ...WINDOW });
  const network = await watch(page);
  const { stage, picture } = await openStage(market.browser);
  const lab = await stage.context().newPage();
  const made = film(lab, STAGE.width * SCALE, STAGE.height * SCALE);

  let pointer = { x: 700, y: 500 };
  let title = "The page opens and reads";
  /** @type {import("./picture/stage.js").Box[]} */
  let changed = [];
  const take = async (/** @type {number} */ duration) =>
    made.add(await picture(page, { pointer, changed, title, rows: network.rows }), duration);

  /** @param {import("playwright-core").Locator} target */
  const point = async (target) => {
    const box = await target.boundingBox();
    if (!box) throw new Error("what the pointer goes to is not on the page");
    const [from, to] = [pointer, { x: box.x + Math.min(box.width / 2, 120), y: box.y + box.height / 2 }];
    for (const part of [0.35, 0.8, 1]) {
      pointer = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
      await take(90);
    }
  };
  /** @param {string} text */
  const type = async (text) => {
    await page.keyboard.press("Control+A");
    for (const character of text) {
      await page.keyboard.type(character);
      await take(70);
    }
  };
  /**
   * Sends a call, and shows it under way, then its response and what that changed.
   *
   * @param {string} name of the log
   * @param {() => Promise<void>} send
   */
  const call = async (name, send) => {
    network.rows.length = 0;
    title = name;
    const before = await texts();
    network.hold();
    await send();
    await held();
    // The token for calls comes first, once.
    if (network.rows.length === 0) network.next();
    await until(() => network.rows.length > 0 && network.waiting() > 0);
    await take(900);
    network.release();
    await settled(page);
    changed = await outlined(before);
    const read = network.rows.filter(({ method }) => method === "GET").map(({ text }) => text);
    const fresh =
      network.rows
        .find(({ method }) => method === "new")
        ?.text.split(", ")
        .toSorted() ?? [];
    const kept = opened.map(contextOf).filter((context) => !fresh.includes(context));
    network.rows.push({
      method: "",
      text: `no second request; not read: ${kept.join(", ")}`,
      status: "",
      look: "kept",
    });
    await take(3200);
    changed = [];
    return { read, fresh, kept };
  };
  const texts = () =>
    page.evaluate((shown) => shown.map((part) => document.querySelector(part)?.textContent), SHOWN);
  /** @param {(string | null | undefined)[]} before */
  const outlined = async (before) => {
    const after = await texts();
    const parts = SHOWN.filter((_, at) => after[at] !== undefined && after[at] !== before[at]);
    const boxes = await Promise.all(parts.map((part) => page.locator(part).boundingBox()));
    return boxes.filter((box) => box !== null);
  };
  const until = async (/** @type {() => boolean} */ holds) => {
    while (!holds()) await page.waitForTimeout(20);
  };
  /** Until requests wait, and no more follow. */
  const held = async () => {
    await until(() => network.waiting() > 0);
    for (let seen = -1; seen !== network.waiting(); await page.waitForTimeout(150)) seen = network.waiting();
  };

  await page.goto(`${market.address}/profile`);
  await settled(page);
  const opened = network.rows.map(({ text }) => text);
  await take(1800);

  const change = page.getByRole("button", { name: "Change display name" });
  await point(change);
  await change.click();
  await take(300);
  await type("Kechi");
  const save = page.getByRole("button", { name: "Save", exact: true });
  await point(save);
  const first = await call("A display name is saved", () => save.click());
  deepEqual(first, {
    read: [],
    fresh: ["global", "profile"],
    kept: ["basket", "stall_card"],
  });

  const field = page.getByLabel("Name", { exact: true });
  await point(field);
  await field.click();
  await take(200);
  await type("Nkechi Eze");
  const second = await call("The profile is saved, with another name", () => page.keyboard.press("Enter"));
  deepEqual(second, {
    read: [],
    fresh: ["global", "profile", "stall_card"],
    kept: ["basket"],
  });

  const file = made.file();
  console.log(`${made.frames.length} frames, ${Math.round(file.length / 1000)} kB`);
  return file;
}

/** @param {string} path */
function contextOf(path) {
  return path.split("/")[1] ?? "";
}

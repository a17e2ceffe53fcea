// The stage of the picture: the window with the page, and below it the log of what the page asked the server.

import { readFile } from "node:fs/promises";

/**
 * @import { Browser, Page } from "playwright-core"
 * @import { Row } from "./network.js"
 *
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 *
 * @typedef {object} Scene
 * @property {{ x: number, y: number }} pointer
 * @property {Box[]} changed what is outlined
 * @property {string} title of the log
 * @property {Row[]} rows
 */

/** The size of the page in the window. */
export const WINDOW = { width: 956, height: 540 };
export const STAGE = { width: 960, height: 840 };
/** Pixels of the file for each of the layout: more make sharper letters and a larger file. */
export const SCALE = 1.5;
/** As many rows as the log has place for. */
const ROWS = 9;

/** @param {Browser} browser */
export async function openStage(browser) {
  const context = await browser.newContext({ viewport: STAGE, deviceScaleFactor: SCALE });
  const stage = await context.newPage();
  await stage.setContent(await readFile(new URL("stage.html", import.meta.url), "utf8"));
  return {
    stage,
    /**
     * A picture of the page, with the pointer and the log.
     *
     * @param {Page} page
     * @param {Scene} scene
     */
    async picture(page, { rows, ...scene }) {
      const image = (await page.screenshot()).toString("base64");
      const address = new URL(page.url()).pathname;
      await stage.evaluate(show, { ...scene, rows: rows.slice(-ROWS), image, address });
      return stage.screenshot();
    },
  };
}

/**
 * Runs in the stage.
 *
 * @param {Scene & { image: string, address: string }} scene
 */
async function show({ image, address, pointer, changed, title, rows }) {
  /** @type {(selector: string) => HTMLElement} */
  const part = (selector) => {
    const found = document.querySelector(selector);
    if (!found) throw new Error(`the stage has no ${selector}`);
    return /** @type {HTMLElement} */ (found);
  };
  const window = /** @type {HTMLImageElement} */ (part("img"));
  window.src = `data:image/png;base64,${image}`;
  await window.decode();
  part(".bar span").textContent = `Souk  ${address}`;
  part("svg").style.translate = `${pointer.x}px ${pointer.y}px`;
  part(".log h2").textContent = title;
  const outline = (/** @type {Box} */ { x, y, width, height }) => {
    const box = document.createElement("b");
    box.style.cssText = `left: ${x - 5}px; top: ${y - 2}px; width: ${width + 10}px; height: ${height + 4}px`;
    return box;
  };
  part(".boxes").replaceChildren(...changed.map(outline));
  const cells = (/** @type {Row} */ { method, text, status, look }) => {
    const row = document.createElement("p");
    row.className = look;
    for (const [at, cell] of [method, text, status].entries()) {
      const span = document.createElement("span");
      span.textContent = cell;
      if (at === 2) span.className = cell === "…" ? "wait" : "ok";
      row.append(span);
    }
    return row;
  };
  part(".log div").replaceChildren(...rows.map(cells));
}

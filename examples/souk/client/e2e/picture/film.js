// Screenshots become frames: the browser finds what changed since the last one, and encodes that.
// Pixels that are the same are transparent, so that they take no space.

import { animation } from "./webp.js";

/**
 * @import { Page } from "playwright-core"
 * @import { Frame } from "./webp.js"
 */

/** The browser's encoder without loss makes files five times as large. */
const QUALITY = 0.95;

/**
 * @param {Page} lab an empty page
 * @param {number} width in pixels
 * @param {number} height
 */
export function film(lab, width, height) {
  /** @type {Frame[]} */
  const frames = [];
  return {
    /**
     * Adds a screenshot. Where nothing changed, the last frame lasts longer.
     *
     * @param {Buffer} png
     * @param {number} duration in milliseconds
     */
    async add(png, duration) {
      const last = frames.at(-1);
      const changed = await lab.evaluate(difference, {
        png: png.toString("base64"),
        width,
        height,
        quality: QUALITY,
      });
      if (changed) frames.push({ ...changed, image: Buffer.from(changed.image, "base64"), duration });
      else if (last) last.duration += duration;
    },
    frames,
    file: () => animation(width, height, frames),
  };
}

/**
 * Runs in the page. Gives the rectangle that differs from the last picture, or nothing.
 *
 * @param {{ png: string, width: number, height: number, quality: number }} picture
 */
async function difference({ png, width, height, quality }) {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("the page has no canvas");
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, width, height);
  const pixels = new Uint32Array(data.data.buffer);
  const now = pixels.slice();
  const last = globalThis.lastPicture;
  globalThis.lastPicture = now;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let at = 0; at < now.length; at++) {
    if (last && now[at] === last[at]) {
      pixels[at] = 0;
      continue;
    }
    const [x, y] = [at % width, Math.floor(at / width)];
    if (x < left) left = x;
    if (x >= right) right = x + 1;
    if (y < top) top = y;
    if (y >= bottom) bottom = y + 1;
  }
  if (right === 0) return;
  const [x, y] = [left - (left % 2), top - (top % 2)];
  const [w, h] = [right - x, bottom - y];
  const canvas = new OffscreenCanvas(w, h);
  canvas.getContext("2d")?.putImageData(data, -x, -y);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality });
  const encoded = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (const byte of encoded) text += String.fromCharCode(byte);
  return { x, y, width: w, height: h, image: btoa(text) };
}

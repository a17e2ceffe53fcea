// The picture of the README, and how it is made.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { film } from "./picture/film.js";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").Page} */
let page;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  page = await browser.newPage({ viewport: { width: 41, height: 31 } });
  // Only a page of this machine may decode pictures.
  await page.route("http://localhost/", (route) => route.fulfill({ contentType: "text/html", body: "" }));
  await page.goto("http://localhost/");
});
after(() => browser?.close());

test("a browser plays back the frames that were filmed, each in its place", async () => {
  const made = film(page, 41, 31);
  const body = (/** @type {string} */ html) =>
    page.setContent(`<body style="margin: 0; background: rgb(9 8 7)">${html}`);
  const square =
    '<div style="position: absolute; left: 7px; top: 5px; width: 16px; height: 16px; background: ';
  await body("");
  await made.add(await page.screenshot(), 100);
  await body(`${square} rgb(200 30 30)">`);
  await made.add(await page.screenshot(), 200);
  await made.add(await page.screenshot(), 50);
  await body(`${square} rgb(30 120 30)">`);
  await made.add(await page.screenshot(), 300);

  // Only what changed is in a frame, and a frame that is the same makes the one before it longer.
  assert.deepEqual(
    made.frames.map(({ image, ...place }) => place),
    [
      { x: 0, y: 0, width: 41, height: 31, duration: 100 },
      { x: 6, y: 4, width: 17, height: 17, duration: 250 },
      { x: 6, y: 4, width: 17, height: 17, duration: 300 },
    ],
  );
  const { pixels, ...played } = await play(made.file(), [15, 13]);
  assert.deepEqual(played, {
    size: [41, 31],
    repeats: Number.POSITIVE_INFINITY,
    durations: [100, 250, 300],
  });
  const colours = [
    [9, 8, 7],
    [200, 30, 30],
    [30, 120, 30],
  ];
  for (const [at, colour] of colours.entries())
    for (const [part, value] of colour.entries())
      assert.ok(Math.abs((pixels[at]?.[part] ?? 0) - value) < 12, `${pixels[at]} for ${colour}`);
  // Around the square, the first frame shows through.
  const { pixels: around } = await play(made.file(), [30, 25]);
  for (const colour of around)
    assert.ok(
      colour.every((value) => value < 20),
      `${colour}`,
    );
});

test("the picture of the README moves, and is smaller than 1 MB", async () => {
  const docs = new URL("../../../../", import.meta.url);
  const readme = await readFile(new URL("README.md", docs), "utf8");
  assert.match(readme, /\]\(docs\/rename\.webp\)/);
  const file = await readFile(new URL("docs/rename.webp", docs));
  assert.ok(file.length < 1_000_000, `${file.length} bytes`);
  const { durations } = await play(file, [0, 0]);
  assert.ok(durations.length >= 20, `${durations.length} frames`);
});

/**
 * What a browser makes of an animation.
 *
 * @param {Buffer} file
 * @param {[number, number]} pixel whose colour is wanted in each frame
 */
const play = (file, pixel) =>
  page.evaluate(
    async ({ text, pixel: [x, y] }) => {
      const data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const decoder = new ImageDecoder({ data, type: "image/webp" });
      await decoder.tracks.ready;
      const track = decoder.tracks.selectedTrack;
      const [size, durations, pixels] = [
        [0, 0],
        /** @type {number[]} */ ([]),
        /** @type {number[][]} */ ([]),
      ];
      for (let frameIndex = 0; frameIndex < (track?.frameCount ?? 0); frameIndex++) {
        const { image } = await decoder.decode({ frameIndex });
        const context = new OffscreenCanvas(image.displayWidth, image.displayHeight).getContext("2d");
        context?.drawImage(image, 0, 0);
        size.splice(0, 2, image.displayWidth, image.displayHeight);
        durations.push((image.duration ?? 0) / 1000);
        pixels.push([...(context?.getImageData(x, y, 1, 1).data ?? [])].slice(0, 3));
        image.close();
      }
      return { size, repeats: track?.repetitionCount, durations, pixels };
    },
    { text: file.toString("base64"), pixel },
  );

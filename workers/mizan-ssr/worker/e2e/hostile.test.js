// Strings that try to leave the page's data, through a real HTML parser and through hydration.

import { deepEqual } from "node:assert/strict";
import { after, test } from "node:test";
import { hostile } from "./hostile.js";
import { openBrowser, openServer, openWorker, written } from "./stage.js";

const COUNT = 20_000;
const BATCH = 2_000;

const [worker, server, browser] = await Promise.all([openWorker(), openServer(), openBrowser()]);
after(() => Promise.all([worker.stop(), server.stop(), browser.close()]));

test(`${COUNT} strings are each in the one script, and read as they were written`, async () => {
  const strings = hostile(COUNT, { seed: 17, controls: true });
  const tab = await browser.newPage();
  for (let from = 0; from < COUNT; from += BATCH) {
    const batch = strings.slice(from, from + BATCH);
    const pages = batch.map((text) => ({ component: text, props: { text }, data: [{ [text]: text }] }));
    const read = await tab.evaluate(
      (documents) =>
        documents.map((text) => {
          const parsed = new DOMParser().parseFromString(text, "text/html");
          const data = JSON.parse(parsed.getElementById("mizan-page-data")?.textContent ?? "");
          // The other one loads the page.
          return `${parsed.querySelectorAll("script").length - 1} ${JSON.stringify(data)}`;
        }),
      pages.map((page) => written(page, {})),
    );
    deepEqual(
      read,
      pages.map((page) => `1 ${JSON.stringify(page)}`),
    );
  }
});

for (const component of ["StallPage", "Counter", "Board"])
  test(`${component} with 1,000 of them is taken over as it is`, async () => {
    const rows = hostile(1_000, { seed: 18, controls: false }).map((text, at) => `${at} ${text}.`);
    const stall = { context: "stall", params: { stall_id: 1 }, data: { stall: { name: rows[0], rows } } };
    const cart = { context: "cart", params: {}, data: { cart: 5 } };
    const page = { component, props: { stall_id: 1, note: rows[1] }, data: [stall, cart] };
    server.show(written(page, await worker.render(page)));
    const tab = await browser.newPage();
    /** @type {string[]} */
    const complaints = [];
    tab.on("console", (message) => {
      if (message.type() !== "info" && message.type() !== "log") complaints.push(message.text());
    });
    tab.on("pageerror", (error) => complaints.push(String(error)));
    await tab.goto(server.url);
    const button = tab.getByRole("button");
    for (let tries = 0; tries < 50 && (await button.innerText()) === "0"; tries++) await button.click();
    const shown = await tab.evaluate(() =>
      [...document.querySelectorAll("li")].map((row) => row.textContent),
    );
    deepEqual([shown, complaints, server.reads()], [rows, [], []]);
  });

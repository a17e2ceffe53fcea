// What a visitor sees of a page that the server has rendered, or could not render, in each framework.

import { deepEqual, equal } from "node:assert/strict";
import { after, test } from "node:test";
import { openBrowser, openServer, openWorker, written } from "./stage.js";

const STALL = {
  context: "stall",
  params: { stall_id: 1 },
  data: { stall: { name: "Saffron </script><!--", rows: ["pen", "ink"] } },
};
const CART_DATA = { context: "cart", params: {}, data: { cart: 5 } };
const SHOWN = "Saffron </script><!-- note pen ink";
const CART = "/api/mizan/ctx/cart/";

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {boolean} isRendered by the server; otherwise its element is empty
 * @property {object[]} data
 * @property {boolean} [javaScriptEnabled]
 * @property {string} shown
 * @property {string} title
 * @property {string[]} reads
 */

/** @type {Row[]} */
const ROWS = [
  {
    name: "is complete without JavaScript",
    isRendered: true,
    data: [STALL],
    javaScriptEnabled: false,
    shown: `${SHOWN} loading 0`,
    title: "Stall Saffron </script><!--",
    reads: [],
  },
  {
    name: "is taken over without a request for what it has",
    isRendered: true,
    data: [STALL, CART_DATA],
    shown: `${SHOWN} 5 0`,
    title: "Stall Saffron </script><!--",
    reads: [],
  },
  {
    name: "reads what only the visitor may see",
    isRendered: true,
    data: [STALL],
    shown: `${SHOWN} 7 0`,
    title: "Stall Saffron </script><!--",
    reads: [CART],
  },
  {
    name: "is rendered in the browser where the server could not",
    isRendered: false,
    data: [STALL],
    shown: `${SHOWN} 7 0`,
    title: "Stall Saffron </script><!--",
    reads: [CART],
  },
  {
    name: "is read where there is no data at all",
    isRendered: false,
    data: [],
    shown: "read note 7 0",
    title: "Stall read",
    reads: ["/api/mizan/ctx/"],
  },
  {
    name: "has the title of the component also where the server had no data for it",
    isRendered: true,
    data: [],
    shown: "read note 7 0",
    title: "Stall read",
    reads: ["/api/mizan/ctx/"],
  },
];

const [worker, server, browser] = await Promise.all([openWorker(), openServer(), openBrowser()]);
after(() => Promise.all([worker.stop(), server.stop(), browser.close()]));

/** @param {string} text */
const words = (text) => text.replace(/\s+/g, " ").trim();

/**
 * Opens a page, and waits until it shows what it should.
 *
 * @param {{ component: string, props: object, data: object[] }} page
 * @param {Pick<Row, "isRendered" | "javaScriptEnabled" | "shown">} row
 * @param {(page: import("playwright-core").Page) => Promise<void>} check
 */
async function visit(page, { isRendered, javaScriptEnabled = true, shown }, check) {
  const rendered = isRendered ? await worker.render(page) : {};
  server.show(written(page, rendered));
  const context = await browser.newContext({ javaScriptEnabled });
  context.setDefaultTimeout(5_000);
  const tab = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  tab.on("console", (message) => {
    if (message.type() !== "info" && message.type() !== "log") complaints.push(message.text());
  });
  tab.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await tab.goto(server.url);
    const text = async () => words(await tab.locator("main").innerText());
    for (let tries = 0; tries < 50 && (await text()) !== shown; tries++) await tab.waitForTimeout(100);
    equal(await text(), shown);
    await check(tab);
    deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

for (const component of ["StallPage", "Counter", "Board"])
  for (const row of ROWS)
    test(`${component} ${row.name}`, () =>
      visit({ component, props: { stall_id: 1, note: "note" }, data: row.data }, row, async (tab) => {
        equal(await tab.title(), row.title);
        equal(await tab.locator('head meta[name="description"]').count(), 1);
        // The framework has taken it over once a click has its effect. It may not have done so at the first one.
        for (let tries = 0; row.javaScriptEnabled !== false && tries < 50; tries++) {
          await tab.getByRole("button").click();
          if ((await tab.getByRole("button").innerText()) !== "0") break;
          equal(tries < 49, true);
        }
        const reads = server.reads().map((read) => read.replace(/\?.*/, ""));
        deepEqual(reads, row.reads);
      }));

test("a part that would wait is rendered where its data is given, and taken over", () =>
  visit(
    { component: "Waiting", props: {}, data: [CART_DATA] },
    { isRendered: true, shown: "Cart 5" },
    async () => {
      deepEqual(server.reads(), []);
    },
  ));

test("a part that waited on the server is rendered in the browser, and nothing is reported", () =>
  visit({ component: "Waiting", props: {}, data: [] }, { isRendered: true, shown: "Cart 7" }, async () => {
    deepEqual(server.reads(), [CART]);
  }));

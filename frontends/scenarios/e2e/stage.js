// The server, the browser, and the hand that uses a page. It knows roles and names, and no framework.

import { deepEqual, equal } from "node:assert/strict";
import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { openNetwork } from "./network.js";

/**
 * @import { Page } from "playwright-core"
 * @typedef {Awaited<ReturnType<typeof openNetwork>>} Network
 * @typedef {ReturnType<typeof hand>} Hand
 */

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.SCENARIOS_BIN ?? here("../../../target/debug/scenarios");

/** Starts the server and the browser; `stop` ends both. */
export async function openStage() {
  const env = {
    ...process.env,
    MIZAN_ADDR: "127.0.0.1:0",
    MIZAN_TEST_SECRETS: "1",
    MIZAN_ASSETS: here("../dist"),
  };
  const server = spawn(binary, { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  /** @type {string} */
  const address = await new Promise((resolve, reject) => {
    server.stdout.on("data", (chunk) => {
      const found = /http:\/\/\S+/.exec(String(chunk));
      if (found) resolve(found[0].replace(/\/$/, ""));
    });
    server.on("error", reject);
    ended.then((code) => reject(new Error(`scenarios ended with ${code}`)));
  });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  /** @type {Map<string, Page>} */
  const pages = new Map();
  return {
    /**
     * Runs a row on a fresh page of this framework. `base` is added to the ids of the row, so that no row sees another.
     *
     * @param {string} framework
     * @param {number} base
     * @param {(hand: Hand) => Promise<void>} row
     */
    async play(framework, base, row) {
      const network = await openNetwork(address);
      // A page takes longer to make than a row takes to play: each row loads the same page again.
      const first = pages.get(framework) ?? (await (await browser.newContext()).newPage());
      pages.set(framework, first);
      const context = first.context();
      context.setDefaultTimeout(10_000);
      await context.clearCookies();
      /** @type {string[]} */
      const complaints = [];
      const note = (/** @type {Error} */ error) => complaints.push(String(error));
      const open = async (/** @type {Page} */ page) => {
        page.on("pageerror", note);
        await page.goto(`${network.address}/${framework}/index.html`);
        return page;
      };
      const tab = async () => hand(await open(await context.newPage()), network, base);
      try {
        await row(hand(await open(first), network, base, tab));
        deepEqual(complaints, []);
      } finally {
        first.off("pageerror", note);
        const others = context.pages().filter((page) => page !== first);
        await Promise.all(others.map((page) => page.close()));
        await network.close();
      }
    },
    async stop() {
      await browser.close();
      server.kill();
      await ended;
    },
  };
}

/**
 * What a row does and sees. Ids are those of the row: `profile:1` is the first user of the row, and so is `User 1`.
 *
 * @param {Page} page
 * @param {Network} network
 * @param {number} base
 * @param {() => Promise<Hand>} [tab]
 */
function hand(page, network, base, tab = () => Promise.reject(new Error("a tab of a tab"))) {
  /** @param {number} id */
  const own = (id) => (id < 0 ? id - base : id + base);
  /** @param {string} text */
  const absolute = (text) => text.replace(/(?<=User |user )-?\d+/g, (id) => `${own(Number(id))}`);
  /** @param {string} name @param {number} nth */
  const piece = (name, nth) => page.getByRole("region", { name, exact: true }).nth(nth);
  /**
   * Waits until `read` gives `wanted`, and fails with what it gives in the end.
   *
   * @template T
   * @param {() => Promise<T>} read
   * @param {T} wanted
   * @param {string} what
   */
  const becomes = async (read, wanted, what) => {
    const end = Date.now() + 8_000;
    let value = await read();
    while (value !== wanted && Date.now() < end) {
      await setTimeout(15);
      value = await read();
    }
    equal(value, wanted, what);
  };
  return {
    page,
    network,
    /** Another tab of the same browser. */
    tab,
    /** The id of the server. */
    own,
    /**
     * Shows these pieces and no others.
     *
     * @param {string} text
     */
    show: (text) => page.getByLabel("Show").fill(text.replace(/(?<=:)-?\d+/g, (id) => `${own(Number(id))}`)),
    /**
     * Waits until a piece shows this value.
     *
     * @param {string} name
     * @param {string} value
     * @param {number} [nth] among the pieces with this name
     */
    sees: (name, value, nth = 0) =>
      becomes(() => piece(name, nth).getByRole("status").innerText(), absolute(value), name),
    /**
     * What a piece shows at this moment.
     *
     * @param {string} name
     */
    now: (name) => piece(name, 0).getByRole("status").innerText(),
    /**
     * Waits until an attribute of a piece has this value.
     *
     * @param {string} name
     * @param {string} attribute
     * @param {string} value
     */
    is: (name, attribute, value) => becomes(() => piece(name, 0).getAttribute(attribute), value, attribute),
    /**
     * Waits until a piece has an alert with this text; without one, until it has none.
     *
     * @param {string} name
     * @param {string} [text]
     */
    alerts: (name, text) =>
      becomes(
        async () => (await piece(name, 0).getByRole("alert").allInnerTexts())[0],
        text && absolute(text),
        `alert of ${name}`,
      ),
    /**
     * Waits until something in a piece is there with this text.
     *
     * @param {string} name
     * @param {string} selector
     * @param {string} text
     */
    has: (name, selector, text) =>
      becomes(() => piece(name, 0).locator(selector).innerText(), text, selector),
    /**
     * The texts of what is in a piece.
     *
     * @param {string} name
     * @param {string} selector
     */
    all: (name, selector) => piece(name, 0).locator(selector).allInnerTexts(),
    /**
     * Clicks a button of a piece, after `text` was typed into its field.
     *
     * @param {string} name
     * @param {string} button
     * @param {string} [text]
     */
    async click(name, button, text) {
      if (text !== undefined) await piece(name, 0).getByRole("textbox").fill(text);
      await piece(name, 0).getByRole("button", { name: button, exact: true }).click();
    },
    /**
     * Moves the pointer onto a link.
     *
     * @param {string} name
     */
    hover: (name) => piece(name, 0).getByRole("link").hover(),
    /**
     * Notes what a piece shows from now on.
     *
     * @param {string} name
     * @param {number} [nth]
     */
    watch: (name, nth = 0) =>
      piece(name, nth).evaluate((section) => {
        /** @type {string[]} */
        const drawn = [];
        Object.assign(window, { drawn });
        const note = () => drawn.push(section.querySelector("output")?.innerText ?? "");
        new MutationObserver(note).observe(section, {
          subtree: true,
          childList: true,
          characterData: true,
          attributes: true,
        });
      }),
    /** What the piece that is watched has shown, at each change; ids are those of the row. */
    async drawn() {
      /** @type {string[]} */
      const drawn = await page.evaluate(() => Reflect.get(window, "drawn"));
      return drawn.map((text) => text.replace(/(?<=User )\d+/, (id) => `${Number(id) - base}`));
    },
    /** Waits until the page is quiet, and forgets what it has asked for. */
    async settled() {
      for (let quiet = 0; quiet < 4; quiet = network.isQuiet() ? quiet + 1 : 0) await setTimeout(15);
      network.clear();
    },
    /**
     * Waits until the page has asked for exactly this since the last time, in any order, and is quiet.
     *
     * @param {string[]} wanted
     */
    async sent(...wanted) {
      const end = Date.now() + 8_000;
      // The token of a session is asked for once, before the first call.
      const asked = () => network.log().filter((line) => line !== "GET session");
      while (asked().length < wanted.length && Date.now() < end) await setTimeout(10);
      for (let quiet = 0; quiet < 4 && Date.now() < end; quiet = network.isQuiet() ? quiet + 1 : 0)
        await setTimeout(15);
      const log = asked().map((line) =>
        line.replace(/(?<=\b(?:user|badge|orders|total) )-?\d+/g, (id) => {
          const number = Number(id);
          return `${number < 0 ? number + base : number - base}`;
        }),
      );
      network.clear();
      deepEqual(log.sort(), wanted.sort());
    },
  };
}

// The real server on a fresh database, and a real browser: what the tests and the screenshots share.

import { equal } from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

/**
 * @import { Browser, BrowserContext, Page } from "playwright-core"
 * @typedef {Awaited<ReturnType<typeof openMarket>>} Market
 * @typedef {{ requests: string[], complaints: string[], loads: number }} Log
 *
 * @typedef {object} VisitOptions
 * @property {string} [address] that of a proxy in front of the server, if the test has one
 * @property {string} [path]
 * @property {string} [user] who is signed in
 * @property {number} [width]
 * @property {number} [height]
 * @property {number} [scale] pixels of a screenshot for each of the layout
 * @property {"light" | "dark"} [scheme]
 * @property {boolean} [javaScriptEnabled]
 */

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.SOUK_BIN ?? here("../../../../target/debug/souk");

/**
 * Starts both; `stop` ends both and leaves nothing behind.
 *
 * @param {{ assets?: string }} [options] `assets`: another build of the client
 */
export async function openMarket({ assets = here("../dist") } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "souk-"));
  const { DATABASE_URL, ...inherited } = process.env;
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...inherited,
    MIZAN_ADDR: "127.0.0.1:0",
    MIZAN_TEST_SECRETS: "1",
    MIZAN_ASSETS: assets,
    SOUK_DEMO: "1",
    SOUK_DB: join(directory, "souk.db"),
  };
  // The same suite on Postgres: an empty database, which the suite fills. Its files use different shoppers.
  if (process.env.SOUK_E2E_DATABASE_URL) {
    env.DATABASE_URL = process.env.SOUK_E2E_DATABASE_URL;
    env.SOUK_BANK_SECRET = "what the bank and the market of these tests share";
    env.JWT_PRIVATE_KEY = "a key of the sessions of these tests, long enough for one";
  }

  const server = spawn(binary, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  server.stderr.on("data", (chunk) => {
    process.stderr.write(chunk);
    said += chunk;
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  /** @type {string} */
  const address = await new Promise((resolve, reject) => {
    server.stdout.on("data", (chunk) => {
      const found = /http:\/\/\S+/.exec(String(chunk));
      if (found) resolve(found[0].replace(/\/$/, ""));
    });
    server.on("error", reject);
    ended.then((code) => reject(new Error(`souk ended with ${code}`)));
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

  return {
    address,
    browser,
    /** The processes that render pages: the only children of the server. */
    workers: () => childrenOf(server.pid),
    visit: (/** @type {VisitOptions} */ options = {}) => visit(browser, address, options),
    /**
     * Runs the program with these words, as a user would who looks at the market.
     *
     * @param {string[]} words
     */
    run: (...words) => promisify(execFile)(binary, words, { env }),
    async stop() {
      await browser.close();
      server.kill();
      await ended;
      await rm(directory, { recursive: true });
      // The graph checks itself meanwhile. Servers that share a database see what the others write.
      if (!env.DATABASE_URL) equal(/.*changed what it does not declare.*/.exec(said)?.[0], undefined);
    },
  };
}

/** @param {number | undefined} pid */
async function childrenOf(pid) {
  const found = promisify(execFile)("pgrep", ["-P", `${pid}`]);
  // It fails where there are none.
  const { stdout } = await found.catch(() => ({ stdout: "" }));
  return stdout.split("\n").filter(Boolean).map(Number);
}

/**
 * A page with its own cookies, and a log of its requests and of its complaints.
 *
 * @param {Browser} browser
 * @param {string} server
 * @param {VisitOptions} options
 */
async function visit(browser, server, options) {
  const {
    address = server,
    path = "/",
    user,
    width = 1280,
    height = 900,
    scale = 1,
    scheme = "light",
    javaScriptEnabled = true,
  } = options;
  const viewport = { width, height };
  const context = await browser.newContext({
    viewport,
    deviceScaleFactor: scale,
    colorScheme: scheme,
    reducedMotion: "reduce",
    javaScriptEnabled,
  });
  if (user) await signIn(context, address, user);
  const { page, log } = await open(context);
  await page.goto(address + path);
  if (javaScriptEnabled) await settled(page);
  /**
   * Another tab of the same browser.
   *
   * @param {string} path
   */
  const tab = async (path) => {
    const { page } = await open(context);
    await page.goto(address + path);
    await settled(page);
    return page;
  };
  return { page, log, tab, close: () => context.close() };
}

/** @param {BrowserContext} context */
async function open(context) {
  const page = await context.newPage();
  count(page);
  /** @type {Log} */
  const log = { requests: [], complaints: [], loads: 0 };
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!url.pathname.startsWith("/api/mizan/")) return;
    const called = request.method() === "POST" ? ` ${request.postDataJSON().fn}` : "";
    // A batch is written as the list of its entries.
    const entries = url.searchParams.getAll("e").map(decodeURIComponent);
    const search = entries.length ? ` ${entries.sort().join(" ")}` : url.search;
    log.requests.push(`${request.method()} ${url.pathname.slice("/api/mizan/".length)}${search}${called}`);
  });
  page.on("load", () => (log.loads += 1));
  page.on("console", (message) => message.type() === "error" && log.complaints.push(message.text()));
  page.on("pageerror", (error) => log.complaints.push(String(error)));
  return { page, log };
}

/** The password of everybody in a fresh market. */
export const PASSWORD = "open sesame";

/**
 * Signs in without a page, as a page would.
 *
 * @param {BrowserContext} context
 * @param {string} address
 * @param {string} name
 */
async function signIn(context, address, name) {
  const api = `${address}/api/mizan`;
  const { csrfToken } = await (await context.request.get(`${api}/session/`)).json();
  const data = { fn: "sign_in", args: { name, password: PASSWORD } };
  const answer = await context.request.post(`${api}/call/`, { data, headers: { "X-CSRFToken": csrfToken } });
  if (!answer.ok()) throw new Error(`${name} cannot sign in: ${await answer.text()}`);
}

/**
 * The number of requests of a page that are under way.
 *
 * @type {WeakMap<Page, number>}
 */
const underWay = new WeakMap();

/** @param {Page} page */
function count(page) {
  underWay.set(page, 0);
  const add = (/** @type {number} */ number) => () => underWay.set(page, (underWay.get(page) ?? 0) + number);
  page.on("request", add(1));
  page.on("requestfinished", add(-1));
  page.on("requestfailed", add(-1));
}

/**
 * Waits until no request is under way, nothing is loading, and the data that arrived is drawn.
 *
 * @param {Page} page
 */
export async function settled(page) {
  do {
    for (let quiet = 0; quiet < 3; quiet = underWay.get(page) ? 0 : quiet + 1) await page.waitForTimeout(25);
    await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
    // What arrived is rendered by the first frame, and its places are measured by the second.
    await page.evaluate(async () => {
      await document.fonts.ready;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    });
  } while (underWay.get(page));
}

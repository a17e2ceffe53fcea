// The real server on a fresh database, and a real browser: what the tests and the screenshots share.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.SOUK_BIN ?? here("../../../../target/debug/souk");

/** Starts both; `stop` ends both and leaves nothing behind. */
export async function openMarket() {
  const directory = await mkdtemp(join(tmpdir(), "souk-"));
  const { DATABASE_URL, ...inherited } = process.env;
  const env = {
    ...inherited,
    MIZAN_ADDR: "127.0.0.1:0",
    MIZAN_ASSETS: here("../dist"),
    SOUK_DB: join(directory, "souk.db"),
  };
  // The same suite on Postgres: an empty database, which the suite fills. Its files use different shoppers.
  if (process.env.SOUK_E2E_DATABASE_URL) env.DATABASE_URL = process.env.SOUK_E2E_DATABASE_URL;

  const server = spawn(binary, { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
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
    visit: (options) => visit(browser, address, options),
    async stop() {
      await browser.close();
      server.kill();
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

/** A page with its own cookies, and a log of what it asks the server and what it complains about. */
async function visit(browser, address, { path = "/", user, width = 1280, height = 900, scheme = "light" } = {}) {
  const viewport = { width, height };
  const context = await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: "reduce" });
  if (user) await signIn(context, address, user);
  const page = await context.newPage();
  count(page);
  const log = { requests: [], complaints: [], loads: 0 };
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!url.pathname.startsWith("/api/mizan/")) return;
    const called = request.method() === "POST" ? ` ${request.postDataJSON().fn}` : "";
    log.requests.push(`${request.method()} ${url.pathname.slice("/api/mizan/".length)}${url.search}${called}`);
  });
  page.on("load", () => (log.loads += 1));
  page.on("console", (message) => message.type() === "error" && log.complaints.push(message.text()));
  page.on("pageerror", (error) => log.complaints.push(String(error)));
  await page.goto(address + path);
  await settled(page);
  return { page, log, close: () => context.close() };
}

/** The password of everybody in a fresh market. */
export const PASSWORD = "open sesame";

/** Signs in without a page, as a page would. */
async function signIn(context, address, name) {
  const api = `${address}/api/mizan`;
  const { csrfToken } = await (await context.request.get(`${api}/session/`)).json();
  const data = { fn: "sign_in", args: { name, password: PASSWORD } };
  const answer = await context.request.post(`${api}/call/`, { data, headers: { "X-CSRFToken": csrfToken } });
  if (!answer.ok()) throw new Error(`${name} cannot sign in: ${await answer.text()}`);
}

/** How many requests of a page are under way. */
const underWay = new WeakMap();

function count(page) {
  underWay.set(page, 0);
  const add = (number) => () => underWay.set(page, underWay.get(page) + number);
  page.on("request", add(1));
  page.on("requestfinished", add(-1));
  page.on("requestfailed", add(-1));
}

/** Waits until nothing is under way, nothing is loading, and what has arrived is drawn. */
export async function settled(page) {
  for (let quiet = 0; quiet < 3; quiet = underWay.get(page) ? 0 : quiet + 1) await page.waitForTimeout(25);
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
}

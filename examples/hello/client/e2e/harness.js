// The page of hello in a real browser, on a real server.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** @typedef {Awaited<ReturnType<typeof start>>} Started */

/** @param {string} name */
const built = (name) => fileURLToPath(new URL(`../../../../target/debug/${name}`, import.meta.url));
const assets = fileURLToPath(new URL("../dist", import.meta.url));

/**
 * Starts a server program and a browser; `open` gives a page with a log, `stop` ends both.
 *
 * @param {string} program
 */
export async function start(program) {
  const env = { ...process.env, MIZAN_ADDR: "127.0.0.1:0", MIZAN_ASSETS: assets };
  const server = spawn((program === "hello" && process.env.HELLO_BIN) || built(program), {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  /** @type {string} */
  const address = await new Promise((resolve, reject) => {
    server.stdout.on("data", (chunk) => {
      const found = /http:\/\/\S+/.exec(String(chunk));
      if (found) resolve(found[0]);
    });
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
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

  /** Opens the page and keeps a log of what it asks the server and what it complains about. */
  async function open() {
    const page = await browser.newPage();
    /** @type {{ requests: string[], complaints: string[], loads: number }} */
    const log = { requests: [], complaints: [], loads: 0 };
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.pathname.startsWith("/api/mizan/"))
        log.requests.push(`${request.method()} ${url.pathname}${url.search}`);
    });
    page.on("load", () => (log.loads += 1));
    page.on("console", (message) => message.type() === "error" && log.complaints.push(message.text()));
    page.on("pageerror", (error) => log.complaints.push(String(error)));
    await page.goto(address);
    return { page, log };
  }

  async function stop() {
    await browser.close();
    server.kill();
  }
  return { open, stop };
}

/** @param {number} id */
export const read = (id) => `GET /api/mizan/ctx/user/?user_id=${id}`;

// The page of hello in a real browser, on the real server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const binary = fileURLToPath(new URL("../../../../target/debug/hello", import.meta.url));
const assets = fileURLToPath(new URL("../dist", import.meta.url));

let server, browser, address;

before(async () => {
  const env = { ...process.env, MIZAN_ADDR: "127.0.0.1:0", MIZAN_ASSETS: assets };
  server = spawn(binary, { env, stdio: ["ignore", "pipe", "inherit"] });
  address = await new Promise((resolve, reject) => {
    server.stdout.on("data", (chunk) => {
      const found = /http:\/\/\S+/.exec(String(chunk));
      if (found) resolve(found[0]);
    });
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`hello ended with ${code}`)));
  });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  server?.kill();
});

/** Opens the page and keeps a log of what it asks the server and what it complains about. */
async function open() {
  const page = await browser.newPage();
  const log = { requests: [], complaints: [], loads: 0 };
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname.startsWith("/api/mizan/")) log.requests.push(`${request.method()} ${url.pathname}${url.search}`);
  });
  page.on("load", () => (log.loads += 1));
  page.on("console", (message) => message.type() === "error" && log.complaints.push(message.text()));
  page.on("pageerror", (error) => log.complaints.push(String(error)));
  await page.goto(address);
  return { page, log };
}

const read = (id) => `GET /api/mizan/ctx/user/?user_id=${id}`;

test("the button changes the name on the page without a reload", async () => {
  const { page, log } = await open();
  const [first, second] = [page.getByRole("button").nth(0), page.getByRole("button").nth(1)];
  await page.getByRole("button", { name: "User 5" }).waitFor();
  await page.getByRole("button", { name: "User 6" }).waitFor();
  assert.deepEqual(log.requests.toSorted(), [read(5), read(6)]);

  log.requests.length = 0;
  await first.click();
  await page.getByRole("button", { name: "Ryth" }).waitFor();
  assert.equal(await second.textContent(), "User 6");
  // An entry with another parameter makes no request.
  assert.deepEqual(log.requests, ["GET /api/mizan/session/", "POST /api/mizan/call/", read(5)]);
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await page.close();
});

test("a second change needs no second session, and a cookie does no harm", async () => {
  const { page, log } = await open();
  await page.getByRole("button", { name: "User 6" }).waitFor();
  const second = page.getByRole("button").nth(1);
  await second.click();
  await page.getByRole("button", { name: "Ryth" }).nth(1).waitFor();
  await second.click();
  await page.waitForFunction(() => !document.querySelector("button:disabled"));
  const sessions = log.requests.filter((line) => line.includes("session"));
  assert.equal(sessions.length, 1);
  assert.deepEqual(log.complaints, []);
  await page.close();
});

test("a server that cannot be reached shows an error, and the page recovers", async () => {
  const { page } = await open();
  await page.getByRole("button").first().waitFor();
  await page.route("**/api/mizan/**", (route) => route.abort());
  await page.getByRole("button").first().click();
  await page.getByRole("alert").first().waitFor();
  await page.unroute("**/api/mizan/**");
  await page.getByRole("button").first().click();
  await page.getByRole("alert").first().waitFor({ state: "detached" });
  await page.close();
});

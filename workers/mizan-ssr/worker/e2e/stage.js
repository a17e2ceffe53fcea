// Pages of the fixture as a server of Mizan writes them, and a browser that shows them. The build is one for development, in
// which the frameworks report every difference between what the server has rendered and what they would.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CLIENT = here("../test/fixture/dist/development/client/");
const manifest = JSON.parse(readFileSync(`${CLIENT}.vite/manifest.json`, "utf8"));

/**
 * JSON as a server writes it into a page: what could end the script is escaped.
 *
 * @param {unknown} value
 */
export const embedded = (value) =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/**
 * @typedef {{ component: string, props: object, data: object[] }} PageData
 *
 * @param {PageData} page
 * @param {{ html?: string, head?: string }} rendered empty where the server could not render it
 */
export function written(page, { html = "", head = "" }) {
  const title = head.includes("<title>") ? "" : "<title>Shell</title>";
  const entry = `/${manifest["src/pages.ts"].file}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">${title}${head}
<link rel="icon" href="data:,"><script type="module" src="${entry}"></script></head><body>
<div id="mizan-page">${html}</div>
<script type="application/json" id="mizan-page-data">${embedded(page)}</script></body></html>`;
}

/** Starts a worker, and returns what renders a page with it and what ends it. */
export async function openWorker() {
  const worker = spawn(process.execPath, [here("../test/fixture/dist/development/worker/worker.js")], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    /**
     * Renders one page; another one only after it.
     *
     * @param {PageData} page
     * @returns {Promise<{ html: string, head?: string }>}
     */
    async render(page) {
      worker.stdin.write(`${JSON.stringify({ id: 1, method: "render", params: page })}\n`);
      return JSON.parse((await lines.next()).value);
    },
    stop: () => worker.kill(),
  };
}

/**
 * Serves one document at a time, the files of the build, and the cart of the visitor.
 */
export async function openServer() {
  let text = "";
  /** @type {string[]} */
  let reads = [];
  const server = http.createServer((request, response) => {
    const url = request.url ?? "/";
    if (url.startsWith("/api/")) {
      reads.push(url);
      const asked = new URL(url, "http://x").searchParams.getAll("e");
      const of = (/** @type {string} */ name) =>
        name.includes("cart") ? { cart: 7 } : { stall: { name: "read", rows: [] } };
      const lines = asked.map((name, e) => JSON.stringify({ e, data: of(name) }));
      const body = asked.length ? `${lines.join("\n")}\n` : JSON.stringify(of(url));
      response.setHeader("content-type", "application/json").end(body);
    } else if (url === "/") response.setHeader("content-type", "text/html; charset=utf-8").end(text);
    else response.setHeader("content-type", "text/javascript").end(readFileSync(CLIENT + url));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}/`,
    /** @param {string} document */
    show(document) {
      text = document;
      reads = [];
    },
    reads: () => reads,
    stop: () => server.close(),
  };
}

export const openBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

// A page that is watched from its first byte on: what it asks for, complains of, moves and takes away.

/** @import { Market, VisitOptions } from "./market.js" */

import { PASSWORD, settled } from "./market.js";

/** Contexts that a page of the server may bring. */
const OF_PAGES = /\/ctx\/(hall|stall|stall_card)?\/?(\?|$)/;

/** What runs in the page before anything of it. */
function watch() {
  globalThis.removed = [];
  new PerformanceObserver((list) => {
    const entries = /** @type {(PerformanceEntry & { value: number })[]} */ (list.getEntries());
    // From then on they are counted: see below.
    for (const { value } of entries) if (globalThis.shifts !== undefined) globalThis.shifts += value;
  }).observe({ type: "layout-shift" });
  new MutationObserver((records) => {
    for (const { target, removedNodes } of records) {
      const isOfPage = target instanceof Element && target.closest("#mizan-page #main");
      for (const node of removedNodes)
        if (isOfPage && node instanceof Element) globalThis.removed.push(node.outerHTML.slice(0, 80));
    }
  }).observe(document, { childList: true, subtree: true });
  const look = () => {
    const content = document.querySelector(".card h3, .stall h1");
    if (content) globalThis.content ??= performance.now();
    const link = content && document.querySelector(".page a");
    // React has taken an element over once it knows its properties.
    if (link && Object.keys(link).some((key) => key.startsWith("__reactProps")))
      globalThis.hydrated ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

/**
 * Opens a page and waits until it is quiet.
 *
 * @param {Market} market
 * @param {VisitOptions} options
 */
export async function watched(market, { path = "/", user }) {
  const context = await market.browser.newContext({ reducedMotion: "reduce" });
  if (user) {
    const api = `${market.address}/api/mizan`;
    const { csrfToken } = await (await context.request.get(`${api}/session/`)).json();
    const data = { fn: "sign_in", args: { name: user, password: PASSWORD } };
    await context.request.post(`${api}/call/`, { data, headers: { "X-CSRFToken": csrfToken } });
  }
  const page = await context.newPage();
  await page.addInitScript(watch);
  /** @type {string[]} */
  const requests = [];
  /** @type {string[]} */
  const complaints = [];
  let read = 0;
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/api/mizan/")) requests.push(pathname.slice("/api/mizan/".length) + search);
  });
  // A font moves what it is drawn with, on any page. What is read arrives after the last of them.
  await page.route("**/api/mizan/**", async (route) => {
    await page.evaluate(async () => {
      await document.fonts.ready;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      globalThis.shifts ??= 0;
    });
    if (!OF_PAGES.test(route.request().url())) return route.continue();
    const response = await route.fetch();
    read += (await response.text()).length;
    await route.fulfill({ response });
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const response = await page.goto(market.address + path);
  const text = await response?.text();
  await page.locator(".card h3, .stall h1").first().waitFor();
  const head = page.getByRole("banner");
  await head.getByText(user ? "Sign out" : "Sign in").waitFor();
  await page.waitForLoadState("networkidle");
  await settled(page);
  const json = /id="mizan-page-data">(.*?)<\/script>/s.exec(text ?? "")?.[1];
  const inPage = json ? JSON.stringify(JSON.parse(json).data).length : 0;
  const data = { sent: inPage + read, once: Math.max(inPage, read) };
  return { page, seen: { requests, complaints, text, data }, close: () => context.close() };
}

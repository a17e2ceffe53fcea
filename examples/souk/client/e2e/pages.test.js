// Pages that the server renders: with JavaScript off, taken over with it on, kept while nothing changes, and without a worker.

/** @import { Page } from "playwright-core" */

import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openMarket, settled } from "./market.js";
import { watched } from "./pages.js";

/** @type {import("./market.js").Market} */
let market;
before(async () => {
  market = await openMarket();
  // The workers begin with the server.
  await untilRendered("/");
});
after(() => market.stop());

// Without a cache every page is rendered for its request.
const isKept = !process.env.SOUK_E2E_DATABASE_URL;
const skip = !isKept && "no page is kept on PostgreSQL, without a cache";

/** @param {string} path @param {Record<string, string>} [headers] */
async function get(path, headers = {}) {
  const response = await fetch(market.address + path, {
    headers: { "accept-encoding": "identity", ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** @param {string} page */
const isRendered = (page) => !page.includes('<div id="mizan-page"></div>');

/** @param {string} path */
async function untilRendered(path) {
  const end = Date.now() + 20_000;
  while (!isRendered((await get(path)).text)) {
    assert.ok(Date.now() < end, "no page is rendered");
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** @param {Page} page @param {string | RegExp} name */
const way = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name });
/** @param {Page} page */
const shopper = (page) => page.getByRole("banner").getByRole("link", { name: /^Profile of/ });

for (const [path, title, heading, cards] of /** @type {const} */ ([
  ["/", "Souk, a market hall", "Good things, fairly weighed", 12],
  ["/?category=Bakery", "Souk, a market hall", "Good things, fairly weighed", 2],
  ["/stalls/2", "The Night Oven · Souk", "The Night Oven", 0],
  ["/stalls/2/", "The Night Oven · Souk", "The Night Oven", 0],
])) {
  test(`${path} has its content with JavaScript off`, async () => {
    const { page, log, close } = await market.visit({ path, javaScriptEnabled: false });
    assert.equal(await page.title(), title);
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
    assert.equal(await page.locator(".card h3").count(), cards);
    if (!cards) assert.ok((await page.locator(".stall li.row").count()) > 3);
    assert.equal(await page.locator("[aria-busy]").count(), 0);
    assert.deepEqual(log.requests, []);
    await close();
  });

  for (const user of [undefined, "leila"]) {
    test(`${path} is taken over as it is, for ${user ?? "a visitor"}`, async () => {
      const { page, seen, close } = await watched(market, user ? { path, user } : { path });
      // Only what is the caller's is asked for.
      assert.deepEqual(seen.requests, user ? ["ctx/global/", "ctx/basket/"] : ["ctx/global/"]);
      assert.deepEqual(seen.complaints, []);
      const { shifts, removed } = await page.evaluate(() => ({
        shifts: globalThis.shifts,
        removed: globalThis.removed,
      }));
      assert.equal(shifts, 0);
      assert.deepEqual(removed, []);
      await (user ? shopper(page) : page.getByRole("link", { name: "Sign in" })).waitFor();
      await close();
    });
  }
}

test("links, back and forward work after hydration, without a load", async () => {
  const { page, log, close } = await market.visit();
  await page.getByRole("link", { name: /The Night Oven/ }).click();
  await page.getByRole("heading", { name: "The Night Oven", level: 1 }).waitFor();
  await page.goBack();
  await page.getByText("Kept by").nth(11).waitFor();
  await page.goForward();
  await page.getByRole("heading", { name: "The Night Oven", level: 1 }).waitFor();
  assert.equal(await page.title(), "The Night Oven · Souk");
  await way(page, /^Basket/).click();
  await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
  assert.equal(log.loads, 1);
  assert.deepEqual(log.complaints, []);
  await close();
});

test("who signs in sees it on a page that was rendered for everybody", async () => {
  const { page, close } = await market.visit({ path: "/stalls/3" });
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Name").fill("hannah");
  await page.getByLabel("Password").fill("open sesame");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .waitFor();
  await shopper(page).waitFor();
  await page.reload();
  await shopper(page).waitFor();
  await page
    .getByRole("button", { name: /^Add .* to basket/ })
    .first()
    .waitFor();
  // The page itself holds nothing of the caller.
  const { text } = await get("/stalls/3");
  assert.doesNotMatch(text, /hannah/);
  await close();
});

test("a page stays on the screen while the market cannot be reached", async () => {
  const { page, close } = await market.visit({ path: "/no-such-place" });
  await page.context().route("**/api/mizan/**", (route) => route.abort());
  await page.goto(`${market.address}/`);
  await page.getByRole("banner").getByRole("button", { name: "Try again" }).waitFor();
  assert.equal(await page.locator(".card h3").count(), 12);
  await page.context().unroute("**/api/mizan/**");
  await page.getByRole("banner").getByRole("button", { name: "Try again" }).click();
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).waitFor();
  await close();
});

test("a stall that is not there is a 404, and so is a category without stalls", async () => {
  for (const path of ["/stalls/999", "/?category=Nothing"]) {
    const { status, headers } = await get(path);
    assert.equal(status, 404, path);
    assert.match(`${headers.get("cache-control")}`, /no-store/);
  }
  const { status, text } = await get("/basket");
  assert.equal(status, 200);
  assert.match(text, /<div id="root">/);
});

test("a change makes the pages new that show it, and no other", { skip }, async () => {
  const keeper = await market.visit({ path: "/profile", user: "farida" });
  const [hall, other] = [await get("/"), await get("/stalls/2")];
  assert.equal(hall.headers.get("cache-control"), "no-cache");
  for (const [path, { headers }] of /** @type {const} */ ([
    ["/", hall],
    ["/stalls/2", other],
  ])) {
    const again = await get(path, { "if-none-match": `${headers.get("etag")}` });
    assert.deepEqual([again.status, again.text], [304, ""], path);
  }
  const name = keeper.page.getByLabel("Name", { exact: true });
  await name.fill("Farida Renewed");
  await keeper.page.getByRole("button", { name: "Save profile" }).click();
  await keeper.page.getByRole("status").filter({ hasText: "saved" }).waitFor();
  const changed = await get("/", { "if-none-match": `${hall.headers.get("etag")}` });
  assert.equal(changed.status, 200);
  assert.match(changed.text, /<strong>Farida Renewed<\/strong>/);
  const same = await get("/stalls/2", { "if-none-match": `${other.headers.get("etag")}` });
  assert.equal(same.status, 304);
  await keeper.close();
});

test("without a worker the browser renders the page, and then there is a rendered one again", async () => {
  const path = "/?category=Crafts";
  const kill = async () => {
    for (const pid of await market.workers()) process.kill(pid, "SIGKILL");
  };
  assert.ok((await market.workers()).length > 0);
  // As fast as they come back, until the page is there.
  let isOver = false;
  const killing = (async () => {
    while (!isOver) await kill().catch(() => {});
  })();
  const { page, seen, close } = await watched(market, { path });
  isOver = true;
  await killing;
  assert.equal(isRendered(`${seen.text}`), false);
  assert.ok((await page.locator(".card h3").count()) > 0);
  assert.deepEqual(seen.complaints, []);
  // The data came with the page all the same.
  assert.deepEqual(seen.requests, ["ctx/global/"]);
  await untilRendered(path);
  await close();
});

test("the demo shows what happens to pages, and kills a worker", async () => {
  const { page, close } = await market.visit({ path: "/under-the-hood" });
  const pane = page.getByRole("region", { name: "Pages of the server" });
  const count = async (/** @type {string} */ name) =>
    Number(await pane.locator("div", { hasText: name }).locator("dd").first().innerText());
  const before = await count("workers replaced");
  assert.ok((await count("rendered")) > 0);
  await pane.getByRole("button", { name: "Kill a worker" }).click();
  await page.getByRole("status").filter({ hasText: "A worker is killed" }).waitFor();
  const end = Date.now() + 10_000;
  while ((await count("workers replaced")) <= before) {
    assert.ok(Date.now() < end, "the worker was not replaced");
    await pane.getByRole("button", { name: "Count again" }).click();
    await settled(page);
  }
  assert.ok(isRendered((await get("/")).text));
  await close();
});

test("first content, hydration and the bytes of data: rendered and kept, rendered, and by the browser", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "souk-plain-"));
  await cp(fileURLToPath(new URL("../dist", import.meta.url)), join(folder, "dist"), { recursive: true });
  const plain = await openMarket({ assets: join(folder, "dist") });
  t.after(async () => {
    await plain.stop();
    await rm(folder, { recursive: true });
  });
  for (const [name, where, path] of /** @type {const} */ ([
    ["kept", market, "/"],
    ["rendered for the request", market, "/?category=Textiles"],
    ["by the browser", plain, "/"],
  ])) {
    const { page, seen, close } = await watched(where, { path });
    const { content, hydrated } = await page.evaluate(() => ({
      content: globalThis.content,
      hydrated: globalThis.hydrated,
    }));
    const copies = seen.data.sent / seen.data.once;
    assert.equal(copies, 1, "data is sent once");
    t.diagnostic(
      `${name}: first content ${Math.round(content)} ms, hydrated ${Math.round(hydrated)} ms, ` +
        `${seen.data.sent} bytes of data, ${copies.toFixed(2)} ×, ${seen.requests.length} reads`,
    );
    await close();
  }
});

// Where links of the documents lead on the site, and what refuses a dead one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { deadLinks } from "./check.js";
import { anchor, place } from "./links.js";
import { groups } from "./sidebar.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("a link to a document leads to its page, and one to a folder to its README", () => {
  const from = (/** @type {string} */ href) => place("docs/why.md", href, { root });
  assert.deepEqual(from("caching.md#settings"), { page: "./caching.md#settings" });
  assert.deepEqual(from("../README.md"), { page: "../index.md" });
  assert.deepEqual(from("../verify"), { page: "../verify/index.md" });
  assert.deepEqual(from("#here"), { href: "#here" });
  assert.deepEqual(from("https://example.org/"), { href: "https://example.org/" });
});

test("a link to another file of the repository names no host, unless one is given", () => {
  assert.deepEqual(place("docs/why.md", "../Cargo.toml", { root }), { path: "Cargo.toml" });
  const repository = "https://example.org/files/";
  assert.deepEqual(place("docs/why.md", "../Cargo.toml", { root, repository }), {
    href: "https://example.org/files/Cargo.toml",
  });
});

test("a link to a file that does not exist ends the build", () => {
  for (const href of ["gone.md", "../gone.rs", "../../outside.md"])
    assert.throws(() => place("docs/why.md", href, { root }), /docs\/why\.md: the link to .* is dead/);
});

test("a link to a page, a heading or a picture that the site does not have is dead", () => {
  const page = (/** @type {string} */ body) => {
    const pages = new Map([
      ["index.html", body],
      ["docs/a.html", '<h2 id="first">First</h2>'],
    ]);
    return deadLinks(pages, new Set([...pages.keys(), "assets/a.png"]));
  };
  const good = ["/docs/a.html#first", "./docs/a.html", "/", "/assets/a.png", "https://example.org/x"];
  assert.deepEqual(page(good.map((href) => `<a class="x" href="${href}">`).join("")), []);
  assert.deepEqual(page('<a href="/docs/b.html">'), ["index.html: the link to /docs/b.html is dead"]);
  assert.deepEqual(page('<a href="/docs/a.html#second">'), [
    "index.html: the link to /docs/a.html#second is dead",
  ]);
  assert.deepEqual(page('<img alt="" src="/assets/b.png">'), [
    "index.html: the link to /assets/b.png is dead",
  ]);
});

test("headings have the anchors that GitHub gives them", () => {
  assert.equal(anchor("The `GET a/`: first"), "the-get-a-first");
  assert.equal(anchor("Über snake_case - 2"), "über-snake_case---2");
});

test("the sidebar has the groups of the index", () => {
  const index =
    "## Start\n\n| you want to | read |\n| --- | --- |\n| begin | [a.md](a.md#x): words |\n| code | [`x`](../x) |\n";
  assert.deepEqual(groups(`# All\n${index}## More\n| know | [V](../v/README.md) |\n`), [
    { text: "Start", items: [{ text: "Begin", link: "/docs/a#x" }] },
    { text: "More", items: [{ text: "Know", link: "/v/" }] },
  ]);
});

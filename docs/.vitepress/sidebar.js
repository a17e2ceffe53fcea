// The sidebar has the groups and rows of `docs/README.md`.

import { readFileSync } from "node:fs";
import { posix } from "node:path";

/**
 * @typedef {{ text: string, link: string }} Item
 * @typedef {{ text: string, items: Item[] }} Group
 */

/**
 * Reads the groups from the document: a heading begins one, and the first link of each row of its table is an item.
 *
 * @param {string} file
 */
export const sidebar = (file) => groups(readFileSync(file, "utf8"));

/**
 * @param {string} text
 * @returns {Group[]}
 */
export function groups(text) {
  /** @type {Group[]} */
  const found = [];
  for (const line of text.split("\n")) {
    const heading = /^## (.*)/.exec(line)?.[1];
    if (heading) found.push({ text: heading, items: [] });
    const [, wanted, rest] = /^\| ([^|]+) \| (.*) \|$/.exec(line) ?? [];
    const target = /\]\(([^)#]+\.md)(#[^)]*)?\)/.exec(rest ?? "");
    if (wanted && target)
      found.at(-1)?.items.push({
        text: wanted.replace(/^./, (first) => first.toUpperCase()),
        link: link(target[1] ?? "", target[2] ?? ""),
      });
  }
  return found;
}

/**
 * @param {string} target from `docs/`
 * @param {string} hash
 */
function link(target, hash) {
  const page = posix
    .join("/docs", target)
    .replace(/README\.md$/, "")
    .replace(/\.md$/, "");
  return page + hash;
}

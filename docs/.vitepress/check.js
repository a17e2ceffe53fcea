// Every link of the finished site leads to a page of it, and to a heading or a footnote that the page has.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * Throws where a link of the site is dead.
 *
 * @param {string} folder the built site
 */
export function check(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const pages = files.filter((file) => file.endsWith(".html"));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(folder, page), "utf8")]));
  const dead = deadLinks(texts, new Set(files));
  if (dead.length) throw new Error(dead.join("\n"));
}

/**
 * @param {Map<string, string>} pages the text of each page
 * @param {Set<string>} files every file of the site
 */
export function deadLinks(pages, files) {
  const ids = new Map([...pages].map(([page, text]) => [page, new Set(all(text, / id="([^"]*)"/g))]));
  /**
   * @param {string} page
   * @param {string} href
   */
  const isDead = (page, href) => {
    const [path = "", hash] = decodeURI(href).split("#");
    // A path from the root of the site begins with a slash, and one of a folder ends with it.
    const absolute = posix.resolve("/", posix.dirname(page), path || posix.basename(page));
    const file = (path.endsWith("/") ? posix.join(absolute, "index.html") : absolute).slice(1);
    return !files.has(file) || (hash && !ids.get(file)?.has(hash));
  };
  return [...pages].flatMap(([page, text]) =>
    all(text, /<(?:a|img)\b[^>]* (?:href|src)="([^"]*)"/g)
      .filter((href) => !/^[a-z]+:|^\/\//.test(href) && isDead(page, href))
      .map((href) => `${page}: the link to ${href} is dead`),
  );
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found = ""]) => found);

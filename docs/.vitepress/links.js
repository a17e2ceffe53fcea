// Where a link of a document leads on the site.

import { existsSync } from "node:fs";
import { posix } from "node:path";

/**
 * @import MarkdownIt from "markdown-it"
 * @typedef {object} Options
 * @property {string} root the folder of the repository
 * @property {string} [repository] the address of the repository's files on the web
 *
 * @typedef {{ page: string } | { href: string } | { path: string }} Place
 *   a page of the site, an address, or a file of the repository that has neither
 */

/**
 * Finds where a link leads. A link to something that does not exist is an error.
 *
 * @param {string} document its path in the repository
 * @param {string} href
 * @param {Options} options
 * @returns {Place}
 */
export function place(document, href, { root, repository }) {
  if (/^[a-z]+:|^#|^\/\//.test(href)) return { href };
  const [file = "", hash] = href.split("#");
  const here = posix.dirname(document);
  const path = posix.join(here, file).replace(/\/$/, "");
  if (path.startsWith("..") || !existsSync(`${root}/${path}`))
    throw new Error(`${document}: the link to ${href} is dead`);
  const page = path.endsWith(".md") ? path : `${path}/README.md`;
  if (existsSync(`${root}/${page}`)) {
    const relative = posix.relative(here, page.replace(/(^|\/)README\.md$/, "$1index.md"));
    return { page: `${relative.startsWith(".") ? "" : "./"}${relative}${hash ? `#${hash}` : ""}` };
  }
  return repository ? { href: `${repository.replace(/\/$/, "")}/${path}` } : { path };
}

/**
 * The anchor of a heading, as GitHub makes it.
 *
 * @param {string} title
 */
export const anchor = (title) =>
  title
    .trim()
    .toLowerCase()
    .replace(/[^\p{Alphabetic}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/**
 * A plugin of markdown-it. A link to a file that is not a page becomes the text of the link, and its path shows when
 * the pointer is over it.
 *
 * @param {MarkdownIt} md
 * @param {Options} options
 */
export function links(md, options) {
  md.core.ruler.push("repository_links", ({ tokens, env }) => {
    for (const { children } of tokens) {
      let isPlain = false;
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const to = place(env.relativePath, decodeURI(String(token.attrGet("href"))), options);
          isPlain = "path" in to;
          if ("path" in to) {
            token.tag = "span";
            token.type = "file_open";
            token.attrs = [["title", `in the repository: ${to.path}`]];
          } else token.attrSet("href", "page" in to ? to.page : to.href);
        } else if (token.type === "link_close" && isPlain) {
          token.tag = "span";
          token.type = "file_close";
          isPlain = false;
        }
      }
    }
  });
}

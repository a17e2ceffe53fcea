// The site of the documents: `cargo xtask docs` builds it into `target/docs`.
//
// Every README of the repository is a page too, so links between documents lead to pages.

import { fileURLToPath } from "node:url";
import footnotes from "markdown-it-footnote";
import { defineConfig } from "vitepress";
import { check } from "./check.js";
import { anchor, links } from "./links.js";
import { sidebar } from "./sidebar.js";

/** @param {string} path from this folder */
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = at("../..");

export default defineConfig({
  title: "Mizan",
  description: "Typed clients for Rust server functions, and pages that read again exactly what changed.",
  lang: "en",
  srcDir: root,
  srcExclude: ["**/target/**", "**/dist/**", ".github/**"],
  rewrites: (path) => path.replace(/(^|\/)README\.md$/, "$1index.md"),
  outDir: at("../../target/docs"),
  cacheDir: at("../../target/docs-cache"),
  // The server that the reader of the tutorial starts.
  ignoreDeadLinks: "localhostLinks",
  markdown: {
    anchor: { slugify: anchor },
    // `rust,no_run` is for rustdoc. The name after it is the file that a block quotes.
    config: (md) => md.use(footnotes).use(links, { root, repository: process.env.MIZAN_DOCS_REPOSITORY }),
  },
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Tutorial", link: "/docs/tutorial" },
      { text: "All documents", link: "/docs/" },
    ],
    sidebar: sidebar(at("../README.md")),
    outline: [2, 3],
  },
  buildEnd: ({ outDir }) => check(outDir),
});

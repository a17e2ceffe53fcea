/**
 * `@mizan/ssr/react`: renders components of React.
 *
 * @packageDocumentation
 */
import { randomBytes } from "node:crypto";
import { MizanProvider } from "@mizan/react";
import { type ComponentType, createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { type Renderer, rendererOf } from "./renderer.js";

/** What React hoists comes before the content; content may begin so too. */
const HOISTED = /^<(?:title|meta|link|style|script|base)\b/;

/** The class of the body in which a page is rendered; no page can contain it. */
const MARK = randomBytes(16).toString("hex");
const BODY = `<body class="${MARK}">`;
const START = /^<html>(?:<head>)?/;
const END = "</body></html>";

/**
 * A component for `components` of `serveWorker`. What React hoists (`<title>`, `<meta>`, `<link>`, `<style>` with `precedence`)
 * is in the head of the page. Needs React 19 for that; React 18 renders it in place.
 * @example serveWorker({ components: { StallPage: react(StallPage) } })
 */
export function react(component: ComponentType<any>): Renderer {
  let hoists = false;
  return rendererOf((props, client) => {
    const page = createElement(MizanProvider, { client }, createElement(component, props));
    if (!hoists) {
      const html = renderToString(page);
      hoists = HOISTED.test(html);
      if (!hoists) return { html, head: "" };
    }
    return inDocument(page);
  });
}

/** In a document React puts what it hoists into the head, and so tells it apart from the content. That takes a little longer. */
function inDocument(page: ReactNode): { html: string; head: string } {
  const text = renderToString(createElement("html", null, createElement("body", { className: MARK }, page)));
  const at = text.indexOf(BODY);
  return {
    html: text.slice(at + BODY.length, -END.length),
    head: text.slice(0, at).replace(START, "").replace("</head>", ""),
  };
}

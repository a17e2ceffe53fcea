/**
 * `@mizan/ssr/react`: renders components of React.
 *
 * @packageDocumentation
 */
import { randomBytes } from "node:crypto";
import { MizanProvider } from "@mizan/react";
import { type ComponentType, createElement } from "react";
import { renderToString } from "react-dom/server";
import { type Renderer, rendererOf } from "./renderer.js";

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
  return rendererOf((props, client) => {
    const page = createElement(MizanProvider, { client }, createElement(component, props));
    // In a document React puts what it hoists into the head, and so tells it apart from the content.
    const text = renderToString(createElement("html", null, createElement("body", { className: MARK }, page)));
    const at = text.indexOf(BODY);
    return {
      html: text.slice(at + BODY.length, -END.length),
      head: text.slice(0, at).replace(START, "").replace("</head>", ""),
    };
  });
}

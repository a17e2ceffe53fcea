/**
 * `@mizan/ssr/svelte`: renders components of Svelte.
 *
 * @packageDocumentation
 */
import { mizanContext } from "@mizan/svelte";
import type { Component } from "svelte";
import { render } from "svelte/server";
import { type Renderer, rendererOf } from "./renderer.js";

/**
 * A component for `components` of `serveWorker`. Its head is what `<svelte:head>` contains.
 * @example serveWorker({ components: { Board: svelte(Board) } })
 */
export function svelte(component: Component<any>): Renderer {
  return rendererOf(async (props, mizan) => {
    const { body, head } = await render(component, { props, context: mizanContext(mizan) });
    return { html: body, head };
  });
}

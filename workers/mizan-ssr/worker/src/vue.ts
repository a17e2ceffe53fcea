/**
 * `@mizan/ssr/vue`: renders components of Vue.
 *
 * @packageDocumentation
 */
import { MizanPlugin } from "@mizan/vue";
import { type Component, createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import { type PageHeads, headMarkup } from "./page/vue-head.js";
import { type Renderer, rendererOf } from "./renderer.js";

/**
 * A component for `components` of `serveWorker`. Its head is what `usePageHead` of `@mizan/ssr/page/vue` sets.
 * @example serveWorker({ components: { Counter: vue(Counter) } })
 */
export function vue(component: Component): Renderer {
  return rendererOf(async (props, client) => {
    const app = createSSRApp(component, { ...props }).use(MizanPlugin, { client });
    const failures: unknown[] = [];
    // Without a handler Vue logs the error, and renders the rest.
    app.config.errorHandler = (error) => failures.push(error);
    const context: PageHeads = { mizanHeads: [] };
    const html = await renderToString(app, context);
    if (failures.length) throw failures[0];
    return { html, head: headMarkup(context.mizanHeads) };
  });
}

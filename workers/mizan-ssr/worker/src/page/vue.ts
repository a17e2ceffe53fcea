/**
 * `@mizan/ssr/page/vue`: pages of Vue in the browser.
 *
 * @packageDocumentation
 */
import { MizanPlugin } from "@mizan/vue";
import { type Component, createApp, createSSRApp } from "vue";
import { type Components, type MountedPage, openPage, type PageOptions } from "./open.js";

export type { Components, Loaded, MountedPage, PageOptions } from "./open.js";
export { type PageHead, usePageHead } from "./vue-head.js";

/**
 * Shows the page that the server has written into the document. What the server has rendered is taken over as it is; an empty
 * element is rendered here. Rejects where the component is unknown.
 * @example await mountPage({ Counter, Board: { load: () => import("./board.vue") } })
 */
export function mountPage(
  components: Components<Component>,
  options: PageOptions = {},
): Promise<MountedPage> {
  return openPage(components, options, ({ component, props, mizan, element, isRendered }) => {
    const create = isRendered ? createSSRApp : createApp;
    const app = create(component, { ...props }).use(MizanPlugin, { client: mizan });
    app.mount(element);
    return () => app.unmount();
  });
}

/**
 * `@mizan/ssr/page/svelte`: pages of Svelte in the browser.
 *
 * @packageDocumentation
 */
import { mizanContext } from "@mizan/svelte";
import { type Component, hydrate, mount, unmount } from "svelte";
import { type Components, type MountedPage, openPage, type PageOptions } from "./open.js";

export type { Components, Loaded, MountedPage, PageOptions } from "./open.js";

/**
 * Shows the page that the server has written into the document. What the server has rendered is taken over as it is; an empty
 * element is rendered here. Rejects where the component is unknown.
 * @example await mountPage({ Board, Counter: { load: () => import("./counter.svelte") } })
 */
export function mountPage(
  components: Components<Component<any>>,
  options: PageOptions = {},
): Promise<MountedPage> {
  return openPage(components, options, ({ component, props, mizan, element, isRendered }) => {
    const show = isRendered ? hydrate : mount;
    const page = show(component, { target: element, props: { ...props }, context: mizanContext(mizan) });
    return () => void unmount(page);
  });
}

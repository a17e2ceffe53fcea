/**
 * `@mizan/ssr/page/react`: pages of React in the browser.
 *
 * @packageDocumentation
 */
import { MizanProvider } from "@mizan/react";
import { type ComponentType, createElement } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { type Components, type MountedPage, openPage, type PageOptions } from "./open.js";

export type { Components, Loaded, MountedPage, PageOptions } from "./open.js";

/** What React reports where a component waited on the server for data that was not given: it is rendered here. */
const WAITED = /#419\b|could not finish this Suspense boundary|does not support Suspense/;

/**
 * Shows the page that the server has written into the document. What the server has rendered is taken over as it is; an empty
 * element is rendered here. Rejects where the component is unknown.
 * @example await mountPage({ StallPage, Hall: { load: () => import("./Hall.js") } })
 */
export function mountPage(
  components: Components<ComponentType<any>>,
  options: PageOptions = {},
): Promise<MountedPage> {
  return openPage(components, options, ({ component, props, mizan, element, isRendered }) => {
    const page = createElement(MizanProvider, { client: mizan }, createElement(component, props));
    const root = isRendered ? hydrateRoot(element, page, { onRecoverableError }) : createRoot(element);
    if (!isRendered) root.render(page);
    return () => root.unmount();
  });
}

function onRecoverableError(error: unknown): void {
  if (!WAITED.test(String(error))) reportError(error);
}

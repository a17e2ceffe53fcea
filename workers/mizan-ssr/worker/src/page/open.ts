/** What a page of every framework does before it is shown. */
import { createMizan, type Mizan } from "@mizan/base";
import type { Given } from "@mizan/base/server";
import { putIn } from "./given.js";

/** The element that contains the page, and the script that contains its data. */
const ELEMENT = "mizan-page";
const DATA = "mizan-page-data";

/** The components of an application, by name: each one itself, or how to load the module whose default export it is. */
export type Components<C> = Readonly<Record<string, C | Loaded<C>>>;

/** A component that is loaded when its page is opened. */
export interface Loaded<C> {
  /** @example { load: () => import("./StallPage.js") } */
  readonly load: () => Promise<{ readonly default: C }>;
}

/** Settings of `mountPage`. */
export interface PageOptions {
  /**
   * The instance to provide. The data of the page is put into it.
   * @defaultValue a new one
   * @example mountPage(components, { mizan: createMizan({ baseUrl: "/rpc" }) })
   */
  readonly mizan?: Mizan | undefined;
  /**
   * The element that contains the page.
   * @defaultValue the element with the id `mizan-page`
   * @example mountPage(components, { element: document.body })
   */
  readonly element?: Element | undefined;
}

/** A page that is shown. */
export interface MountedPage {
  readonly mizan: Mizan;
  /** Takes the page down. */
  unmount(): void;
}

/** What a framework needs to show a page. */
export interface Opened<C> {
  readonly component: C;
  readonly props: Readonly<Record<string, unknown>>;
  readonly mizan: Mizan;
  readonly element: Element;
  /** Whether the server has rendered it. Otherwise the element is empty. */
  readonly isRendered: boolean;
}

/** The data of a page, as the server writes it. */
export interface PageData {
  readonly component: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly data: readonly Given[];
}

/** Reads the page, and calls `show` with it. Without `load` that is before this returns. `show` returns what takes it down. */
export async function openPage<C extends object>(
  components: Components<C>,
  { mizan = createMizan(), element = byId(ELEMENT) }: PageOptions,
  show: (page: Opened<C>) => () => void,
): Promise<MountedPage> {
  const { component: name, props, data } = readPage();
  const found = Object.hasOwn(components, name) ? components[name] : undefined;
  if (!found) {
    const known = Object.keys(components).join(", ");
    throw new Error(`mountPage: unknown component "${name}"; add it to the components (${known})`);
  }
  const component = isLoaded(found) ? (await found.load()).default : found;
  putIn(mizan, data);
  const isRendered = [...element.childNodes].some(
    (node) => node.nodeName !== "#text" || node.nodeValue?.trim(),
  );
  const unmount = show({ component, props, mizan, element, isRendered });
  return { mizan, unmount };
}

/**
 * Reads the data that the server has written into the document. Throws where there is none.
 * @example const { component } = readPage();
 */
export function readPage(): PageData {
  const { component, props = {}, data = [] } = JSON.parse(byId(DATA).textContent ?? "");
  return { component, props, data };
}

function byId(id: string): Element {
  const element = document.getElementById(id);
  if (!element) throw new Error(`mountPage: no element with the id "${id}" in this document`);
  return element;
}

function isLoaded<C extends object>(component: C | Loaded<C>): component is Loaded<C> {
  return "load" in component && typeof component.load === "function";
}

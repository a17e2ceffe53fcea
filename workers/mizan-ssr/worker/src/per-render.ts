/**
 * `@mizan/ssr/per-render`: values that one render must not share with another.
 *
 * @packageDocumentation
 */

import { RENDER } from "./render-key.js";

interface Scoped {
  readonly [RENDER]?: () => Map<unknown, unknown> | undefined;
}

/**
 * A value for each render in place of a variable of the module, which all visitors of a worker would share. Returns a function
 * that returns the value of the running render, made when it is first asked for. In a browser, which shows one page to one
 * visitor, it is always the same value.
 * @example const cart = perRender(() => new Map<string, number>()); // cart().set("pen", 2)
 */
export function perRender<T>(make: () => T): () => T {
  const page = new Map<unknown, unknown>();
  return () => {
    const values = (globalThis as Scoped)[RENDER]?.() ?? page;
    if (!values.has(make)) values.set(make, make());
    return values.get(make) as T;
  };
}

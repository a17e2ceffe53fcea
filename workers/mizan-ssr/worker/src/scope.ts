/** The render that is running. */
import { AsyncLocalStorage } from "node:async_hooks";
import { RENDER } from "./render-key.js";

/** The values of each render, by what makes them. */
export const renderScope = new AsyncLocalStorage<Map<unknown, unknown>>();

Object.assign(globalThis, { [RENDER]: () => renderScope.getStore() });

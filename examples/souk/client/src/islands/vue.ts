import { MizanPlugin } from "@mizan/vue";
import { type Component, createApp } from "vue";
import type { Mount } from "./island.js";

/** A component of Vue with its properties. */
export const inVue =
  (component: Component, props: Record<string, unknown>): Mount =>
  (element, client) => {
    const app = createApp(component, props);
    app.use(MizanPlugin, { client });
    app.mount(element);
    return () => app.unmount();
  };

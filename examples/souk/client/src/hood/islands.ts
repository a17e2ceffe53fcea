import type { Mizan } from "@mizan/base";
import { MizanPlugin } from "@mizan/vue";
import { mount, unmount } from "svelte";
import { createApp } from "vue";
import SvelteCounter from "./counter.svelte";
import VueCounter from "./counter.vue";
import type { PaneProps } from "./words.js";

/** Shows the stall in an element, over the instance of the page. Returns what takes it away again. */
export type Island = (element: Element, client: Mizan, props: PaneProps) => () => void;

export const vue: Island = (element, client, props) => {
  const app = createApp(VueCounter, { ...props });
  app.use(MizanPlugin, { client });
  app.mount(element);
  return () => app.unmount();
};

export const svelte: Island = (target, client, props) => {
  const component = mount(SvelteCounter, { target, props: { ...props, client } });
  return () => void unmount(component);
};

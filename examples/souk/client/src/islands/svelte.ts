import type { Mizan } from "@mizan/base";
import { type Component, mount, unmount } from "svelte";
import type { Mount } from "./island.js";

/** A component of Svelte with its properties, which provides the instance that it is given. */
export const inSvelte =
  <P extends object>(component: Component<P & { client: Mizan }>, props: P): Mount =>
  (target, client) => {
    const mounted = mount(component, { target, props: { ...props, client } });
    return () => void unmount(mounted);
  };

/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Whether the build has the devtools; set by `vite.config.ts`. */
  readonly DEVTOOLS: boolean;
}

declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<import("./hood/words.js").PaneProps>;
  export default component;
}

declare module "*.svelte" {
  import type { Component } from "svelte";
  const component: Component<import("./hood/words.js").PaneProps & { client: import("@mizan/base").Mizan }>;
  export default component;
}

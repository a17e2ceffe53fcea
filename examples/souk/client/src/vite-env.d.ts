/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Whether the build has the devtools; set by `vite.config.ts`. */
  readonly DEVTOOLS: boolean;
}

// What tsc knows of them; vue-tsc and svelte-check know their properties.
declare module "*.vue" {
  const component: import("vue").Component;
  export default component;
}

declare module "*.svelte" {
  const component: import("svelte").Component<any>;
  export default component;
}

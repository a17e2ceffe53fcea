/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Whether the build has the devtools; set by `vite.config.ts`. */
  readonly DEVTOOLS: boolean;
}

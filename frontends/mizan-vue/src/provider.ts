/** The kernel instance in the component tree. */
import { createMizan, type Mizan, type MizanOptions } from "@mizan/base";
import { defineComponent, inject, type App, type InjectionKey, provide } from "vue";

const KEY: InjectionKey<Mizan> = Symbol("mizan");

/** What a provider may be given. */
export interface MizanProviderProps {
  /**
   * The instance to provide.
   * @defaultValue one that the provider makes
   * @example app.use(MizanPlugin, { client: createMizan({ gcTime: 0 }) })
   */
  readonly client?: Mizan | undefined;
  /**
   * Mount point of the backend for an instance made here; read once.
   * @defaultValue `"/api/mizan"`
   * @example app.use(MizanPlugin, { baseUrl: "/rpc" })
   */
  readonly baseUrl?: string | undefined;
  /**
   * Receives the failures of calls that no component shows, for an instance made here; read once.
   * @defaultValue nothing receives them
   * @example app.use(MizanPlugin, { onError: (error) => toast(error.message) })
   */
  readonly onError?: MizanOptions["onError"];
}

const instance = ({ client, baseUrl, onError }: MizanProviderProps): Mizan =>
  client ?? createMizan({ baseUrl, onError });

/**
 * Provides a kernel instance to a whole application.
 * @example createApp(Page).use(MizanPlugin).mount("#app")
 */
export function MizanPlugin(app: App, options: MizanProviderProps = {}): void {
  app.provide(KEY, instance(options));
}

/**
 * Provides a kernel instance to the components in its slot. Its properties are read once.
 * @example <MizanProvider base-url="/rpc"><Page /></MizanProvider>
 */
export const MizanProvider = /* @__PURE__ */ defineComponent(
  (props: MizanProviderProps, { slots }) => {
    provide(KEY, instance(props));
    return () => slots.default?.();
  },
  { props: ["client", "baseUrl", "onError"] },
);

/**
 * The instance of the nearest provider. Throws outside of one.
 * @example const mizan = useMizan();
 */
export function useMizan(): Mizan {
  const mizan = inject(KEY, undefined);
  if (!mizan) throw new Error("useMizan: no MizanPlugin or <MizanProvider>");
  return mizan;
}

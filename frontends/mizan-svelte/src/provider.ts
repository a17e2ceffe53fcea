/** The kernel instance in the component tree. */
import { createMizan, type Mizan, type MizanOptions } from "@mizan/base";
import { getContext, setContext } from "svelte";

const KEY = Symbol("mizan");

/** What {@link provideMizan} may be given. */
export interface MizanProviderProps {
  /**
   * The instance to provide.
   * @defaultValue one that is made here
   * @example provideMizan({ client: createMizan({ gcTime: 0 }) })
   */
  readonly client?: Mizan | undefined;
  /**
   * Mount point of the backend for an instance made here.
   * @defaultValue `"/api/mizan"`
   * @example provideMizan({ baseUrl: "/rpc" })
   */
  readonly baseUrl?: string | undefined;
  /**
   * Receives the failures of calls that no component shows, for an instance made here.
   * @defaultValue nothing receives them
   * @example provideMizan({ onError: (error) => toast(error.message) })
   */
  readonly onError?: MizanOptions["onError"];
}

/**
 * Provides a kernel instance to this component and those below it, and returns it. To be called while the component is set up.
 * @example provideMizan({ baseUrl: "/rpc" });
 */
export function provideMizan({ client, baseUrl, onError }: MizanProviderProps = {}): Mizan {
  return setContext(KEY, client ?? createMizan({ baseUrl, onError }));
}

/**
 * A kernel instance for a whole application: the `context` of `mount`, `hydrate` and `render`.
 * @example mount(App, { target: document.body, context: mizanContext(createMizan()) })
 */
export function mizanContext(client: Mizan): Map<unknown, Mizan> {
  return new Map([[KEY, client]]);
}

/**
 * The instance of the nearest provider. Throws outside of one. To be called while the component is set up.
 * @example const mizan = useMizan();
 */
export function useMizan(): Mizan {
  const mizan = getContext<Mizan | undefined>(KEY);
  if (!mizan) throw new Error("useMizan: no provideMizan() in a component above this one");
  return mizan;
}

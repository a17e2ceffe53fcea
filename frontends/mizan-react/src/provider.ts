/** The kernel instance in the component tree. */
import { createMizan, type Mizan, type MizanOptions } from "@mizan/base";
import { createContext, createElement, useContext, useRef, type JSX, type ReactNode } from "react";

const MizanReactContext = createContext<Mizan | undefined>(undefined);

/** Properties of {@link MizanProvider}. */
export interface MizanProviderProps {
  /**
   * The instance to provide.
   * @defaultValue one that the provider makes and keeps
   * @example <MizanProvider client={createMizan({ gcTime: 0 })}>…</MizanProvider>
   */
  readonly client?: Mizan | undefined;
  /**
   * Mount point of the backend for an instance made here; read once.
   * @defaultValue `"/api/mizan"`
   * @example <MizanProvider baseUrl="/rpc">…</MizanProvider>
   */
  readonly baseUrl?: string | undefined;
  /**
   * Receives the failures of calls that no component shows, for an instance made here; read once.
   * @defaultValue nothing receives them
   * @example <MizanProvider onError={(error) => toast(error.message)}>…</MizanProvider>
   */
  readonly onError?: MizanOptions["onError"];
  /**
   * The components that use the instance.
   * @defaultValue nothing
   * @example <MizanProvider><App /></MizanProvider>
   */
  readonly children?: ReactNode;
}

/**
 * Provides a kernel instance to the hooks below it.
 * @example <MizanProvider baseUrl="/rpc"><App /></MizanProvider>
 */
export function MizanProvider({ client, baseUrl, onError, children }: MizanProviderProps): JSX.Element {
  const made = useRef<Mizan>(undefined);
  if (!client) made.current ??= createMizan({ baseUrl, onError });
  return createElement(MizanReactContext.Provider, { value: client ?? made.current }, children);
}

/**
 * The instance of the nearest provider. Throws outside of one.
 * @example const mizan = useMizan();
 */
export function useMizan(): Mizan {
  const mizan = useContext(MizanReactContext);
  if (!mizan)
    throw new Error("useMizan: no <MizanProvider> (or generated <MizanContext>) above this component");
  return mizan;
}

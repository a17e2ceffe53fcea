/** The kernel instance in the component tree. */
import { createMizan, type Mizan } from "@mizan/base";
import { createContext, createElement, useContext, useRef, type JSX, type ReactNode } from "react";

const MizanReactContext = createContext<Mizan | undefined>(undefined);

/** Properties of {@link MizanProvider}. */
export interface MizanProviderProps {
  /** The instance to provide; without it the provider makes one and keeps it. */
  readonly client?: Mizan | undefined;
  /** Mount point of the backend for an instance made here; read once. */
  readonly baseUrl?: string | undefined;
  readonly children?: ReactNode;
}

/** Provides a kernel instance to the hooks below it. */
export function MizanProvider({ client, baseUrl, children }: MizanProviderProps): JSX.Element {
  const made = useRef<Mizan>(undefined);
  if (!client) made.current ??= createMizan({ baseUrl });
  return createElement(MizanReactContext.Provider, { value: client ?? made.current }, children);
}

/** The instance of the nearest provider. Throws outside of one. */
export function useMizan(): Mizan {
  const mizan = useContext(MizanReactContext);
  if (!mizan)
    throw new Error("useMizan: no <MizanProvider> (or generated <MizanContext>) above this component");
  return mizan;
}

/** The hook that calls. */
import type { CallDefinition, MizanError } from "@mizan/base";
import { useCallback, useRef, useState } from "react";
import { useMizan } from "./provider.js";

/** What {@link useCall} returns. */
export interface CallState<A extends object, R> {
  /**
   * Calls the function. Stable. Resolves with the result once what it invalidates is marked, rejects with a `MizanError`;
   * a rejection that is not awaited is not reported as unhandled, since the error is in `error`.
   */
  // biome-ignore lint/complexity/noBannedTypes: `{}` extends the arguments that are all optional
  readonly mutate: (...args: {} extends A ? [args?: A] : [args: A]) => Promise<R>;
  /** A call of this hook is under way. */
  readonly isPending: boolean;
  /** Why a call failed, the latest one to do so since the last `mutate`: no failure goes unseen where calls overlap. */
  readonly error: MizanError | undefined;
  /** Result of the latest call that succeeded. */
  readonly data: R | undefined;
  /** Forgets data, error and the calls under way; these still take effect. */
  readonly reset: () => void;
}

interface Progress<R> {
  readonly pending: number;
  readonly error: MizanError | undefined;
  readonly data: R | undefined;
}

const NOTHING: Progress<never> = { pending: 0, error: undefined, data: undefined };

/**
 * Calls a function of the server, and follows its progress.
 * @example const { mutate, isPending, error } = useCall(rename);
 */
export function useCall<A extends object, R>(definition: CallDefinition<A, R>): CallState<A, R> {
  const mizan = useMizan();
  const [{ pending, error, data }, setProgress] = useState<Progress<R>>(NOTHING);
  // Calls are numbered: only the result of the latest is shown, and none from before a reset.
  const latest = useRef(0);
  const oldest = useRef(0);

  const mutate = useCallback(
    (args?: A) => {
      const number = ++latest.current;
      const settle = (outcome: Partial<Progress<R>>) => {
        if (number <= oldest.current) return;
        const shown = outcome.error || number === latest.current ? outcome : {};
        setProgress((progress) => ({ ...progress, ...shown, pending: progress.pending - 1 }));
      };
      setProgress((progress) => ({ ...progress, error: undefined, pending: progress.pending + 1 }));
      const calling = mizan.call<A, R>(definition, args ?? ({} as A));
      calling.then(
        (result) => settle({ data: result }),
        (failure) => settle({ error: failure }),
      );
      return calling;
    },
    [mizan, definition],
  );

  const reset = useCallback(() => {
    oldest.current = latest.current;
    setProgress(NOTHING);
  }, []);

  return { mutate: mutate as CallState<A, R>["mutate"], isPending: pending > 0, error, data, reset };
}

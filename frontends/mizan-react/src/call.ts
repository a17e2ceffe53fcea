/** The hook that calls. */
import type { CallDefinition, CallOptions, MizanError } from "@mizan/base";
import { useCallback, useEffect, useRef, useState } from "react";
import { useMizan } from "./provider.js";

type Mutating<A> =
  // biome-ignore lint/complexity/noBannedTypes: `{}` extends the arguments that are all optional
  {} extends A ? [args?: A, options?: CallOptions] : [args: A, options?: CallOptions];

/** What {@link useCall} returns. */
export interface CallState<A extends object, R> {
  /**
   * Calls the function. Stable. Resolves with the result once what it invalidates is marked, rejects with a `MizanError`;
   * a rejection that is not awaited is not reported as unhandled, since the error is in `error`.
   * @example mutate({ user_id: 5, name }, { optimistic: draft(userContext, { user_id: 5 }, { name: () => name }) })
   */
  readonly mutate: (...args: Mutating<A>) => Promise<R>;
  /** A call of this hook is under way. */
  readonly isPending: boolean;
  /**
   * Why a call failed, the latest one to do so since the last `mutate`. A failure that is not shown here reaches `onError`
   * of the instance: the component never read `error`, was unmounted or reset, or showed another failure at once.
   */
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
  const it = useRef({ latest: 0, oldest: 0, showsErrors: false, waiting: new Map() as Waiting }).current;
  let showsErrors = false;

  useEffect(() => {
    // A component may show errors only while nothing is pending.
    it.showsErrors ||= showsErrors;
    if (error) settle(it.waiting, error);
  });
  useEffect(
    () => () => {
      it.showsErrors = false;
      settle(it.waiting);
    },
    [it],
  );

  const mutate = useCallback(
    (args?: A, options?: CallOptions) => {
      const number = ++it.latest;
      const done = (outcome: Partial<Progress<R>>) => {
        if (number > it.oldest)
          setProgress((progress) => ({ ...progress, ...outcome, pending: progress.pending - 1 }));
      };
      // The failures that wait are taken away before they are shown.
      settle(it.waiting);
      setProgress((progress) => ({ ...progress, error: undefined, pending: progress.pending + 1 }));
      const calling = mizan.call<A, R>(definition, args ?? ({} as A), options);
      calling.then(
        (result) => done(number === it.latest ? { data: result } : {}),
        (failure) => {
          const report = () => mizan.report(failure, definition);
          if (number > it.oldest && it.showsErrors) it.waiting.set(failure, report);
          else report();
          done({ error: failure });
        },
      );
      return calling;
    },
    [mizan, definition, it],
  );

  const reset = useCallback(() => {
    it.oldest = it.latest;
    settle(it.waiting);
    setProgress(NOTHING);
  }, [it]);

  return {
    mutate: mutate as CallState<A, R>["mutate"],
    isPending: pending > 0,
    get error() {
      showsErrors = true;
      return error;
    },
    data,
    reset,
  };
}

/** Failures that wait for their render, in order, and how each is reported where it is not shown. */
type Waiting = Map<MizanError, () => void>;

/** Reports what waits before the failure that is shown; without one, all of it. */
function settle(waiting: Waiting, shown?: MizanError): void {
  if (shown && !waiting.has(shown)) return;
  for (const [failure, report] of waiting) {
    waiting.delete(failure);
    if (failure === shown) return;
    report();
  }
}

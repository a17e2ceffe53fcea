/** The calls of one component, as every adapter shows them. */
import type { MizanError } from "./error.js";
import type { CallDefinition, CallOptions, Mizan } from "./types.js";

/** What is shown of the calls of one component. Immutable; a change makes a new one. */
export interface Progress<R> {
  /** A call is under way. */
  readonly isPending: boolean;
  /** Why a call failed, the latest one to do so since the last `mutate`. */
  readonly error: MizanError | undefined;
  /** Result of the latest call that succeeded. */
  readonly data: R | undefined;
}

/** What `mutate` takes. */
export type Mutating<A extends object> =
  // biome-ignore lint/complexity/noBannedTypes: `{}` extends the arguments that are all optional
  {} extends A ? [args?: A, options?: CallOptions] : [args: A, options?: CallOptions];

/** Made by {@link trackCalls}. */
export interface Calls<A extends object, R> {
  /** Calls the function. A rejection that is not awaited is not reported as unhandled, since the error is shown. */
  readonly mutate: (args?: A, options?: CallOptions) => Promise<R>;
  /** Forgets data, error and the calls under way; these still take effect. */
  readonly reset: () => void;
  /** Set by the adapter once the component reads `error`: only then do failures wait to be shown. */
  showsErrors: boolean;
  /** The component was rendered with `error`; the failures before it were not shown, and are reported. */
  readonly shown: (error: MizanError | undefined) => void;
  /** The component is gone: failures from here on are reported. */
  readonly leave: () => void;
}

/** What is shown before the first call. */
export const NO_CALLS: Progress<never> = { isPending: false, error: undefined, data: undefined };

/** Follows the calls of one component, and hands each change to `show`. */
export function trackCalls<A extends object, R>(
  mizan: Mizan,
  definition: CallDefinition<A, R>,
  show: (progress: Progress<R>) => void,
): Calls<A, R> {
  // Calls are numbered: only the result of the latest is shown, and none from before a reset.
  let latest = 0;
  let oldest = 0;
  let pending = 0;
  let progress: Progress<R> = NO_CALLS;
  /** Failures that wait for their render, in order, and how each is reported where it is not shown. */
  const waiting = new Map<MizanError, () => void>();
  const change = (outcome: Partial<Progress<R>>, by: number) => {
    pending += by;
    progress = { ...progress, ...outcome, isPending: pending > 0 };
    show(progress);
  };
  /** Reports what waits before the failure that is shown; without one, all of it. */
  const settle = (error?: MizanError) => {
    for (const [failure, report] of waiting) {
      waiting.delete(failure);
      if (failure === error) return;
      report();
    }
  };
  const calls: Calls<A, R> = {
    showsErrors: false,
    mutate(args, options) {
      const number = ++latest;
      const done = (outcome: Partial<Progress<R>>) => {
        if (number > oldest) change(outcome, -1);
      };
      // The failures that wait are taken away before they are shown.
      settle();
      change({ error: undefined }, 1);
      const calling = mizan.call<A, R>(definition, args ?? ({} as A), options);
      calling.then(
        (result) => done(number === latest ? { data: result } : {}),
        (failure) => {
          const report = () => mizan.report(failure, definition);
          if (number > oldest && calls.showsErrors) waiting.set(failure, report);
          else report();
          done({ error: failure });
        },
      );
      return calling;
    },
    reset() {
      oldest = latest;
      pending = 0;
      settle();
      progress = NO_CALLS;
      show(progress);
    },
    shown(error) {
      if (error && waiting.has(error)) settle(error);
    },
    leave() {
      calls.showsErrors = false;
      settle();
    },
  };
  return calls;
}

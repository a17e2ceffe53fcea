/** The function that calls. */
import type { CallDefinition, MizanError } from "@mizan/base";
import { type Mutating, NO_CALLS, type Progress, trackCalls } from "@mizan/base/adapter";
import { untrack } from "svelte";
import { useMizan } from "./provider.js";

/** What {@link useCall} returns. Its values are reactive: read them from the object, since taking them out of it ends that. */
export interface CallState<A extends object, R> {
  /**
   * Calls the function. Resolves with the result once what it invalidates is marked, rejects with a `MizanError`;
   * a rejection that is not awaited is not reported as unhandled, since the error is in `error`.
   * @example mutate({ user_id: 5, name }, { optimistic: draft(userContext, { user_id: 5 }, { name: () => name }) })
   */
  readonly mutate: (...args: Mutating<A>) => Promise<R>;
  /** A call of this component is under way. */
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

/**
 * Calls a function of the server, and follows its progress.
 * @example const renaming = useCall(rename);
 */
export function useCall<A extends object, R>(definition: CallDefinition<A, R>): CallState<A, R> {
  let progress = $state.raw<Progress<R>>(NO_CALLS);
  const calls = trackCalls(useMizan(), definition, (next) => {
    progress = next;
  });
  $effect(() => {
    const { error } = progress;
    untrack(() => calls.shown(error));
  });
  $effect(() => calls.leave);
  return {
    mutate: calls.mutate as CallState<A, R>["mutate"],
    get isPending() {
      return progress.isPending;
    },
    get error() {
      calls.showsErrors = true;
      return progress.error;
    },
    get data() {
      return progress.data;
    },
    reset: calls.reset,
  };
}

/** Hooks that suspend until there is data. They need React 19. */
import type { ContextDefinition, Entry } from "@mizan/base";
import { ready } from "@mizan/base/adapter";
import { use } from "react";
import { useMizan } from "./provider.js";
import { type ReadState, useContextEntry, useMember } from "./read.js";

/** What a hook that suspends returns: there is always data. */
export interface SuspenseState<T> extends ReadState<T> {
  readonly data: T;
}

/**
 * Reads a context, and suspends until there is data. Where the first read fails, its error goes to the nearest error
 * boundary, and a boundary that is reset reads again. A read that fails later leaves the data, and is in `error`.
 * @example const { data } = useContextEntrySuspense(userContext, { user_id: 5 });
 */
export function useContextEntrySuspense<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: NoInfer<P>,
): SuspenseState<D> {
  const entry = useMizan().entry(definition, params);
  return suspended(entry, useContextEntry(definition, params));
}

/**
 * Reads one member of a context, and suspends until there is data, as {@link useContextEntrySuspense} does.
 * @example const { data: profile } = useMemberSuspense(userContext, "user_profile", { user_id: 5 });
 */
export function useMemberSuspense<P extends object, D extends object, K extends keyof D & string>(
  definition: ContextDefinition<P, D>,
  member: K,
  params: NoInfer<P>,
): SuspenseState<D[K]> {
  const entry = useMizan().entry(definition, params);
  return suspended(entry, useMember(definition, member, params));
}

interface Wait {
  readonly promise: Promise<void>;
  outcome?: "data" | "error";
}

/** One wait for each entry: with another promise in each render, React would wait without end. */
const waits = new WeakMap<object, Wait>();

function suspended<D, T>(entry: Entry<D>, state: ReadState<T>): SuspenseState<T> {
  const hasData = !!entry.snapshot().data;
  let wait = waits.get(entry);
  // The data may be gone again, since the session has changed.
  if (!hasData && wait?.outcome !== "error" && (!wait || wait.outcome)) {
    const made: Wait = { promise: ready(entry) };
    made.promise.then(
      () => {
        made.outcome = "data";
      },
      () => {
        made.outcome = "error";
      },
    );
    waits.set(entry, made);
    wait = made;
  }
  // React renders what fails twice. A render after that is one of a boundary that was reset, and reads again.
  if (wait?.outcome === "error") setTimeout(() => waits.delete(entry));
  if (wait && !(hasData && wait.outcome === "error")) use(wait.promise);
  return state as SuspenseState<T>;
}

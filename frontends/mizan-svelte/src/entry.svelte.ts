/** The entry that a component reads, as reactive state. */
import { type ContextDefinition, type Entry, type EntryState, keepPrevious } from "@mizan/base";
import { ready } from "@mizan/base/adapter";
import { untrack } from "svelte";
import { useMizan } from "./provider.js";

/** Parameters as a getter; `undefined` while they are not known. */
export type Params<P> = () => P | undefined;

/** What {@link useEntry} may be asked for. */
interface Options {
  readonly skip?: boolean | undefined;
  readonly keepPrevious?: boolean | undefined;
}

/** An entry that follows its parameters. */
export interface Followed<D> {
  /** The entry of the parameters. */
  readonly entry: () => Entry<D>;
  /** Its state; what nothing has read yet is `loading`, and `idle` where there is nothing to read. */
  readonly state: () => EntryState<D>;
  readonly refetch: () => Promise<void>;
  readonly ready: () => Promise<void>;
}

/** A derived value where something tracks it. Elsewhere, as on a server, it is computed when it is read. */
export function derive<T>(compute: () => T): () => T {
  const value = $derived.by(compute);
  return () => ($effect.tracking() ? value : compute());
}

/** Mounts the entry of the parameters while the component is there. */
export function useEntry<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: Params<P>,
  options: () => Options,
): Followed<D> {
  const mizan = useMizan();
  let before: Entry<D> | undefined;
  const entry = derive<Entry<D>>(() => {
    const found = mizan.entry<P, D>(definition, options().skip ? undefined : params());
    // Equal parameters are one entry: nothing changes for a new object of equal values.
    if (before?.key !== found.key) before = found;
    return before;
  });
  let changes = $state.raw(0);
  let last: Entry<D> | undefined;
  const state = derive<EntryState<D>>(() => {
    void changes;
    const mounted = entry();
    const now = (options().keepPrevious && last ? keepPrevious(mounted, last) : mounted).snapshot();
    if (now.data && !now.isPrevious) last = mounted;
    // Only the entry without parameters has no key.
    return now.status === "idle" && mounted.key ? { ...now, status: "loading" } : now;
  });
  $effect.pre(() => {
    const mounted = entry();
    // The first read begins here, and what it changes must not start it again.
    return untrack(() =>
      mounted.subscribe(() => {
        changes++;
      }),
    );
  });
  return { entry, state, refetch: () => entry().refetch(), ready: () => ready(entry()) };
}

/** The entry that a component reads, as a shallow ref of its state. */
import { type ContextDefinition, type Entry, type EntryState, keepPrevious } from "@mizan/base";
import { ready } from "@mizan/base/adapter";
import {
  computed,
  type ComputedRef,
  getCurrentInstance,
  type MaybeRefOrGetter,
  onScopeDispose,
  onServerPrefetch,
  shallowRef,
  toValue,
  watch,
} from "vue";
import { useMizan } from "./provider.js";

/** Parameters as a value, a ref or a getter; `undefined` while they are not known. */
export type Params<P> = MaybeRefOrGetter<P | undefined>;

/** What {@link useEntry} may be asked for. */
interface Options {
  readonly skip?: MaybeRefOrGetter<boolean | undefined>;
  readonly keepPrevious?: MaybeRefOrGetter<boolean | undefined>;
}

/** An entry that follows its parameters. */
export interface Followed<D> {
  /** The entry of the parameters. */
  readonly entry: ComputedRef<Entry<D>>;
  /** Its state; what nothing has read yet is `loading`, and `idle` where there is nothing to read. */
  readonly state: ComputedRef<EntryState<D>>;
  readonly refetch: () => Promise<void>;
  readonly ready: () => Promise<void>;
}

/** Mounts the entry of the parameters, from setup until the component or the scope is gone. */
export function useEntry<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
  params: Params<P>,
  { skip, keepPrevious: keeps }: Options,
): Followed<D> {
  const mizan = useMizan();
  const known = () => (toValue(skip) ? undefined : toValue(params));
  const entry = computed<Entry<D>>((before) => {
    const found = mizan.entry<P, D>(definition, known());
    // Equal parameters are one entry: nothing changes for a new object of equal values.
    return before?.key === found.key ? before : found;
  });
  const changes = shallowRef(0);
  let last: Entry<D> | undefined;
  const state = computed<EntryState<D>>(() => {
    void changes.value;
    const mounted = entry.value;
    const now = (toValue(keeps) && last ? keepPrevious(mounted, last) : mounted).snapshot();
    if (now.data && !now.isPrevious) last = mounted;
    // Only the entry without parameters has no key.
    return now.status === "idle" && mounted.key ? { ...now, status: "loading" } : now;
  });
  let leave: (() => void) | undefined;
  watch(
    entry,
    (mounted) => {
      const before = leave;
      leave = mounted.subscribe(() => {
        changes.value++;
      });
      before?.();
    },
    { immediate: true },
  );
  // A server never disposes of it: what it has read is there until the instance of the request goes.
  onScopeDispose(() => leave?.(), true);
  const loaded = () => ready(entry.value);
  if (getCurrentInstance()) onServerPrefetch(() => loaded().catch(() => {}));
  return { entry, state, refetch: () => entry.value.refetch(), ready: loaded };
}

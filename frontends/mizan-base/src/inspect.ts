/** What an instance holds, for development tools. A page that does not inspect does not load this. */
import { mark, wake } from "./entry.js";
import type { EntryState, Kernel, LiveEntry, Mizan } from "./types.js";

/** An entry as it is at one moment, and what can be done with it. */
export interface InspectedEntry {
  /** Name of its context. */
  readonly context: string;
  /** See {@link Entry.key}. */
  readonly key: string;
  readonly params: object;
  readonly state: EntryState<object>;
  /** Milliseconds since its last read began; `undefined` before the first one. */
  readonly age: number | undefined;
  /** The number of its subscribers. */
  readonly subscribers: number;
  /** Marks it as stale, and reads it where it is mounted. */
  invalidate(): void;
  /** See {@link Entry.refetch}. */
  refetch(): Promise<void>;
}

/**
 * The entries of an instance, in the order in which they were first subscribed to.
 * @example inspect(mizan).filter(({ state }) => state.isStale)
 */
export function inspect(mizan: Mizan): readonly InspectedEntry[] {
  let entries: LiveEntry[] = [];
  const send = async (kernel: Kernel) => {
    entries = [...kernel.entries.values()];
  };
  // Runs at once: `call` hands the instance to the definition.
  void mizan.call({ name: "", send }, {});
  return entries.map((entry) => ({
    context: entry.context.name,
    key: entry.key,
    params: entry.params,
    state: entry.snapshot(),
    age: entry.readAt ? entry.kernel.clock.now() - entry.readAt : undefined,
    subscribers: entry.listeners.length,
    invalidate() {
      mark(entry, "invalidate");
      wake(entry);
    },
    refetch: () => entry.refetch(),
  }));
}

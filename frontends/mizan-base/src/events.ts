/** Events: what an instance does and why, for logs, development tools and tests. A page that does not listen does not load this. */
import type { Kernel, Mizan } from "./types.js";

/** The entry that an event is about. */
interface OfEntry {
  /** Name of its context. */
  readonly context: string;
  /** See {@link Entry.key}. */
  readonly key: string;
}

/**
 * Why an entry is stale: the response of a call (or its loss), a call of another tab, `mizan.invalidate`, `refetch`, a return
 * to the page, a change of session, or a target that came while the server's form of its parameters was not known.
 */
export type StaleCause = "call" | "tab" | "invalidate" | "refetch" | "focus" | "session" | "params";

/** What happened, told apart by `type`. */
export type MizanEvent =
  /** A read began; its request leaves at the end of the tick. `member`: of one member. */
  | (OfEntry & { readonly type: "asked"; readonly member: string | undefined })
  /** Several reads left in one request. */
  | { readonly type: "batched"; readonly keys: readonly string[] }
  /** A read was tried again, or asked for alone because its line was missing. */
  | (OfEntry & { readonly type: "retried" })
  /** A read ended. `status` is 0 without a response; `cache` is what the server's cache did, where that is shown. */
  | (OfEntry & { readonly type: "answered"; readonly status: number; readonly cache: string | undefined })
  /** A read under way was given up: it is superseded, or no one waits for it. */
  | (OfEntry & { readonly type: "dropped" })
  /** An entry, or one `member`, is stale. `call` names the call. */
  | (OfEntry & {
      readonly type: "marked";
      readonly member: string | undefined;
      readonly cause: StaleCause;
      readonly call: string | undefined;
    })
  /** The response of a call brought the new value of an entry, or of the one member that it merges into. */
  | (OfEntry & { readonly type: "refreshed"; readonly member: string | undefined });

/** An event as the kernel makes it; the entry that it is about is put in here. */
export type EventDetails<E = MizanEvent> = E extends OfEntry ? Omit<E, keyof OfEntry> : E;

const listeners = new WeakMap<Kernel, Set<(event: MizanEvent) => void>>();

/**
 * Calls `listener` with each event of an instance. Returns the unsubscriber. Nothing is made for events while no one listens.
 * @example const stop = subscribeToEvents(mizan, (event) => console.debug(event))
 */
export function subscribeToEvents(mizan: Mizan, listener: (event: MizanEvent) => void): () => void {
  let stop = () => {};
  const send = async (kernel: Kernel) => {
    stop = open(kernel, listener);
  };
  void mizan.call({ name: "", send }, {});
  return () => stop();
}

function open(kernel: Kernel, listener: (event: MizanEvent) => void): () => void {
  const all = listeners.get(kernel) ?? new Set();
  listeners.set(kernel, all);
  // Of its own, so that a listener that is there twice is called twice.
  const own = (event: MizanEvent) => listener(event);
  all.add(own);
  kernel.emit = (details, entry) => {
    const event = { ...details, ...(entry && { context: entry.context.name, key: entry.key }) } as MizanEvent;
    for (const one of [...all]) {
      try {
        one(event);
      } catch (failure) {
        // The failure of one is reported, and the instance goes on.
        void Promise.reject(failure);
      }
    }
  };
  return () => {
    all.delete(own);
    if (!all.size) kernel.emit = undefined;
  };
}

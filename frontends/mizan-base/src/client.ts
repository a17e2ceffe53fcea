/** The instance: puts requests, session and writes together, as the surface that the generated client uses. */
import { drop, entryOf, refresh } from "./entry.js";
import { decoded, MizanError } from "./error.js";
import { http } from "./http.js";
import { wellFormed } from "./keys.js";
import { invalidate, review } from "./invalidate.js";
import { openSession } from "./session.js";
import { fetchTransport } from "./transport/fetch.js";
import type {
  CallDefinition,
  Clock,
  ContextDefinition,
  Entry,
  Kernel,
  Mizan,
  MizanOptions,
} from "./types.js";
import { writes } from "./writes.js";

/** Declares a context; written by the generator. */
export function defineContext<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
): ContextDefinition<P, D> {
  return definition;
}

/** Declares a call; written by the generator. */
export function defineCall<A extends object, R>(definition: CallDefinition<A, R>): CallDefinition<A, R> {
  return definition;
}

const system: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle),
};

/**
 * Makes an instance. It sends no request until it is used, and needs neither `window` nor `document`.
 * @example const mizan = createMizan({ gcTime: 60_000 })
 */
export function createMizan({
  baseUrl = "/api/mizan",
  transport = fetchTransport,
  gcTime = 300_000,
  refetchOnFocus = true,
  focusInterval = 5_000,
  timeout = 30_000,
  hangTime = 5_000,
  clock = system,
}: MizanOptions = {}): Mizan {
  const kernel: Kernel = {
    entries: new Map(),
    index: new Map(),
    clock,
    gcTime,
    hangTime,
    ...http(baseUrl, transport, clock, timeout),
  };
  const onFocus = refetchOnFocus && (() => review(kernel, focusInterval));
  const session = openSession(kernel, `mizan ${baseUrl}`, onFocus);
  const write = writes(kernel, session);

  return {
    entry: (context, params) => entryOf(kernel, context, params) as Entry<any>,
    async fetch(context, params) {
      const { data, error } = await refresh(entryOf(kernel, context, params));
      if (error) throw error;
      return data as any;
    },
    async call(definition, args) {
      const request = JSON.stringify({ fn: definition.name, args }, (_, value) =>
        // Texts as reads send them, well-formed.
        ["bigint", "string"].includes(typeof value) ? wellFormed(value) : value,
      );
      const { result } = await write("POST", "call/", request);
      if (result === undefined) throw new MizanError(200);
      return decoded(definition, result);
    },
    invalidate: (targets) => invalidate(kernel, targets),
    async signOut() {
      await write("DELETE", "session/");
    },
    close() {
      kernel.holds?.(false);
      kernel.holds = undefined;
      kernel.gcTime = 0;
      for (const entry of [...kernel.entries.values()]) if (!entry.listeners.length) drop(entry);
    },
  };
}

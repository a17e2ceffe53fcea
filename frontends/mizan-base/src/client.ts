/** The instance: puts requests, entries and events together, as the surface that the generated client uses. */
import { reader } from "./batch.js";
import { drop, entryOf, NOTHING, refresh } from "./entry.js";
import { http } from "./http.js";
import { invalidate } from "./invalidate.js";
import { listen } from "./page.js";
import { fetchTransport } from "./transport/fetch.js";
import type { Clock, ContextDefinition, Entry, Kernel, Mizan, MizanOptions } from "./types.js";

/** Declares a context; written by the generator. */
export function defineContext<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
): ContextDefinition<P, D> {
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
  onError,
  clock = system,
}: MizanOptions = {}): Mizan {
  const requests = http(baseUrl, transport, clock, timeout);
  const kernel: Kernel = {
    entries: new Map(),
    index: new Map(),
    channel: `mizan ${baseUrl}`,
    changes: 0,
    invalidations: 0,
    clock,
    focusInterval: refetchOnFocus ? focusInterval : undefined,
    gcTime,
    hangTime,
    // An empty instance leaves nothing behind.
    holds(any) {
      kernel.page?.stop();
      kernel.page = any ? listen(kernel) : undefined;
    },
    ...requests,
    ...reader(requests, clock, baseUrl),
  };

  return {
    entry: (context, params) => (params ? (entryOf(kernel, context, params) as Entry<any>) : NOTHING),
    async fetch(context, params) {
      const { data, error } = await refresh(entryOf(kernel, context, params));
      if (error) throw error;
      return data as any;
    },
    call: (definition, args, options) => definition.send(kernel, definition, args, options),
    invalidate: (targets) => invalidate(kernel, targets),
    report: (error, call) => onError?.(error, call),
    close() {
      kernel.holds?.(false);
      kernel.holds = undefined;
      kernel.gcTime = 0;
      for (const entry of [...kernel.entries.values()]) if (!entry.listeners.length) drop(entry);
    },
  };
}

/**
 * `@mizan/base`: the client kernel of Mizan, without dependencies and without a framework.
 *
 * It owns data, status and error of each context instance, and applies what the responses of calls invalidate.
 * The generated client is written against it; framework adapters subscribe to its entries.
 *
 * @packageDocumentation
 */
export { defineCall, signOut } from "./call.js";
export { createMizan, defineContext } from "./client.js";
export { draft } from "./draft.js";
export { MizanError, type ErrorBody } from "./error.js";
export { type MizanEvent, type StaleCause, subscribeToEvents } from "./events.js";
export { idempotent } from "./idempotent.js";
export { hydrate, type Hydrated } from "./hydrate.js";
export { defineList, loadMore, type Page } from "./list.js";
export { keepPrevious } from "./previous.js";
export { fetchTransport } from "./transport/fetch.js";
export type {
  CallDefinition,
  CallOptions,
  Clock,
  ContextDefinition,
  Draft,
  Entry,
  EntryState,
  Mizan,
  MizanOptions,
  Status,
  Target,
  Timers,
  Transport,
  TransportRequest,
  TransportResponse,
} from "./types.js";

/**
 * The vocabulary of the kernel: definitions, states, targets and what can be injected.
 * Types only; nothing here runs.
 */
import type { MizanError } from "./error.js";

/** A bundle of read functions that share their parameters. Made by {@link defineContext}. */
export interface ContextDefinition<P extends object, D extends object> {
  readonly name: string;
  /** Wire names of all parameters, sorted. */
  readonly params: readonly string[];
  /** Members of the bundle, sorted. */
  readonly functions: readonly string[];
  /**
   * Present only where a member's value needs it (`bigint`).
   * It must be pure, and leave alone what is decoded already.
   */
  readonly decode?: (data: any) => D;
  /** Phantom: carries the types, never a value. */
  readonly __types?: { params: P; data: D };
}

/** A function called for its effect. Made by {@link defineCall}. */
export interface CallDefinition<A extends object, R> {
  readonly name: string;
  /** Present only where the result needs it (`bigint`). */
  readonly decode?: (result: any) => R;
  /** Phantom: carries the types, never a value. */
  readonly __types?: { args: A; result: R };
}

/**
 * - `idle`: nothing held, nothing asked for
 * - `loading`: the first read is under way
 * - `success`: data of the last read
 * - `error`: the last read failed; data of an earlier one is kept, unless the failure was a 401 or 403
 */
export type Status = "idle" | "loading" | "success" | "error";

/** What an entry holds at one moment. Immutable; a change makes a new one. */
export interface EntryState<D> {
  readonly status: Status;
  readonly data: D | undefined;
  readonly error: MizanError | undefined;
  /** A read is under way, be it the first or another. */
  readonly isFetching: boolean;
  /** The data held may be old: a newer read is due or under way. */
  readonly isStale: boolean;
}

/** One context with one set of parameters. */
export interface Entry<D> {
  /** Canonical text of the parameters: equal for equal parameters, whatever object carried them. */
  readonly key: string;
  /** The current state; the same object until something changes. */
  snapshot(): EntryState<D>;
  /** Mounts the entry: the first subscriber reads it if it is idle, stale or failed. Returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  /** Reads the whole bundle again. Resolves when settled and never rejects: a failure is in the state. */
  refetch(): Promise<void>;
}

/** What an invalidation names: a context, entries of it by parameter, or one member of them. */
export type Target =
  | string
  | {
      readonly context: string;
      readonly params?: Readonly<Record<string, unknown>>;
      readonly function?: string;
    };

/** One kernel instance. Two instances share nothing. */
export interface Mizan {
  /** The entry of `context` with `params`. Costs a key; asks the server nothing before it is subscribed to. */
  entry<P extends object, D extends object>(context: ContextDefinition<P, D>, params: NoInfer<P>): Entry<D>;
  /** Asks the server (sharing a read already under way), keeps the answer in the entry, and returns it. Rejects with {@link MizanError}. */
  fetch<P extends object, D extends object>(context: ContextDefinition<P, D>, params: NoInfer<P>): Promise<D>;
  /** Calls a function. Resolves once what it invalidates is marked, without waiting for refetches. Rejects with {@link MizanError}. */
  call<A extends object, R>(call: CallDefinition<A, R>, args: NoInfer<A>): Promise<R>;
  /** Marks what the targets cover; mounted entries are read again at once. */
  invalidate(targets: readonly Target[]): void;
  /** Signs out, and forgets all data here and in the other tabs. Rejects with {@link MizanError}; nothing is forgotten then. */
  signOut(): Promise<void>;
  /** Drops what is not mounted, now and from here on, and hears no more of the page and of other tabs. */
  close(): void;
}

/** A request as the kernel hands it to a {@link Transport}, complete with headers. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer, of whatever status, with its body as text. */
export interface TransportAnswer {
  readonly status: number;
  readonly body: string;
}

/** How requests travel. Rejects only if there was no answer. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportAnswer>;
}

/** Timers as the kernel uses them. */
export interface Timers {
  setTimeout(callback: () => void, delay: number): unknown;
  clearTimeout(handle: any): void;
}

/** Where time comes from; tests inject their own. */
export interface Clock extends Timers {
  /** Milliseconds since a fixed moment. */
  now(): number;
}

/** What an answer brings for one member of a context. */
export interface Merge {
  readonly context: string;
  readonly slot: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  readonly mode: "replace" | "upsert";
  /** Field that identifies an element of the list, with `upsert`. */
  readonly key?: string;
}

/** Settings of {@link createMizan}. */
export interface MizanOptions {
  /** Mount point of the backend; `/api/mizan` unless told. */
  readonly baseUrl?: string | undefined;
  readonly transport?: Transport | undefined;
  /** How long, in milliseconds, an unmounted entry is kept; 300,000 unless told, `Infinity` for ever. */
  readonly gcTime?: number | undefined;
  /** Whether what is mounted is read again, in the background, when the page is seen again; `true` unless told. */
  readonly refetchOnFocus?: boolean | undefined;
  /** How old, in milliseconds, the last read of an entry must be for that; 5,000 unless told. */
  readonly focusInterval?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * The vocabulary of the kernel: definitions, states, targets, what can be injected, and the entries as the
 * kernel sees them. Types only; nothing here runs.
 */
import type { Writer } from "./call.js";
import type { Layer } from "./draft.js";
import type { MizanError } from "./error.js";
import type { EventDetails } from "./events.js";

/** A bundle of read functions that share their parameters. Made by {@link defineContext}. */
export interface ContextDefinition<P extends object, D extends object> {
  readonly name: string;
  /** Wire names of all parameters, sorted. */
  readonly params: readonly string[];
  /** Those of them that are sets: lists in which neither order nor repetition means anything. Absent where there is none. */
  readonly sets?: readonly string[];
  /** Members of the bundle, sorted. */
  readonly functions: readonly string[];
  /** `false` where it cannot be read together with others, because a member sees the whole request. */
  readonly batch?: false;
  /**
   * Present only where a member's value needs it (`bigint`).
   * It must be pure, and must not change values that are decoded already.
   */
  readonly decode?: (data: any) => D;
  /** The field that identifies an item, where the context is a list whose items have one. */
  readonly key?: string;
  /** How a list is read; set by {@link defineList}, so that a page without lists does not load this code. */
  readonly list?: (entry: any, isWindow?: boolean) => Part;
  /** Phantom: carries the types, never a value. */
  readonly __types?: { params: P; data: D };
}

/** One read of a list. */
export interface Part {
  /** What it asks for besides the parameters of the context. */
  readonly params: Readonly<Record<string, string | number | undefined>>;
  /** The data of the entry with what the read brought. */
  take(body: object): object;
  /** Notes what follows from the end of the read. True where the data is given up, and read from the start of the list. */
  settle(error?: MizanError): boolean;
}

/** A function called for its effect. Made by {@link defineCall}. */
export interface CallDefinition<A extends object, R> {
  readonly name: string;
  /**
   * What it makes stale: names of contexts, or `context.function` for one member. Used where the response is lost.
   * Absent where it is not known: then everything may be stale.
   */
  readonly affects?: readonly string[];
  /** Whether it is sent again, with the same key, if its response is lost: the server gives it one effect. */
  readonly idempotent?: Repeat;
  /** Present only where the result needs it (`bigint`). */
  readonly decode?: (result: any) => R;
  /** Sends it; set by {@link defineCall}, so that a page without calls does not load this code. */
  readonly send: (kernel: any, definition: any, args: object, options?: CallOptions) => Promise<any>;
  /** Phantom: carries the types, never a value. */
  readonly __types?: { args: A; result: R };
}

/** What a call will change, shown before its response. Made by {@link draft}. */
export interface Draft {
  /** Shows the drafts of one call; set by {@link draft}, so that a page without drafts does not load this code. */
  readonly show: (kernel: any, drafts: readonly Draft[]) => Drawn;
  /** The entries that it may change. */
  readonly entries: (kernel: any) => any[];
  /** Whether it changes an entry. */
  readonly fits: (entry: any) => boolean;
  /** The data with the change. */
  readonly over: (entry: any, data: object) => object;
}

/** The drafts of one call, as they are shown. */
export interface Drawn {
  /** The call has ended: after a failure they are gone at once, otherwise where the entry holds a value from after the call. */
  over(isDone: boolean): void;
  /** What the response has not touched is shown without them. */
  end(): void;
}

/** What a call may be asked for. */
export interface CallOptions {
  /**
   * What is shown until the response is there.
   * @defaultValue nothing is shown before
   * @example { optimistic: draft(userContext, { user_id: 5 }, { user_profile: (profile) => ({ ...profile, name }) }) }
   */
  readonly optimistic?: Draft | readonly Draft[] | undefined;
}

/**
 * - `idle`: no data and no read
 * - `loading`: the first read is under way
 * - `success`: data of the last read
 * - `error`: the last read failed; data of an earlier one is kept, unless the failure was a 401 or 403
 */
export type Status = "idle" | "loading" | "success" | "error";

/** What an entry holds at one moment. Immutable; a change makes a new one. */
export interface EntryState<D> {
  /** `idle`, `loading`, `success` or `error`. */
  readonly status: Status;
  /** What the last read brought. */
  readonly data: D | undefined;
  /** Why the last read failed. */
  readonly error: MizanError | undefined;
  /** A read is under way: the first or a later one. */
  readonly isFetching: boolean;
  /** The data may be stale: a newer read is due or under way. */
  readonly isStale: boolean;
  /** Of a list: the next page is asked for. */
  readonly isLoadingMore?: boolean;
  /** The data is that of other parameters, and stays until the new arrives; see {@link keepPrevious}. */
  readonly isPrevious?: boolean;
}

/** One context with one set of parameters. */
export interface Entry<D> {
  /** Canonical text of the parameters: equal for equal parameters. */
  readonly key: string;
  /** The current state; the same object until something changes. */
  snapshot(): EntryState<D>;
  /** Mounts the entry: the first subscriber reads it if it is idle, stale or failed. Returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  /** Reads the whole bundle again. Resolves when settled and never rejects: a failure is in the state. */
  refetch(): Promise<void>;
}

/** What an invalidation names: a context, some of its entries by parameter, or one member of these. */
export type Target =
  | string
  | {
      readonly context: string;
      readonly params?: Readonly<Record<string, unknown>>;
      readonly function?: string;
    };

/** One kernel instance. Two instances share nothing. */
export interface Mizan {
  /**
   * The entry of `context` with `params`. Costs a key; sends no request before it is subscribed to.
   * Without `params`, which are not known yet, it is an idle entry that never reads.
   * @example mizan.entry(userContext, { user_id: 5 }).subscribe(show)
   */
  entry<P extends object, D extends object>(
    context: ContextDefinition<P, D>,
    params: NoInfer<P> | undefined,
  ): Entry<D>;
  /**
   * Reads from the server (sharing a read under way), keeps the data in the entry, and returns it. Rejects with {@link MizanError}.
   * @example const { user_profile } = await mizan.fetch(userContext, { user_id: 5 })
   */
  fetch<P extends object, D extends object>(context: ContextDefinition<P, D>, params: NoInfer<P>): Promise<D>;
  /**
   * Calls a function. Resolves once the entries it invalidates are marked, without waiting for their reads. Rejects with {@link MizanError}.
   * @example await mizan.call(rename, { user_id: 5, name: "Ann" })
   */
  call<A extends object, R>(call: CallDefinition<A, R>, args: NoInfer<A>, options?: CallOptions): Promise<R>;
  /**
   * Marks the entries that the targets cover as stale; mounted entries are read again at once.
   * @example mizan.invalidate([{ context: "user", params: { user_id: 5 } }])
   */
  invalidate(targets: readonly Target[]): void;
  /**
   * Hands a failure that is not shown to the `onError` of the instance; for adapters.
   * @example mizan.report(error, rename)
   */
  report(error: MizanError, call: CallDefinition<any, any>): void;
  /**
   * Drops unmounted entries, now and from here on, and stops listening to the page and to other tabs.
   * @example mizan.close()
   */
  close(): void;
}

/** A request as the kernel hands it to a {@link Transport}, complete with headers. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborts when the time limit is over, or when no one waits for the response any more. */
  readonly signal: AbortSignal;
}

/** A response of any status. */
export interface TransportResponse {
  readonly status: number;
  /** The body as text: whole, or in parts as they arrive. Parts matter for a batch only, whose lines are applied one by one. */
  readonly body: string | AsyncIterable<string>;
  /** Reads headers by name, as `Headers` does. Without it the kernel does without what they contain. */
  readonly headers?: { get(name: string): string | null | undefined };
}

/** How requests travel. Rejects only if there was no response. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>;
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

/** The new value of one member of a context, from the response of a call. */
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
  /**
   * Mount point of the backend.
   * @defaultValue `"/api/mizan"`
   * @example createMizan({ baseUrl: "https://api.example.org/api/mizan" })
   */
  readonly baseUrl?: string | undefined;
  /**
   * How requests travel.
   * @defaultValue `fetchTransport`
   * @example createMizan({ transport: { send: (request) => fetchTransport.send(signed(request)) } })
   */
  readonly transport?: Transport | undefined;
  /**
   * How long, in milliseconds, an unmounted entry is kept; `Infinity` for ever.
   * @defaultValue `300_000`
   * @example createMizan({ gcTime: 0 })
   */
  readonly gcTime?: number | undefined;
  /**
   * Whether mounted entries are read again, in the background, when the user comes back to the page.
   * @defaultValue `true`
   * @example createMizan({ refetchOnFocus: false })
   */
  readonly refetchOnFocus?: boolean | undefined;
  /**
   * The age, in milliseconds, that the last read of an entry must have for that.
   * @defaultValue `5_000`
   * @example createMizan({ focusInterval: 60_000 })
   */
  readonly focusInterval?: number | undefined;
  /**
   * The time, in milliseconds, that every request has; `Infinity` for no limit.
   * @defaultValue `30_000`
   * @example createMizan({ timeout: 10_000 })
   */
  readonly timeout?: number | undefined;
  /**
   * The age, in milliseconds, from which a read that has no response yet is replaced by the next one.
   * @defaultValue `5_000`
   * @example createMizan({ hangTime: 2_000 })
   */
  readonly hangTime?: number | undefined;
  /**
   * Receives the failures of calls that no component shows, for example because it was unmounted meanwhile.
   * @defaultValue nothing receives them
   * @example createMizan({ onError: (error, call) => toast(`${call.name}: ${error.message}`) })
   */
  readonly onError?: ((error: MizanError, call: CallDefinition<any, any>) => void) | undefined;
  /**
   * Where time comes from.
   * @defaultValue the clock and the timers of the system
   * @example createMizan({ clock: testClock })
   */
  readonly clock?: Clock | undefined;
}

/** Sends the attempts of one call, each with the same headers, until it has a response or may not be sent again. */
export type Repeat = (
  clock: Timers,
  isSame: () => boolean,
) => (
  attempt: (headers?: Readonly<Record<string, string>>) => Promise<JsonResponse>,
  delay?: number,
) => Promise<JsonResponse>;

/** A response as the kernel reads it: JSON, and the error where the status is one. */
export interface JsonResponse {
  readonly body: any;
  readonly error?: MizanError;
  /** The entry as the server reads its parameters, where that differs from what was sent: a target as in a header. */
  readonly params?: unknown;
  /** What the server's cache did. */
  readonly cache?: unknown;
  /** Milliseconds, where the response names them. */
  readonly retryAfter?: number;
}

/** What a request has besides its method and its path. */
export interface Sending {
  /** Headers of their own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string | undefined;
  /** The reads that it is for. */
  readonly request?: Request;
  /** Takes the parts of a successful body as they arrive; `body` of the response is empty then. */
  readonly take?: (part: string) => void;
}

/** Requests below the mount point. */
export interface Http {
  /** Sends one request. Never rejects: a failure is in the response, next to the body, which may still invalidate. */
  send(method: TransportRequest["method"], path: string, sending?: Sending): Promise<JsonResponse>;
}

/** A request, as the reads that travel in it know it. */
export interface Request {
  /** The number of reads that have no response yet and are waited for. */
  waiting: number;
  /** Set while it is under way. */
  abort?: () => void;
}

/** One read of an entry. */
export interface Read {
  readonly entry: LiveEntry;
  /** The one member to read; absent: the whole bundle. */
  readonly member: string | undefined;
  /** The part of a list to read. */
  readonly part?: Part | undefined;
  /** The request that it travels in. */
  request?: Request | undefined;
  /** The number of invalidations before it started. */
  readonly startedAt: number;
  /** No one waits for it any more. */
  isOver?: boolean;
}

/** The entries of one instance that are alive. */
export interface Store {
  readonly entries: Map<string, LiveEntry>;
  /** Entries by context, and by context, parameter and text. Arrays: most hold one entry, and a `Set` of one is heavy. */
  readonly index: Map<string, LiveEntry[]>;
  /** Called before the first entry is added, and after the last one is removed. Absent once the instance is closed. */
  holds?: ((any: boolean) => void) | undefined;
}

/** What a call has changed, by names and parameters. It contains no values. */
export interface Stale {
  /** The session of the tab that sends it, as its CSRF token names it; empty where that is not known. */
  readonly session: string;
  /** The entries that are stale, by the context and parameters of each target. */
  readonly targets: readonly Told[];
}

/** A target as other tabs are notified of it: a whole entry. */
export interface Told {
  readonly context: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What an instance listens with while it holds entries. */
export interface Listening {
  /** Sends the other tabs a message: `session`, which has changed, or the JSON of a {@link Stale}. */
  tell(message: string): void;
  stop(): void;
}

/** What entries share: their instance. */
export interface Kernel extends Store, Http {
  /** Reads an entry, with retries until no one waits for it. Never rejects. */
  read(read: Read): Promise<JsonResponse>;
  readonly clock: Clock;
  /** The name of the channel between tabs. */
  readonly channel: string;
  /** Counts the changes of session that this instance knows of. */
  changes: number;
  /** Counts the invalidations. */
  invalidations: number;
  /** Absent where a return to the page reads nothing. */
  readonly focusInterval: number | undefined;
  gcTime: number;
  /** Set while someone listens to events. Always called by `emit?.(…)`, which makes no event otherwise. */
  emit?: ((event: EventDetails, entry?: LiveEntry) => void) | undefined;
  readonly hangTime: number;
  /** What an entry shows, set while there are drafts. */
  draw?: ((entry: LiveEntry) => object | undefined) | undefined;
  /** The drafts of calls, in the order of sending. */
  layers?: readonly Layer[] | undefined;
  page?: Listening | undefined;
  /** Made by the first write. */
  writer?: Writer;
}

/** Texts of parameters, by position. */
export type Texts = readonly (string | undefined)[];

/**
 * An entry, in the store from its first subscriber until it is dropped. Outside of the store it is
 * an empty handle for the entry of the same key: rendering without mounting leaks nothing.
 */
export interface LiveEntry extends Entry<object> {
  readonly kernel: Kernel;
  readonly context: ContextDefinition<object, object>;
  /** The parameters as the page has them. */
  readonly params: object;
  /** Texts of the parameters as they are sent, in the order of the definition; `undefined`: absent. */
  readonly sent: Texts;
  /** The same as the server reads them, with which targets and merges are compared. Empty: unknown, and every target covers. */
  texts: Texts;
  listeners: readonly (() => void)[];
  /** What is shown. */
  state: EntryState<object>;
  /** What the server has sent, without drafts. */
  data: object | undefined;
  /** Why the last read failed. */
  error: MizanError | undefined;
  /** What a read must bring: the whole bundle (`true`), one member (its name), or nothing. */
  needs: true | string | undefined;
  /** Whether the next page of a list is asked for. */
  more: boolean;
  /** Counts what has made the data stale. */
  marks: number;
  /** The read under way. */
  token: Read | undefined;
  /** When the last read started. */
  readAt: number;
  /** Counts down to the drop while there is no subscriber. */
  timer: unknown;
}

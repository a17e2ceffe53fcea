/**
 * One entry: the state machine, and the rule that orders responses.
 *
 * Each read has a token. A change that makes the data stale removes the token, so the response
 * of a read that started earlier finds no token and is dropped. Its request is aborted unless other reads wait for it.
 */
import { leave } from "./batch.js";
import { decoded, type MizanError } from "./error.js";
import type { StaleCause } from "./events.js";
import { MAX_DELAY } from "./http.js";
import { keep } from "./keep.js";
import { isSet, own, path, text, textsOf } from "./keys.js";
import { add, remove, rename } from "./store.js";
import type { ContextDefinition, Entry, EntryState, Kernel, LiveEntry, Read } from "./types.js";

const IDLE = stateOf();

/** The entry where the parameters are not known yet: it never reads. */
export const NOTHING: Entry<any> = {
  key: "",
  snapshot: () => IDLE,
  subscribe: () => () => {},
  refetch: async () => {},
};

/** The entry of `context` with `params`, or a handle for it. */
export function entryOf(
  kernel: Kernel,
  context: ContextDefinition<object, object>,
  params: object,
): LiveEntry {
  const key = path(context, params);
  const known = kernel.entries.get(key);
  if (known) return known;
  const sent = context.params.map((name) => text(own(params, name), isSet(context, name)));
  return {
    kernel,
    context,
    key,
    params,
    sent,
    texts: sent,
    listeners: [],
    state: IDLE,
    data: undefined,
    error: undefined,
    needs: true,
    more: false,
    marks: 0,
    token: undefined,
    readAt: 0,
    timer: undefined,
    snapshot,
    subscribe,
    refetch,
  };
}

/** Reads the whole bundle, and keeps the entry mounted until it is settled: an invalidation meanwhile reads again. */
export function refresh(handle: LiveEntry): Promise<LiveEntry> {
  return new Promise((resolve) => {
    const entry = live(handle);
    if (entry.needs !== true) mark(entry, "refetch");
    const unsubscribe = entry.subscribe(() => {
      if (entry.token) return;
      unsubscribe();
      resolve(entry);
    });
    load(entry);
  });
}

/** Marks the data as stale, all of it or one member's. {@link wake} must follow when all marks are set. */
export function mark(entry: LiveEntry, cause: StaleCause, member?: string, call?: string): void {
  const { data, kernel, needs } = entry;
  kernel.emit?.({ type: "marked", member, cause, call }, entry);
  entry.marks++;
  entry.needs = (data && (!needs || needs === member) && member) || true;
  stop(entry);
}

/** Gives up the read under way: no one waits for it. */
export function stop(entry: LiveEntry): void {
  if (!entry.token) return;
  leave(entry.token);
  entry.token = undefined;
  entry.kernel.emit?.({ type: "dropped" }, entry);
}

/** Whether a read under way has had no response for so long that another one should replace it. */
export function hangs({ kernel: { clock, hangTime }, readAt, token }: LiveEntry): boolean {
  return !!token && Math.abs(clock.now() - readAt) >= hangTime;
}

/** Forgets the data, and every read that started before. A mounted entry needs {@link wake}, as after {@link mark}. */
export function empty(entry: LiveEntry): void {
  clear(entry);
  entry.more = false;
  mark(entry, "session");
}

/** Removes an unmounted entry. A handle may outlive it and mount again; it must then read, and ignore earlier responses. */
export function drop(entry: LiveEntry): void {
  const { clock } = entry.kernel;
  clock.clearTimeout(entry.timer);
  remove(entry.kernel, entry);
  clear(entry);
  entry.needs = true;
  entry.marks++;
  stop(entry);
}

function clear(entry: LiveEntry): void {
  entry.state = IDLE;
  entry.data = entry.error = undefined;
}

/** After marks and merges: a mounted entry reads what it needs, and its listeners are notified. */
export function wake(entry: LiveEntry): void {
  if ((entry.needs || entry.more) && entry.listeners.length) load(entry);
  else publish(entry);
}

/** The entry in the store, if there is one. */
export function live(handle: LiveEntry): LiveEntry {
  return handle.kernel.entries.get(handle.key) ?? handle;
}

function snapshot(this: LiveEntry): EntryState<object> {
  return live(this).state;
}

function subscribe(this: LiveEntry, listener: () => void): () => void {
  const entry = live(this);
  const { kernel } = entry;
  let subscribed = true;
  kernel.clock.clearTimeout(entry.timer);
  // A new list, so that a listener that is being notified may subscribe and unsubscribe.
  entry.listeners = [...entry.listeners, listener];
  if (entry.listeners.length < 2) {
    if (!kernel.entries.has(entry.key)) add(kernel, entry);
    if (entry.needs) load(entry);
  }
  return () => {
    if (!subscribed) return;
    subscribed = false;
    entry.listeners = entry.listeners.toSpliced(entry.listeners.indexOf(listener), 1);
    if (!entry.listeners.length) unmount(entry);
  };
}

function refetch(this: LiveEntry): Promise<void> {
  return refresh(this).then(() => {});
}

/** After the last subscriber: ends the read under way, unless another subscriber comes at once, then waits for the drop. */
function unmount(entry: LiveEntry): void {
  const { clock, gcTime } = entry.kernel;
  const reads = entry.token;
  const delay = reads ? 0 : gcTime;
  if (delay >= MAX_DELAY) return;
  const timer: any = clock.setTimeout(() => {
    if (!reads) return drop(entry);
    stop(entry);
    publish(entry);
    unmount(entry);
  }, delay);
  // A timer would keep Node alive.
  timer?.unref?.();
  entry.timer = timer;
}

/** Reads what is needed, unless a read is under way. */
export async function load(entry: LiveEntry): Promise<void> {
  if (hangs(entry)) stop(entry);
  if (entry.token) return;
  const { context, kernel, needs } = entry;
  const part = context.list?.(entry);
  const member = needs === true || part ? undefined : needs;
  const token: Read = { entry, member, part, startedAt: kernel.invalidations };
  const reading = kernel.read(token);
  entry.token = token;
  entry.readAt = kernel.clock.now();
  kernel.emit?.({ type: "asked", member }, entry);
  if (!entry.data) entry.error = undefined;
  publish(entry);
  const { body, cache, error: failure, params } = await reading;
  if (entry.token !== token) return;
  entry.token = undefined;
  entry.error = failure;
  try {
    if (!failure && part) entry.data = part.take(decoded(context, body));
    else if (!failure)
      entry.data = keep(
        entry.state.data,
        member ? replaced(entry, member, own(body, member)) : decoded(context, body),
      );
  } catch (cause) {
    entry.error = cause as MizanError;
  }
  let { error } = entry;
  kernel.emit?.({ type: "answered", status: error ? error.status : 200, cache: cache as any }, entry);
  if (!error) entry.needs = undefined;
  else if ([401, 403].includes(error.status)) {
    // Another user may be at the screen by now.
    entry.data = undefined;
    entry.needs = true;
  }
  if (part?.settle(error)) entry.data = entry.error = error = undefined;
  // What was named while the texts were not known may have been this entry.
  const wasKnown = entry.texts.length;
  const texts = typeof params === "string" ? textsOf(context, params) : entry.sent;
  const isMissed =
    !error && rename(kernel, entry, texts) && wasKnown && token.startedAt !== kernel.invalidations;
  if (isMissed) mark(entry, "params");
  publish(entry);
  if (!error && (entry.needs || entry.more)) wake(entry);
}

/** The data with another value in one member; the other members keep their identity. */
export function replaced({ context, data }: LiveEntry, member: string, value: unknown): object {
  const changed = { ...data, [member]: value };
  return context.decode ? { ...data, [member]: own(decoded(context, changed), member) } : changed;
}

/** Sets the state, and notifies the listeners. */
export function publish(entry: LiveEntry): void {
  show(entry);
  notify(entry);
}

/** Sets the state: what the server has sent, with the drafts of calls over it. */
export function show(entry: LiveEntry): void {
  const { error, kernel, more, needs, token } = entry;
  const data = kernel.draw ? kernel.draw(entry) : entry.data;
  const state = stateOf(data, error, !!token, !!(data && needs));
  entry.state = more ? { ...state, isLoadingMore: true } : state;
}

/** Notifies the listeners. */
export function notify({ listeners }: LiveEntry): void {
  for (const listener of listeners) {
    try {
      listener();
    } catch (failure) {
      // The failure of one is reported, and the others are still notified.
      void Promise.reject(failure);
    }
  }
}

function stateOf(data?: object, error?: MizanError, isFetching = false, isStale = false): EntryState<object> {
  const status = error ? "error" : data ? "success" : isFetching ? "loading" : "idle";
  return { status, data, error, isFetching, isStale };
}

/** A clock that moves when told, a server that answers when told, and the one function that drives an entry. */
import { expect } from "vitest";
import {
  createMizan,
  defineCall,
  defineContext,
  type Clock,
  type Entry,
  type EntryState,
  type Mizan,
  type MizanOptions,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "../src/index.js";

/** Lets everything that waits for no timer happen. */
export const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class FakeClock implements Clock {
  private time = 0;
  private timers: { due: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  setTimeout(callback: () => void, delay: number): unknown {
    const timer = { due: this.time + delay, callback };
    this.timers.push(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.timers = this.timers.filter((timer) => timer !== handle);
  }

  get waiting(): number {
    return this.timers.length;
  }

  async advance(delay: number): Promise<void> {
    const end = this.time + delay;
    for (;;) {
      await flush();
      const next = this.timers.filter(({ due }) => due <= end).sort((one, other) => one.due - other.due)[0];
      if (!next) break;
      this.time = next.due;
      this.clearTimeout(next);
      next.callback();
    }
    this.time = end;
    await flush();
  }
}

export interface Pending {
  readonly request: TransportRequest;
  /** `params` is what the server read, where that differs from what was sent. */
  answer(status: number, body: unknown, retryAfter?: string, params?: string): void;
  fail(): void;
  /** Ends the response before its end, as if it were complete. */
  cut(): void;
}

/** The path of the GET of an entry, from its text in a batch. */
function single(entry: string): string {
  const [context = "", ...params] = entry.split(";");
  const pairs = params.flatMap((param) => {
    const [name = "", text = ""] = param.split("=").map(decodeURIComponent);
    if (text === "[]") return [[`${name}[]`, ""]];
    return text.startsWith("[") ? JSON.parse(text).map((one: string) => [name, one]) : [[name, text]];
  });
  const query = `${new URLSearchParams(pairs)}`.replaceAll("+", "%20");
  return ["/api/mizan/ctx", decodeURIComponent(context), query && `?${query}`].join("/");
}

/**
 * Keeps every request until the test answers it; `GET session/` is answered at once unless told otherwise.
 * A batch is taken apart: the test sees a request for each of its entries, and answers each by a line. If one fails, all of the
 * batch that have no line yet do.
 */
export class FakeServer implements Transport {
  /** What was asked for, entry by entry. */
  readonly log: TransportRequest[] = [];
  /** What was sent. */
  readonly sent: TransportRequest[] = [];
  readonly pending: Pending[] = [];
  answersSession = true;
  /** Fails every request at once. */
  isOffline = false;
  /** Hands on the whole body when it is complete, as a transport that knows no streams does. */
  isBuffering = false;
  /** What the tokens name as the session, if anything. */
  session = "";
  private tokens = 0;

  send(request: TransportRequest): Promise<TransportResponse> {
    this.sent.push(request);
    const [, query] = request.url.split("/ctx/?");
    const entries = query ? new URLSearchParams(query).getAll("e").map(single) : [];
    const requests = entries.map((url) => ({ ...request, url }));
    this.log.push(...(query ? requests : [request]));
    if (this.isOffline) return Promise.reject(new TypeError("fetch failed"));
    return query ? this.batch(requests) : this.one(request);
  }

  private one(request: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const forget = () => this.pending.splice(this.pending.indexOf(pending), 1);
      const pending: Pending = {
        request,
        answer(status, body, retryAfter = "", params = undefined) {
          forget();
          const headers = new Map([["Retry-After", retryAfter]]);
          if (params) headers.set("X-Mizan-Params", params);
          resolve({ status, body: typeof body === "string" ? body : JSON.stringify(body), headers });
        },
        fail() {
          forget();
          reject(new TypeError("fetch failed"));
        },
        cut: () => pending.fail(),
      };
      this.pending.push(pending);
      if (this.answersSession && request.method === "GET" && request.url.endsWith("/session/")) {
        const name = this.session && `.mac.${this.session}`;
        pending.answer(200, { csrfToken: `token-${++this.tokens}${name}` });
      }
    });
  }

  private batch(requests: TransportRequest[]): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const open = new Set<Pending>();
      const forget = (pending: Pending) => {
        open.delete(pending);
        this.pending.splice(this.pending.indexOf(pending), 1);
      };
      const lines = stream();
      let text = "";
      const write = (line: object) => {
        text += `${JSON.stringify(line)}\n`;
        if (this.isBuffering) return;
        resolve({ status: 200, body: lines.parts });
        lines.write(`${JSON.stringify(line)}\n`);
      };
      requests.forEach((request, e) => {
        const pending: Pending = {
          request,
          answer(status, body, retryAfter, params) {
            const read = typeof body === "string" ? readJson(body) : body;
            if (Object(read) !== read) return pending.fail();
            forget(pending);
            const error = { code: "UNKNOWN", ...(read as any).error };
            const retry_after = Number(retryAfter);
            write(status < 300 ? { e, data: read, params } : { e, status, error, retry_after });
            if (open.size) return;
            write({ end: requests.length });
            lines.end();
            resolve({ status: 200, body: text });
          },
          fail() {
            for (const one of [...open]) forget(one);
            const error = new TypeError("fetch failed");
            lines.end(error);
            reject(error);
          },
          cut() {
            for (const one of [...open]) forget(one);
            lines.end();
            resolve({ status: 200, body: lines.parts });
          },
        };
        open.add(pending);
        this.pending.push(pending);
      });
    });
  }

  /** Requests since the last look, entry by entry, shortened to method and what follows the mount point. */
  fresh(): string {
    this.sent.length = 0;
    return shortened(this.log);
  }

  /** The same as they were sent, batches in one piece. */
  freshlySent(): string {
    this.log.length = 0;
    return shortened(this.sent);
  }
}

function shortened(requests: TransportRequest[]): string {
  const words = requests.splice(0).map(({ method, url }) => `${method} ${url.replace("/api/mizan/", "")}`);
  return words.join(", ");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A body whose parts arrive when the test writes them. */
export function stream() {
  const written: (string | Error | undefined)[] = [];
  let wake = () => {};
  async function* parts() {
    for (;;) {
      while (!written.length)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const part = written.shift();
      if (part instanceof Error) throw part;
      if (part === undefined) return;
      yield part;
    }
  }
  const write = (part: string | Error | undefined) => {
    written.push(part);
    wake();
  };
  return { parts: parts(), write: (part: string) => write(part), end: (failure?: Error) => write(failure) };
}

export interface UserData {
  profile: string;
  orders: string[];
}

export const user = defineContext<{ user_id?: number | null }, UserData>({
  name: "user",
  params: ["user_id"],
  functions: ["orders", "profile"],
});

export const rename = defineCall<{ user_id: number; name: string }, string>({ name: "rename" });

/** A definition that names what it affects. */
export const restock = defineCall<object, string>({ name: "restock", affects: ["user.orders", "stall"] });

/** What a token names where no one is signed in. */
export const NOBODY = "e3b0c44298fc1c14";

export interface World {
  readonly clock: FakeClock;
  readonly server: FakeServer;
  readonly mizan: Mizan;
}

export function world(options?: MizanOptions): World {
  const clock = new FakeClock();
  const server = new FakeServer();
  return { clock, server, mizan: createMizan({ transport: server, clock, ...options }) };
}

/** `success ann [] fetching stale !CODE`: the state in words. */
export function words({ status, data, error, isFetching, isStale }: EntryState<UserData>): string {
  return [
    status,
    data && `${data.profile} ${JSON.stringify(data.orders)}`,
    isFetching && "fetching",
    isStale && "stale",
    error && `!${error.code}`,
  ]
    .filter(Boolean)
    .join(" ");
}

export type Row = readonly [step: string, state: string, requests?: string];

/**
 * Plays the steps on user 5 and compares its state, and the requests made, after each.
 *
 * Steps: `mount`, `unmount`, `refetch`, `answer <profile>`, `member <json>`, `status <number>`, `fail`, `wait <ms>`,
 * `invalidate <json of targets>`, `call <json of the response>`, `refused <status> <json>`, `close`, and where there is a
 * page `see` and `hide`, with both events.
 * Answers go to the oldest request, or with `last ` in front to the newest.
 */
export async function check(rows: readonly Row[], options?: MizanOptions): Promise<World> {
  const it = world(options);
  const entry: Entry<UserData> = it.mizan.entry(user, { user_id: 5 });
  const mounted: (() => void)[] = [];
  for (const [step, state, requests = ""] of rows) {
    await play(it, entry, mounted, step);
    await flush();
    expect.soft([words(entry.snapshot()), it.server.fresh()], `after "${step}"`).toEqual([state, requests]);
  }
  return it;
}

/** What a browser tells a page that is seen or no longer seen. */
export function look(visible: boolean): void {
  Object.defineProperty(document, "visibilityState", {
    configurable: true,
    value: visible ? "visible" : "hidden",
  });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  window.dispatchEvent(new Event(visible ? "focus" : "blur"));
}

/** Counts the listeners and channels that are open, and the channels that would keep Node alive. */
export function listeners() {
  const signals: (AbortSignal | undefined)[] = [];
  const { addEventListener } = window;
  window.addEventListener = function (this: Window, ...all: any) {
    signals.push(all[2]?.signal);
    return (addEventListener as any).apply(this, all);
  };
  const Original = BroadcastChannel;
  const open = new Set<BroadcastChannel>();
  let unreferenced = 0;
  globalThis.BroadcastChannel = class extends Original {
    constructor(name: string) {
      super(name);
      open.add(this);
    }
    unref() {
      unreferenced++;
      (Original.prototype as any).unref.call(this);
    }
    override close() {
      open.delete(this);
      super.close();
    }
  };
  return {
    open: () => [signals.filter((signal) => !signal?.aborted).length, open.size],
    unreferenced: () => unreferenced,
    restore() {
      window.addEventListener = addEventListener;
      globalThis.BroadcastChannel = Original;
    },
  };
}

async function play(
  { clock, server, mizan }: World,
  entry: Entry<UserData>,
  mounted: (() => void)[],
  step: string,
) {
  const last = step.startsWith("last ");
  const [, verb = "", rest = ""] = /^(?:last )?(\w+) ?(.*)$/s.exec(step)!;
  const pending = () => server.pending.at(last ? -1 : 0)!;
  switch (verb) {
    case "mount":
      return void mounted.push(entry.subscribe(() => {}));
    case "unmount":
      return mounted.pop()!();
    case "refetch":
      return void entry.refetch();
    case "answer":
      return pending().answer(200, { profile: rest, orders: [] });
    case "member":
      return pending().answer(200, rest);
    case "status":
      return pending().answer(Number(rest), { error: { code: `E${rest}`, message: "no" } });
    case "fail":
      return pending().fail();
    case "wait":
      return clock.advance(Number(rest));
    case "invalidate":
      return mizan.invalidate(JSON.parse(rest));
    case "close":
      return mizan.close();
    case "see":
    case "hide":
      return look(verb === "see");
    case "call":
    case "refused": {
      const [, status, body] = verb === "call" ? [rest, 200, rest] : /^(\d+) (.*)$/.exec(rest)!;
      const calling = mizan.call(rename, { user_id: 5, name: "bob" }).catch(() => {});
      await flush();
      server.pending.find(({ request }) => request.method === "POST")!.answer(Number(status), body!);
      return void (await calling);
    }
    default:
      throw new Error(`unknown step ${step}`);
  }
}

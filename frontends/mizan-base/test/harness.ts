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
  answer(status: number, body: unknown, retryAfter?: string): void;
  fail(): void;
}

/** Keeps every request until the test answers it; `GET session/` is answered at once unless told otherwise. */
export class FakeServer implements Transport {
  readonly log: TransportRequest[] = [];
  readonly pending: Pending[] = [];
  answersSession = true;
  /** Fails every request at once. */
  isOffline = false;
  /** What the tokens name as the session, if anything. */
  session = "";
  private tokens = 0;

  send(request: TransportRequest): Promise<TransportResponse> {
    this.log.push(request);
    if (this.isOffline) return Promise.reject(new TypeError("fetch failed"));
    return new Promise((resolve, reject) => {
      const forget = () => this.pending.splice(this.pending.indexOf(pending), 1);
      const pending: Pending = {
        request,
        answer(status, body, retryAfter = "") {
          forget();
          resolve({ status, body: typeof body === "string" ? body : JSON.stringify(body), retryAfter });
        },
        fail() {
          forget();
          reject(new TypeError("fetch failed"));
        },
      };
      this.pending.push(pending);
      if (this.answersSession && request.method === "GET" && request.url.endsWith("/session/")) {
        const name = this.session && `.mac.${this.session}`;
        pending.answer(200, { csrfToken: `token-${++this.tokens}${name}` });
      }
    });
  }

  /** Requests since the last look, shortened to method and what follows the mount point. */
  fresh(): string {
    return this.log
      .splice(0)
      .map(({ method, url }) => `${method} ${url.replace("/api/mizan/", "")}`)
      .join(", ");
  }
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

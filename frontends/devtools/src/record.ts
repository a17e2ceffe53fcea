/** What has happened, in words, and why entries are stale. */
import { type Mizan, type MizanEvent, type StaleCause, subscribeToEvents } from "@mizan/base";
import type { Network } from "./network.js";

/** One line of the timeline. */
export interface Row {
  readonly number: number;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  readonly kind: "call" | "stale" | "refresh" | "batch" | "read" | "retry" | "response" | "dropped";
  readonly text: string;
}

/** What {@link record} makes. */
export interface Log {
  readonly rows: readonly Row[];
  /** Why the entry of this key is stale, where that was seen. */
  why(key: string): string | undefined;
  /** Called after each row. */
  onRow: () => void;
  clear(): void;
  stop(): void;
}

/** Earlier rows are dropped. */
export const MOST = 300;

const CAUSES: Record<Exclude<StaleCause, "call">, string> = {
  tab: "a call of another tab",
  invalidate: "mizan.invalidate",
  refetch: "refetch",
  focus: "the page was seen again",
  session: "the session changed",
  params: "the server's form of its parameters was not known",
};

/** Records the events of an instance and the ends of its calls. */
export function record(mizan: Mizan, network: Network): Log {
  let rows: Row[] = [];
  let number = 0;
  const causes = new Map<string, string>();

  function add(kind: Row["kind"], text: string): void {
    rows = [...rows.slice(1 - MOST), { number: ++number, at: Date.now(), kind, text }];
    log.onRow();
  }

  function rowOf(event: MizanEvent): [kind: Row["kind"], text: string] {
    if (event.type === "batched") {
      return ["batch", `${event.keys.length} reads in one request: ${event.keys.map(short).join(", ")}`];
    }
    const { key } = event;
    switch (event.type) {
      case "asked":
        return ["read", entry(key, event.member)];
      case "retried":
        return ["retry", short(key)];
      case "answered": {
        const { cache, status } = event;
        if (status && status < 400) causes.delete(key);
        return ["response", `${short(key)}: ${status || "none"}${cache ? `, cache ${cache}` : ""}`];
      }
      case "dropped":
        return ["dropped", short(key)];
      case "marked": {
        const cause = event.cause === "call" ? `the call ${event.call}` : CAUSES[event.cause];
        causes.set(key, event.member ? `${cause}, ${event.member} only` : cause);
        return ["stale", `${entry(key, event.member)}: ${cause}`];
      }
      case "refreshed":
        causes.delete(key);
        return ["refresh", `${entry(key, event.member)}: by the response of a call`];
    }
  }

  const log: Log = {
    get rows() {
      return rows;
    },
    why: (key) => causes.get(key),
    onRow: () => {},
    clear() {
      rows = [];
      log.onRow();
    },
    stop: subscribeToEvents(mizan, (event) => add(...rowOf(event))),
  };
  network.onCall = ({ name, status, milliseconds }) =>
    add("call", `${name}: ${status || "no response"}, ${milliseconds} ms`);
  return log;
}

/** A key without what all keys begin with. */
export function short(key: string): string {
  return decodeURIComponent(key.replace(/^ctx\//, "").replace(/\/(?=\?|$)/, ""));
}

function entry(key: string, member: string | undefined): string {
  return member ? `${short(key)}, ${member}` : short(key);
}

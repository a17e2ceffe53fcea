import type { MizanEvent } from "@mizan/base";
import type { Good } from "../mizan/index.js";

/** What every pane is given. */
export interface PaneProps {
  readonly stallId: number;
  /** Whether the caller keeps this stall. */
  readonly isKeeper: boolean;
  /** Adds a line to the log. */
  readonly say: (words: string) => void;
}

/** A pane shows as many goods as fit next to the other panes. */
export const shownGoods = (goods: readonly Good[]) => goods.slice(0, 4);

/** One line of the log: what the client does, and why. */
export function wordsOf(event: MizanEvent): string {
  if (event.type === "batched") return `${event.keys.length} reads leave in one request`;
  const name = nameOf(event.key);
  switch (event.type) {
    case "asked":
      return `${of(name, event.member)} is asked for`;
    case "retried":
      return `${name} is asked for again`;
    case "answered":
      return event.status < 400 && event.status
        ? `${name} has arrived${event.cache === "HIT" ? ", from the cache of the server" : ""}`
        : `${name} could not be read: ${event.status || "no response"}`;
    case "dropped":
      return `an earlier read of ${name} is given up`;
    case "marked":
      return event.cause === "call"
        ? `${of(name, event.member)} is stale: ${event.call} has changed it`
        : `${of(name, event.member)} is stale (${event.cause})`;
    case "refreshed":
      return `${of(name, event.member)} has come with the response of the call`;
  }
}

const of = (name: string, member: string | undefined) => (member ? `${member} of ${name}` : name);

/** `ctx/stall/?stall_id=1` is `stall 1`. */
function nameOf(key: string): string {
  const [, name = "", query = ""] = key.split("/");
  return [name, ...new URLSearchParams(query).values()].join(" ");
}

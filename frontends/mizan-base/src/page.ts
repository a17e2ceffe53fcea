/** The events of the page and of the other tabs, and the message to them. */
import { forget, reconnect, review } from "./invalidate.js";
import type { Kernel, Listening } from "./types.js";

/** The only message between tabs: the session changed. It contains no data. */
const CHANGED = "session";

/**
 * Listens for a change of session in another tab, for a network that is back, and, with an interval, for the user who
 * comes back to the page. Without a page (a server, a worker) there are no events.
 */
export function listen(kernel: Kernel): Listening | undefined {
  if (typeof document === "undefined") return;
  const stopping = new AbortController();
  const channel = open(kernel.channel);
  const on = (event: string, listener: () => void) => window.addEventListener(event, listener, stopping);
  if (channel) channel.onmessage = ({ data }) => data === CHANGED && forget(kernel);
  on("online", () => reconnect(kernel));
  const { focusInterval } = kernel;
  if (focusInterval !== undefined) {
    const seen = () => document.visibilityState === "visible" && review(kernel, focusInterval);
    // Coming back often fires both events.
    on("visibilitychange", seen);
    on("focus", seen);
  }
  return {
    tell: () => channel?.postMessage(CHANGED),
    stop() {
      stopping.abort();
      channel?.close();
    },
  };
}

function open(name: string): BroadcastChannel | undefined {
  try {
    const channel: any = new BroadcastChannel(name);
    // A channel would keep Node alive, where tests have a page.
    channel.unref?.();
    return channel;
  } catch {
    // A page without storage rights has no channel either; it works alone.
    return undefined;
  }
}

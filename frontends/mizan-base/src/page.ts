/** The events of the page and of the other tabs, and the messages to them. */
import { forget, invalidate, reconnect, review } from "./invalidate.js";
import { plain } from "./keep.js";
import { covered } from "./store.js";
import type { Kernel, Listening, Stale, Target, Told } from "./types.js";

/** How long changes of other tabs are collected, in milliseconds, so that many messages become one request. */
const COLLECT = 50;

/**
 * Listens for what happens in other tabs, for a network that is back, and for the user who comes back to the page. Without a
 * page (a server, a worker) there are no events.
 */
export function listen(kernel: Kernel): Listening | undefined {
  if (typeof document === "undefined") return;
  const { clock, focusInterval } = kernel;
  const stopping = new AbortController();
  const channel = open(kernel.channel);
  /** What other tabs have changed of what is held here, each once, until it is read again. */
  const stale = new Map<string, Target>();
  let timer: unknown;

  const on = (event: string, listener: () => void) => window.addEventListener(event, listener, stopping);
  const isVisible = () => document.visibilityState === "visible";
  const follow = () => {
    clock.clearTimeout(timer);
    timer = undefined;
    const targets = [...stale.values()];
    stale.clear();
    if (targets.length) invalidate(kernel, targets, "tab");
  };
  const hear = (message: unknown) => {
    if (message === "session") return forget(kernel);
    try {
      // Any script of the origin can post to the channel: anything but a message of a tab changes nothing.
      const { session, targets }: Stale = JSON.parse(message as string);
      const isTarget = ({ context, params }: Told) => typeof context === "string" && plain(params);
      if (typeof session !== "string" || !targets.every(isTarget)) return;
      const ours = kernel.writer?.session.name();
      // A tab that has not written yet does not know its session.
      if (session && ours && session !== ours) return;
      for (const target of targets)
        if (covered(kernel, target.context, target.params).length) stale.set(JSON.stringify(target), target);
    } catch {
      // Not JSON, or not of this form.
    }
    // A hidden tab waits until it is seen.
    if (stale.size) timer ??= clock.setTimeout(() => isVisible() && follow(), COLLECT);
  };

  if (channel) channel.onmessage = ({ data }) => hear(data);
  on("online", () => reconnect(kernel));
  const seen = () => {
    if (!isVisible()) return;
    follow();
    if (focusInterval !== undefined) review(kernel, focusInterval);
  };
  // Coming back often fires both events.
  on("visibilitychange", seen);
  on("focus", seen);
  return {
    tell: (message) => channel?.postMessage(message),
    stop() {
      stopping.abort();
      clock.clearTimeout(timer);
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

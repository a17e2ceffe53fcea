/** What an instance hears of its page and of the other tabs, and what it tells them. */

/** All that travels between tabs: that the session changed, and nothing of what is held. */
const CHANGED = "session";

/** An instance that listens. */
export interface Listening {
  /** Tells the other tabs that the session changed. */
  tell(): void;
  stop(): void;
}

/**
 * Hears when another tab of this `name` says that the session changed, and when the page is seen again.
 * Where there is no page (a server, a worker) there is nothing to hear.
 */
export function listen(
  name: string,
  onChange?: () => void,
  onFocus?: (() => void) | false,
): Listening | undefined {
  if (typeof document === "undefined") return;
  const stopping = new AbortController();
  const channel = open(name);
  if (channel && onChange) channel.onmessage = ({ data }) => data === CHANGED && onChange();
  if (onFocus) {
    const seen = () => document.visibilityState === "visible" && onFocus();
    // Coming back is often both.
    window.addEventListener("visibilitychange", seen, stopping);
    window.addEventListener("focus", seen, stopping);
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
    // Node, where tests have a page, would stay alive for it.
    channel.unref?.();
    return channel;
  } catch {
    // A page that may not store anything may not talk to others either; it works alone.
    return undefined;
  }
}

/** The events of the page and of the other tabs, and the message to them. */

/** The only message between tabs: the session changed. It contains no data. */
const CHANGED = "session";

/** An instance that listens. */
export interface Listening {
  /** Notifies the other tabs that the session changed. */
  tell(): void;
  stop(): void;
}

/**
 * Calls `onChange` when another tab of this `name` reports a change of session, and `onFocus` when the user comes
 * back to the page, and `onOnline` when there is a network again. Without a page (a server, a worker) there are no events.
 */
export function listen(
  name: string,
  onChange?: () => void,
  onFocus?: (() => void) | false,
  onOnline?: () => void,
): Listening | undefined {
  if (typeof document === "undefined") return;
  const stopping = new AbortController();
  const channel = open(name);
  if (channel && onChange) channel.onmessage = ({ data }) => data === CHANGED && onChange();
  if (onOnline) window.addEventListener("online", onOnline, stopping);
  if (onFocus) {
    const seen = () => document.visibilityState === "visible" && onFocus();
    // Coming back often fires both events.
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
    // A channel would keep Node alive, where tests have a page.
    channel.unref?.();
    return channel;
  } catch {
    // A page without storage rights has no channel either; it works alone.
    return undefined;
  }
}

/** The session: its CSRF token, and what a change of it does here and in the other tabs. */
import { MizanError } from "./error.js";
import { forget, reconnect } from "./invalidate.js";
import { own } from "./keys.js";
import { listen } from "./page.js";
import type { Kernel } from "./types.js";

/** The session of one instance. */
export type Session = ReturnType<typeof openSession>;

/** Follows the session of one instance, and listens to the page and to the other tabs while it holds entries. */
export function openSession(kernel: Kernel, channel: string, onFocus: (() => void) | false) {
  let listening: ReturnType<typeof listen>;
  let token: Promise<string> | undefined;
  /** The session that the last CSRF token names. */
  let named: string | undefined;

  const session = {
    /** Counts the changes of session that this instance knows of. */
    changes: 0,
    /** The last write was refused with 401: one more says nothing new. */
    gone: false,

    /**
     * The CSRF token: read before the first write, shared by all writes, read again after a failure.
     * A token that the server `refused` is dropped, unless another write has replaced it.
     */
    token(refused?: Promise<string>): Promise<string> {
      if (token === refused) token = undefined;
      token ??= kernel
        .read("session/")
        .then((body) => {
          const value = own(body, "csrfToken");
          if (typeof value !== "string") throw new MizanError(200);
          // The last part names the session: a user may have signed in by a page without this client.
          const name = value.split(".")[2];
          if (named && named !== name) session.changed();
          named = name;
          return value;
        })
        .catch((error) => {
          token = undefined;
          throw error;
        });
      return token;
    },

    /** Forgets everything here, and notifies the other tabs. */
    changed(): void {
      const speaking = listening ?? listen(channel);
      speaking?.tell();
      if (speaking !== listening) speaking?.stop();
      forgetAll();
    },
  };

  // An empty instance leaves nothing behind.
  kernel.holds = (any) => {
    listening?.stop();
    listening = any ? listen(channel, forgetAll, onFocus, () => reconnect(kernel)) : undefined;
  };

  /** Another user may be calling from here on, and must not see earlier data. */
  function forgetAll(): void {
    session.changes++;
    token = named = undefined;
    forget(kernel);
  }

  return session;
}

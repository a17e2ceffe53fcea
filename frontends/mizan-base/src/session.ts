/** The session of the caller: its CSRF token, and what a change of it does here and in the other tabs. */
import { MizanError } from "./error.js";
import { tried } from "./http.js";
import { forget } from "./invalidate.js";
import { own } from "./keys.js";
import { listen } from "./page.js";
import type { Kernel } from "./types.js";

/** The last part of a CSRF token where no one is signed in: the start of the SHA-256 of an empty text. */
const NOBODY = "e3b0c44298fc1c14";

/** The session of one instance, as its writes know it. */
export interface Session {
  /**
   * The CSRF token: read before the first write, shared by all writes, read again after a failure or a change of session.
   * A token that the server `refused` is dropped, unless another write has replaced it.
   */
  token(refused?: Promise<string>): Promise<string>;
  /** The session that the last CSRF token named. */
  name(): string | undefined;
  /** Whether that is one of a user. */
  isSignedIn(): boolean;
}

/** Follows the session of one instance. */
export function openSession(kernel: Kernel): Session {
  let token: Promise<string> | undefined;
  /** The session that the last token names, and the number of changes before it was read. */
  let named: string | undefined;
  let at = 0;

  /** What was known before a change of session, here or in another tab, is forgotten. */
  const refresh = () => {
    if (at !== kernel.changes) token = named = undefined;
    at = kernel.changes;
  };

  async function read(): Promise<string> {
    const { body, error } = await tried(kernel.clock, () => kernel.send("GET", "session/"));
    if (error) throw error;
    const value = own(body, "csrfToken");
    if (typeof value !== "string") throw new MizanError(200);
    const name = value.split(".")[2];
    // A user may have signed in by a page without this client.
    if (named && named !== name) changed(kernel);
    named = name;
    return value;
  }

  return {
    token(refused) {
      refresh();
      if (token === refused) token = undefined;
      if (!token) {
        const reading = read();
        token = reading;
        reading.catch(() => {
          if (token === reading) token = undefined;
        });
      }
      return token;
    },
    name() {
      refresh();
      return named;
    },
    isSignedIn() {
      refresh();
      return !!named && named !== NOBODY;
    },
  };
}

/** Forgets everything here, and notifies the other tabs. */
export function changed(kernel: Kernel): void {
  tell(kernel, "session");
  forget(kernel);
}

/** Sends a message to the other tabs. */
export function tell(kernel: Kernel, message: string): void {
  const listening = kernel.page ?? listen(kernel);
  listening?.tell(message);
  if (listening !== kernel.page) listening?.stop();
}

/** Writes: requests with the CSRF token, whose responses say which entries are stale. */
import { MizanError } from "./error.js";
import { invalidate } from "./invalidate.js";
import { own } from "./keys.js";
import type { Session } from "./session.js";
import type { Kernel } from "./types.js";

/** Sends one write. Resolves with the body of the response, or rejects, once the response is applied to the entries. */
export type Write = (method: "POST" | "DELETE", path: string, request?: string) => Promise<any>;

/** Makes the writes of one instance. */
export function writes(kernel: Kernel, session: Session): Write {
  let started = 0;
  let pending = 0;

  return async (method, path, request) => {
    const number = ++started;
    const startedIn = session.changes;
    const first = !pending++;
    let used: Promise<string> | undefined;
    const attempt = async () => {
      used = session.token(used);
      const token = await used;
      // A late token belongs to a user who has signed in meanwhile, and who did not start this write.
      if (session.changes !== startedIn) throw new MizanError(403, { code: "FORBIDDEN" });
      return kernel.send(method, path, token, request);
    };
    try {
      let { body, error } = await attempt();
      // The retry is for the user who started the write only.
      if (own(error?.details, "reason") === "csrf" && session.changes === startedIn) {
        ({ body, error } = await attempt());
      }
      // Signing out empties the screen, even where the response is lost.
      if (body.session === "changed" || method === "DELETE") {
        session.changed();
      } else {
        // Responses of calls that overlap may arrive in another order than the calls ran: a merge becomes a read.
        // A merge also becomes a read where its value is for an earlier session.
        invalidate(
          kernel,
          [...(body.invalidate ?? []), ...(body.merge ?? [])],
          first && number === started && session.changes === startedIn,
        );
      }
      if (error) throw error;
      return body;
    } finally {
      pending--;
    }
  };
}

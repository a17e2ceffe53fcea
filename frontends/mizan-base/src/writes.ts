/** Writes: requests with the CSRF token, whose responses say which entries are stale. */
import { MizanError } from "./error.js";
import { doubt, invalidate } from "./invalidate.js";
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
      let { body, error, retryAfter } = await attempt();
      // The retry is for the user who started the write only.
      if (own(error?.details, "reason") === "csrf" && session.changes === startedIn) {
        ({ body, error, retryAfter } = await attempt());
      }
      // Signing out empties the screen, even where the response is lost.
      const gone = error?.status === 401 && session.changes === startedIn;
      if (body.session === "changed" || method === "DELETE" || (gone && !session.gone)) {
        session.changed();
      } else if (error && lost(error)) {
        // The call may have taken effect, and nothing says where.
        doubt(kernel);
        if (retryAfter && retryAfter < 3_600_000) {
          const timer: any = kernel.clock.setTimeout(() => doubt(kernel), retryAfter);
          timer?.unref?.();
        }
      } else {
        // Responses of calls that overlap may arrive in another order than the calls ran: a merge becomes a read.
        // A merge also becomes a read where its value is for an earlier session.
        invalidate(
          kernel,
          [...(body.invalidate ?? []), ...(body.merge ?? [])],
          first && number === started && session.changes === startedIn,
        );
      }
      session.gone = gone;
      if (error) throw error;
      return body;
    } finally {
      pending--;
    }
  };
}

/** Whether the call may have run although its failure says nothing of it. */
function lost({ code, status }: MizanError): boolean {
  return !status || code === "BAD_RESPONSE" || [502, 503, 504].includes(status);
}

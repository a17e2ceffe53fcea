/** One request over the transport, and reads with their retries. */
import { type ErrorBody, MizanError } from "./error.js";
import type { Clock, Http, JsonResponse, Transport, TransportRequest } from "./types.js";

const JSON_TYPE = "application/json";

/** Why a request that takes too long is aborted, and its error. */
const LATE: ErrorBody = { code: "TIMEOUT", message: "the server did not respond in time" };

/** A longer delay would overflow the timers of browsers and fire at once. */
export const MAX_DELAY = 2 ** 31;

/** Makes the requests of one instance. */
export function http(baseUrl: string, transport: Transport, clock: Clock, timeout: number): Http {
  async function send(
    method: TransportRequest["method"],
    path: string,
    stopping = new AbortController(),
    csrfToken?: string,
    body?: string,
  ): Promise<JsonResponse> {
    let status = 0;
    let retryAfter = 0;
    const { signal } = stopping;
    const timer = timeout < MAX_DELAY && clock.setTimeout(() => stopping.abort(LATE), timeout);
    try {
      const sending = transport.send({
        method,
        url: `${baseUrl}/${path}`,
        headers: {
          Accept: JSON_TYPE,
          ...(body && { "Content-Type": JSON_TYPE }),
          ...(csrfToken && { "X-CSRFToken": csrfToken }),
        },
        ...(body && { body }),
        signal,
      });
      // A transport may ignore the signal. Where no one waits any more, nothing has to happen.
      const late = new Promise<never>((_, reject) => {
        signal.onabort = () => {
          clock.clearTimeout(timer);
          if (signal.reason === LATE) reject(LATE);
        };
      });
      const response = await Promise.race([sending, late]);
      status = response.status;
      retryAfter = Number(response.retryAfter) * 1000;
      const parsed = JSON.parse(response.body);
      if (status < 300 && Object(parsed) === parsed) return { body: parsed };
      return { body: Object(parsed), error: new MizanError(status, parsed.error), retryAfter };
    } catch (cause) {
      return { body: {}, error: new MizanError(status, cause === LATE ? LATE : {}, cause), retryAfter };
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** Tries twice more, after 200 and 400 ms, when the network or the server fails, until it is aborted. */
  async function read(path: string, stopping = new AbortController(), delay = 200): Promise<object> {
    const { body, error } = await send("GET", path, stopping);
    if (!error) return body;
    const { signal } = stopping;
    const final = (error.status && error.status < 500) || delay > 400;
    if (!final && !signal.aborted) await new Promise<void>((resolve) => clock.setTimeout(resolve, delay));
    if (final || signal.aborted) throw error;
    return read(path, stopping, delay * 2);
  }

  return { send, read };
}

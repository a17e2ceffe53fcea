/** One request over the transport, and reads with their retries. */
import { MizanError } from "./error.js";
import type { Clock, Http, JsonResponse, Transport, TransportRequest } from "./types.js";

const JSON_TYPE = "application/json";

/** Makes the requests of one instance. */
export function http(baseUrl: string, transport: Transport, clock: Clock, timeout: number): Http {
  async function send(
    method: TransportRequest["method"],
    path: string,
    csrfToken?: string,
    body?: string,
    outer?: AbortSignal,
  ): Promise<JsonResponse> {
    let status = 0;
    let late = false;
    let retryAfter = NaN;
    const stopping = new AbortController();
    const { signal } = stopping;
    const stop = () => stopping.abort();
    // A longer delay would overflow the timers of browsers and fire at once.
    const timer =
      timeout < 2 ** 31 &&
      clock.setTimeout(() => {
        late = true;
        stop();
      }, timeout);
    outer?.addEventListener("abort", stop, { once: true });
    try {
      // A transport need not know of signals.
      const aborted = new Promise<never>((_, reject) => {
        signal.onabort = () => reject(signal.reason);
      });
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
      const response = await Promise.race([sending, aborted]);
      retryAfter = Number(response.retryAfter || NaN) * 1000;
      status = response.status;
      const parsed = JSON.parse(response.body);
      if (status < 300 && Object(parsed) === parsed) return { body: parsed };
      return { body: parsed, error: new MizanError(status, parsed.error), retryAfter };
    } catch (cause) {
      const problem = late ? { code: "TIMEOUT", message: "the server did not respond in time" } : {};
      return { body: {}, error: new MizanError(status, problem, cause), retryAfter };
    } finally {
      clock.clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
    }
  }

  /** Tries twice more, after 200 and 400 ms, when the network or the server fails, but not after a time limit. */
  async function read(path: string, signal?: AbortSignal, delay = 200): Promise<object> {
    const { body, error } = await send("GET", path, undefined, undefined, signal);
    if (!error) return body;
    if ((error.status && error.status < 500) || error.code === "TIMEOUT" || signal?.aborted || delay > 400)
      throw error;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, delay));
    if (signal?.aborted) throw error;
    return read(path, signal, delay * 2);
  }

  return { send, read };
}

/** One request over the transport, and the rule of retries. */
import { type ErrorBody, MizanError } from "./error.js";
import type { Clock, Http, JsonResponse, Read, Sending, Transport, TransportRequest } from "./types.js";

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
    { body, headers, request = { waiting: 1 }, take }: Sending = {},
  ): Promise<JsonResponse> {
    let status = 0;
    let retryAfter = 0;
    let params: unknown;
    let cache: unknown;
    let timer: unknown;
    const controller = new AbortController();
    const { signal } = controller;
    // A transport may ignore the signal.
    const late = new Promise<never>((_, reject) => {
      const expire = () => {
        controller.abort(LATE);
        reject(LATE);
      };
      if (timeout < MAX_DELAY) timer = clock.setTimeout(expire, timeout);
    });
    // Where no one waits any more, nothing has to happen.
    request.abort = () => {
      clock.clearTimeout(timer);
      // With a reason: making the default one costs more than the rest.
      controller.abort(request);
    };
    const exchange = async () => {
      const response = await transport.send({
        method,
        url: `${baseUrl}/${path}`,
        headers: {
          Accept: JSON_TYPE,
          ...(body && { "Content-Type": JSON_TYPE }),
          ...headers,
        },
        ...(body && { body }),
        signal,
      });
      const taken = response.status < 300 && take;
      let text = "";
      const parts = typeof response.body === "string" ? [response.body] : response.body;
      for await (const part of parts) {
        if (taken) taken(part);
        else text += part;
      }
      // Only now: a body that breaks off is a failure of the network.
      ({ status } = response);
      retryAfter = Number(response.headers?.get("Retry-After")) * 1000;
      params = response.headers?.get("X-Mizan-Params");
      cache = response.headers?.get("X-Mizan-Cache");
      return taken ? {} : JSON.parse(text);
    };
    try {
      const parsed = await Promise.race([exchange(), late]);
      if (status < 300 && Object(parsed) === parsed) return { body: parsed, params, cache };
      return { body: Object(parsed), error: new MizanError(status, parsed.error), retryAfter };
    } catch (cause) {
      return { body: {}, error: new MizanError(status, cause === LATE ? LATE : {}, cause), retryAfter };
    } finally {
      clock.clearTimeout(timer);
    }
  }

  return { send };
}

/** Tries twice more, after 200 and 400 ms, when the network or the server fails, until no one waits for the response. */
export async function tried(
  clock: Clock,
  attempt: (isFirst: boolean) => Promise<JsonResponse>,
  read?: Read,
  delay = 200,
): Promise<JsonResponse> {
  const response = await attempt(delay === 200);
  const { code, status } = response.error ?? { status: 200 };
  const isFinal = (status && status < 500) || code === LATE.code || delay > 400;
  if (!isFinal && !read?.isOver) await new Promise<void>((resolve) => clock.setTimeout(resolve, delay));
  if (isFinal || read?.isOver) return response;
  return tried(clock, attempt, read, delay * 2);
}

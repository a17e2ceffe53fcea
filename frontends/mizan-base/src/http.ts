/** One request over the transport, and reads with their retries. */
import { MizanError } from "./error.js";
import type { Clock, Http, JsonResponse, Transport, TransportRequest } from "./types.js";

const JSON_TYPE = "application/json";

/** Makes the requests of one instance. */
export function http(baseUrl: string, transport: Transport, clock: Clock): Http {
  async function send(
    method: TransportRequest["method"],
    path: string,
    csrfToken?: string,
    body?: string,
  ): Promise<JsonResponse> {
    let status = 0;
    try {
      const response = await transport.send({
        method,
        url: `${baseUrl}/${path}`,
        headers: {
          Accept: JSON_TYPE,
          ...(body && { "Content-Type": JSON_TYPE }),
          ...(csrfToken && { "X-CSRFToken": csrfToken }),
        },
        ...(body && { body }),
      });
      status = response.status;
      const parsed = JSON.parse(response.body);
      if (status < 300 && Object(parsed) === parsed) return { body: parsed };
      return { body: parsed, error: new MizanError(status, parsed.error) };
    } catch (cause) {
      return { body: {}, error: new MizanError(status, {}, cause) };
    }
  }

  /** Tries twice more, after 200 and 400 ms, when the network or the server fails. */
  async function read(path: string, wanted = () => true, delay = 200): Promise<object> {
    const { body, error } = await send("GET", path);
    if (!error) return body;
    if ((error.status && error.status < 500) || delay > 400) throw error;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, delay));
    if (!wanted()) throw error;
    return read(path, wanted, delay * 2);
  }

  return { send, read };
}

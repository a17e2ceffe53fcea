/** The instance: requests, retries, the CSRF token, and the surface that the generated client uses. */
import { entryOf, refresh, type Kernel } from "./entry.js";
import { decoded, MizanError } from "./error.js";
import { invalidate as apply } from "./invalidate.js";
import { own } from "./keys.js";
import { fetchTransport } from "./transport/fetch.js";
import type {
  CallDefinition,
  Clock,
  ContextDefinition,
  Entry,
  Mizan,
  MizanOptions,
  Timers,
} from "./types.js";

interface Reply {
  readonly body: any;
  readonly error?: MizanError;
}

/** Declares a context; written by the generator. */
export function defineContext<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
): ContextDefinition<P, D> {
  return definition;
}

/** Declares a call; written by the generator. */
export function defineCall<A extends object, R>(definition: CallDefinition<A, R>): CallDefinition<A, R> {
  return definition;
}

/** Makes an instance. It asks the server nothing until it is used, and needs neither `window` nor `document`. */
export function createMizan({
  baseUrl = "/api/mizan",
  transport = fetchTransport,
  gcTime = 300_000,
  clock = globalThis as Timers as Clock,
}: MizanOptions = {}): Mizan {
  const kernel: Kernel = { entries: new Map(), index: new Map(), clock, gcTime, read };
  const json = "application/json";
  const accept = { Accept: json };
  let token: Promise<string> | undefined;
  let callsStarted = 0;
  let callsPending = 0;

  /** One request. Never rejects: what went wrong is in the reply, beside the body that may still invalidate. */
  async function send(path: string, call?: string, csrfToken?: string): Promise<Reply> {
    let status = 0;
    try {
      const url = `${baseUrl}/${path}`;
      const answer = await transport.send(
        call
          ? {
              method: "POST",
              url,
              headers: { ...accept, "Content-Type": json, "X-CSRFToken": csrfToken! },
              body: call,
            }
          : { method: "GET", url, headers: accept },
      );
      status = answer.status;
      const body = JSON.parse(answer.body);
      if (status < 300 && Object(body) === body) return { body };
      return { body, error: new MizanError(status, body.error) };
    } catch (cause) {
      return { body: {}, error: new MizanError(status, {}, cause) };
    }
  }

  /** A GET, tried twice more after 200 and 400 ms where the network or the server failed. */
  async function read(path: string, wanted = () => true, delay = 200): Promise<object> {
    const { body, error } = await send(path);
    if (!error) return body;
    if ((error.status && error.status < 500) || delay > 400) throw error;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, delay));
    if (!wanted()) throw error;
    return read(path, wanted, delay * 2);
  }

  /** The CSRF token: asked for before the first call, shared by all, asked for again after a failure. */
  function session(): Promise<string> {
    return (token ??= read("session/")
      .then((body) => {
        const csrfToken = own(body, "csrfToken");
        if (typeof csrfToken !== "string") throw new MizanError(200);
        return csrfToken;
      })
      .catch((error) => {
        token = undefined;
        throw error;
      }));
  }

  return {
    entry: (context, params) => entryOf(kernel, context, params) as Entry<any>,
    async fetch(context, params) {
      const { data, error } = await refresh(entryOf(kernel, context, params));
      if (error) throw error;
      return data as any;
    },
    async call(definition, args) {
      const number = ++callsStarted;
      const first = !callsPending++;
      try {
        const request = JSON.stringify({ fn: definition.name, args }, (_, value) =>
          typeof value === "bigint" ? String(value) : value,
        );
        const used = session();
        let { body, error } = await send("call/", request, await used);
        if (error?.status === 403 && own(error.details, "reason") === "csrf") {
          // Another call may have replaced the token that was refused.
          if (token === used) token = undefined;
          ({ body, error } = await send("call/", request, await session()));
        }
        // Answers of calls that overlap may arrive in another order than they ran: then a merge becomes a read.
        apply(kernel, [...(body.invalidate ?? []), ...(body.merge ?? [])], first && number === callsStarted);
        if (error) throw error;
        if (body.result === undefined) throw new MizanError(200);
        return decoded(definition, body.result);
      } finally {
        callsPending--;
      }
    },
    invalidate: (targets) => apply(kernel, targets),
  };
}

/** The instance: requests, retries, the CSRF token, and the surface that the generated client uses. */
import { drop, entryOf, refresh, type Kernel } from "./entry.js";
import { decoded, MizanError } from "./error.js";
import { forget, invalidate as apply, review } from "./invalidate.js";
import { own } from "./keys.js";
import { listen } from "./page.js";
import { fetchTransport } from "./transport/fetch.js";
import type {
  CallDefinition,
  Clock,
  ContextDefinition,
  Entry,
  Mizan,
  MizanOptions,
  TransportRequest,
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

const system: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** Makes an instance. It asks the server nothing until it is used, and needs neither `window` nor `document`. */
export function createMizan({
  baseUrl = "/api/mizan",
  transport = fetchTransport,
  gcTime = 300_000,
  refetchOnFocus = true,
  focusInterval = 5_000,
  clock = system,
}: MizanOptions = {}): Mizan {
  const kernel: Kernel = { entries: new Map(), index: new Map(), clock, gcTime, read, holds };
  const channel = `mizan ${baseUrl}`;
  const json = "application/json";
  let listening: ReturnType<typeof listen>;
  let closed = false;
  let token: Promise<string> | undefined;
  /** What the last CSRF token said of the session. */
  let who: string | undefined;
  /** Counts the changes of session that are known here. */
  let session = 0;
  let writesStarted = 0;
  let writesPending = 0;

  /** Listens while there is something to lose: an instance that holds nothing leaves nothing behind. */
  function holds(any: boolean): void {
    listening?.stop();
    listening =
      any && !closed
        ? listen(channel, sessionChanged, refetchOnFocus && (() => review(kernel, focusInterval)))
        : undefined;
  }

  /** Somebody else is calling from here on, and must see nothing that was read before. */
  function sessionChanged(): void {
    session++;
    token = who = undefined;
    forget(kernel);
  }

  function changed(): void {
    const speaking = listening ?? listen(channel);
    speaking?.tell();
    if (speaking !== listening) speaking?.stop();
    sessionChanged();
  }

  /** One request. Never rejects: what went wrong is in the reply, beside the body that may still invalidate. */
  async function send(
    method: TransportRequest["method"],
    path: string,
    csrfToken?: string,
    body?: string,
  ): Promise<Reply> {
    let status = 0;
    try {
      const answer = await transport.send({
        method,
        url: `${baseUrl}/${path}`,
        headers: {
          Accept: json,
          ...(body && { "Content-Type": json }),
          ...(csrfToken && { "X-CSRFToken": csrfToken }),
        },
        ...(body && { body }),
      });
      status = answer.status;
      const parsed = JSON.parse(answer.body);
      if (status < 300 && Object(parsed) === parsed) return { body: parsed };
      return { body: parsed, error: new MizanError(status, parsed.error) };
    } catch (cause) {
      return { body: {}, error: new MizanError(status, {}, cause) };
    }
  }

  /** A GET, tried twice more after 200 and 400 ms where the network or the server failed. */
  async function read(path: string, wanted = () => true, delay = 200): Promise<object> {
    const { body, error } = await send("GET", path);
    if (!error) return body;
    if ((error.status && error.status < 500) || delay > 400) throw error;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, delay));
    if (!wanted()) throw error;
    return read(path, wanted, delay * 2);
  }

  /** The CSRF token: asked for before the first write, shared by all, asked for again after a failure. */
  function csrfToken(): Promise<string> {
    return (token ??= read("session/")
      .then((body) => {
        const value = own(body, "csrfToken");
        if (typeof value !== "string") throw new MizanError(200);
        // Its last part names the session: somebody may have signed in by a page without this client.
        const now = value.split(".")[2];
        if (who && who !== now) changed();
        who = now;
        return value;
      })
      .catch((error) => {
        token = undefined;
        throw error;
      }));
  }

  /** A request with the CSRF token. What its answer says is applied before this resolves with it, or rejects. */
  async function write(method: "POST" | "DELETE", path: string, request?: string): Promise<any> {
    const number = ++writesStarted;
    const first = !writesPending++;
    const startedIn = session;
    // A token that came late is good for whoever has signed in meanwhile, who did not ask for this.
    const attempt = async () => {
      const value = await (used = csrfToken());
      if (session !== startedIn) throw new MizanError(403, { code: "FORBIDDEN" });
      return send(method, path, value, request);
    };
    let used: typeof token;
    try {
      let { body, error } = await attempt();
      // Not for whoever has signed in meanwhile.
      if (own(error?.details, "reason") === "csrf" && session === startedIn) {
        // Another write may have replaced the token that was refused.
        if (token === used) token = undefined;
        ({ body, error } = await attempt());
      }
      // Whoever signs out leaves nothing on the screen, also where the answer is lost.
      if (body.session === "changed" || method === "DELETE") {
        changed();
      } else {
        // Answers of calls that overlap may arrive in another order than they ran: then a merge becomes a read.
        // So it does where the value is for somebody who is gone.
        const mergeable = first && number === writesStarted && session === startedIn;
        apply(kernel, [...(body.invalidate ?? []), ...(body.merge ?? [])], mergeable);
      }
      if (error) throw error;
      return body;
    } finally {
      writesPending--;
    }
  }

  return {
    entry: (context, params) => entryOf(kernel, context, params) as Entry<any>,
    async fetch(context, params) {
      const { data, error } = await refresh(entryOf(kernel, context, params));
      if (error) throw error;
      return data as any;
    },
    async call(definition, args) {
      const request = JSON.stringify({ fn: definition.name, args }, (_, value) =>
        typeof value === "bigint" ? String(value) : value,
      );
      const { result } = await write("POST", "call/", request);
      if (result === undefined) throw new MizanError(200);
      return decoded(definition, result);
    },
    invalidate: (targets) => apply(kernel, targets),
    async signOut() {
      await write("DELETE", "session/");
    },
    close() {
      closed = true;
      kernel.gcTime = 0;
      holds(false);
      for (const entry of [...kernel.entries.values()]) if (!entry.listeners.length) drop(entry);
    },
  };
}

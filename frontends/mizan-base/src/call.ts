/**
 * Calls and sign-out: requests with the CSRF token, whose responses say which entries are stale.
 *
 * A definition carries the code that sends it, so that a page without calls does not load this module.
 */
import { decoded, MizanError } from "./error.js";
import { invalidate } from "./invalidate.js";
import { own } from "./keys.js";
import { patch } from "./merge.js";
import { hold, type Held } from "./refresh.js";
import { changed, openSession, type Session, tell } from "./session.js";
import type {
  CallDefinition,
  CallOptions,
  Drawn,
  Kernel,
  Mizan,
  Repeat,
  Stale,
  Target,
  Told,
} from "./types.js";

/** What the writes of one instance share. */
export interface Writer {
  readonly session: Session;
  started: number;
  pending: number;
  /** The last write was refused with 401: one more means nothing new. */
  refused: boolean;
}

/** Declares a call; written by the generator. */
export function defineCall<A extends object, R>(
  definition: Omit<CallDefinition<A, R>, "send">,
): CallDefinition<A, R> {
  return { ...definition, send };
}

/**
 * Signs out, and forgets all data here and in the other tabs. Rejects with {@link MizanError}.
 * @example await signOut(mizan)
 */
export async function signOut(mizan: Mizan): Promise<void> {
  await mizan.call(signingOut, {});
}

const signingOut: CallDefinition<object, unknown> = {
  name: "",
  send: (kernel) => write(kernel, "DELETE", "session/", ""),
};

async function send(
  kernel: Kernel,
  definition: CallDefinition<any, any>,
  args: object,
  { optimistic = [] }: CallOptions = {},
): Promise<any> {
  const { affects, idempotent, name } = definition;
  const held = hold(kernel, { fn: name, args }, affects);
  const drafts = [optimistic].flat();
  const drawn = drafts[0]?.show(kernel, drafts);
  const { result } = await write(kernel, "POST", "call/", name, held, affects, drawn, idempotent);
  return decoded(definition, result);
}

/** Sends one write. Resolves with the body of the response, or rejects, once the response is applied to the entries. */
async function write(
  kernel: Kernel,
  method: "POST" | "DELETE",
  path: string,
  name: string,
  held?: Held,
  affects?: readonly string[],
  drawn?: Drawn,
  idempotent?: Repeat,
): Promise<any> {
  kernel.writer ??= { session: openSession(kernel), started: 0, pending: 0, refused: false };
  const { writer } = kernel;
  const { session } = writer;
  const number = ++writer.started;
  const startedIn = kernel.changes;
  const isSame = () => kernel.changes === startedIn;
  const first = !writer.pending++;
  const sent: ReturnType<Repeat> = idempotent?.(kernel.clock, isSame) ?? ((attempt) => attempt());
  let used: Promise<string> | undefined;
  const attempt = async () => {
    used = session.token(used);
    const token = await used;
    // A late token belongs to a user who has signed in meanwhile, and who did not start this write.
    if (!isSame()) throw new MizanError(403, { code: "FORBIDDEN" });
    return sent((key) =>
      kernel.send(method, path, { headers: { "X-CSRFToken": token, ...key }, body: held?.request }),
    );
  };
  try {
    let { body, error, retryAfter } = await attempt();
    // The retry is for the user who started the write only.
    if (own(error?.details, "reason") === "csrf" && isSame()) ({ body, error, retryAfter } = await attempt());
    if (!error && held && body.result === undefined) error = new MizanError(200);
    drawn?.over(!error);
    const refused = error?.status === 401 && isSame();
    const ended = refused && !writer.refused;
    writer.refused = refused;
    // Signing out empties the screen, even where the response is lost.
    if (body.session === "changed" || method === "DELETE" || (ended && session.isSignedIn())) {
      changed(kernel);
    } else {
      const stale: Target[] = [...(body.invalidate ?? []), ...(body.merge ?? [])];
      if (ended) {
        // Perhaps a wrong password, perhaps a session that was over before this page asked: what is shown stays meanwhile.
        stale.push(...everything(kernel));
      } else if (error && isLost(error)) {
        // The call may have taken effect.
        const doubtful = () => affects?.map(target) ?? everything(kernel);
        stale.push(...doubtful());
        if (retryAfter && retryAfter < 3_600_000) {
          const again = () => {
            const targets = doubtful();
            invalidate(kernel, targets, "call", name);
            tellTargets(kernel, targets);
          };
          const timer: any = kernel.clock.setTimeout(again, retryAfter);
          // A timer would keep Node alive.
          timer?.unref?.();
        }
      }
      // Responses of calls that overlap may arrive in another order than the calls ran: what they bring becomes a read.
      // So does what is for an earlier session.
      if (first && number === writer.started && isSame())
        invalidate(kernel, stale, "call", name, patch, held?.take(body.refresh));
      else invalidate(kernel, stale, "call", name);
      if (!ended) tellTargets(kernel, stale);
    }
    if (error) throw error;
    return body;
  } finally {
    writer.pending--;
    drawn?.end();
  }
}

/** Whether the call may have run although its failure says nothing about it. */
export function isLost({ code, status }: MizanError): boolean {
  return !status || code === "BAD_RESPONSE" || [502, 503, 504].includes(status);
}

/** The other tabs read again what they hold of the targets: whole entries, which are read in one request. */
function tellTargets(kernel: Kernel, stale: readonly Target[]): void {
  const targets = stale.map((target): Told => {
    // A name has neither property and is the context itself.
    const { context = target as string, params = {} } = target as Partial<Told>;
    return { context, params };
  });
  const message: Stale = { session: kernel.writer?.session.name() ?? "", targets };
  if (targets.length) tell(kernel, JSON.stringify(message));
}

/** From the text of a definition, `context` or `context.function`. A context has no dot in its name. */
function target(text: string): Target {
  const [context = "", ...member] = text.split(".");
  return member.length ? { context, function: member.join(".") } : context;
}

/** Where a definition does not name what it affects. */
function everything({ entries }: Kernel): Target[] {
  return [...new Set([...entries.values()].map(({ context }) => context.name))];
}

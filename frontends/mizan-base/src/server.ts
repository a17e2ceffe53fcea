/** An instance for one render on a server. It holds the data that it is given, and sends no request. */
import { decoded } from "./error.js";
import { path } from "./keys.js";
import type { ContextDefinition, Entry, EntryState, Mizan } from "./types.js";

/** The data of one entry, by the name of its context. */
export interface Given {
  readonly context: string;
  readonly params: object;
  /** The bundle as the server sends it. */
  readonly data: unknown;
}

/** An entry that a component has read and that was not given. */
export interface Missed {
  readonly context: string;
  readonly params: object;
}

/** What {@link createServerMizan} makes. */
export interface ServerMizan {
  readonly mizan: Mizan;
  /** The entries that were read and not given, each once, in the order of reading. */
  missed(): readonly Missed[];
}

const IDLE: EntryState<any> = {
  status: "idle",
  data: undefined,
  error: undefined,
  isFetching: false,
  isStale: false,
};

/**
 * Makes an instance for one render. A given entry holds its data from the start. Any other entry stays idle, which components
 * show as loading; its data may also be given and not decodable. `fetch` of such an entry and every `call` reject.
 * @example const { mizan, missed } = createServerMizan([{ context: "user", params: { user_id: 5 }, data }])
 */
export function createServerMizan(given: readonly Given[] = []): ServerMizan {
  const entries = new Map<string, Entry<any>>();
  const missed: Missed[] = [];

  const entry = (context: ContextDefinition<any, any>, params: object | undefined): Entry<any> => {
    if (!params) return fixed("", IDLE);
    const key = path(context, params);
    const known = entries.get(key);
    if (known) return known;
    const state = held(given, context, key);
    if (!state) missed.push({ context: context.name, params });
    const made = fixed(key, state ?? IDLE);
    entries.set(key, made);
    return made;
  };

  const mizan: Mizan = {
    entry,
    async fetch(context, params) {
      const { data } = entry(context, params).snapshot();
      if (data) return data;
      throw new Error(`fetch of ${context.name}: a render on a server sends no request`);
    },
    async call({ name }) {
      throw new Error(`call of ${name}: a render on a server sends no request`);
    },
    invalidate() {},
    report() {},
    close() {},
  };
  return { mizan, missed: () => missed };
}

/** The state of the entry with this key, where it is given and can be decoded. */
function held(
  given: readonly Given[],
  context: ContextDefinition<any, any>,
  key: string,
): EntryState<any> | undefined {
  const found = given.find((one) => one.context === context.name && path(context, one.params) === key);
  if (!found?.data) return;
  try {
    return { ...IDLE, status: "success", data: decoded(context, found.data) };
  } catch {
    return;
  }
}

/** An entry that never changes. */
function fixed(key: string, state: EntryState<any>): Entry<any> {
  return { key, snapshot: () => state, subscribe: () => () => {}, refetch: async () => {} };
}

/**
 * The reads of one tick: those that are asked for together travel in one request.
 *
 * Each read has its own response, as its own GET would have, and its own retries.
 */
import { MizanError } from "./error.js";
import { tried } from "./http.js";
import { json, own, targetOf } from "./keys.js";
import type { Clock, Http, JsonResponse, Read, Request } from "./types.js";

/** The bounds of the server for one request. */
const MAX_ENTRIES = 64;
const MAX_PARAMS = 100;
const MAX_URL = 8192;

/** A read that waits for its request or its response. `undefined` as a response: it is missing, and asked for alone. */
interface Asked {
  readonly read: Read;
  readonly resolve: (response: JsonResponse | undefined) => void;
  /** Its place in the query of a batch, made once. */
  text?: string;
}

/** Makes the reads of one instance. */
export function reader({ send }: Http, clock: Clock, baseUrl: string) {
  let asked: Asked[] = [];

  /** Whether the URL of its own GET is too long, or has too many parameters. */
  const isBig = (read: Read) => {
    const path = pathOf(read);
    // Most paths are shorter than so many parameters.
    const hasMany = path.length > MAX_PARAMS && path.split("&", MAX_PARAMS + 1).length > MAX_PARAMS;
    return read.entry.context.batch !== false && (hasMany || baseUrl.length + path.length >= MAX_URL);
  };

  /** Sends what was asked for in this tick: in order, and as few requests as the bounds allow. */
  function flush(): void {
    const groups: Asked[][] = [];
    let group: Asked[] = [];
    let room = 0;
    const waiting = asked.filter(({ read }) => !read.isOver);
    asked = [];
    const space = MAX_URL - `${baseUrl}/ctx/`.length;
    for (const one of waiting) {
      const { entry, member } = one.read;
      const isOwn = waiting.length < 2 || member || entry.context.batch === false || isBig(one.read);
      if (!isOwn) one.text = entryText(one.read);
      const size = one.text?.length ?? MAX_URL;
      if (size > space) {
        groups.push([one]);
      } else {
        if (size > room || group.length === MAX_ENTRIES) {
          group = [];
          groups.push(group);
          room = space;
        }
        room -= size;
        group.push(one);
      }
    }
    groups.forEach(travel);
  }

  /** Sends one request for a group of reads, and hands each its response. */
  async function travel(group: Asked[]): Promise<void> {
    const request: Request = { waiting: group.length };
    for (const { read } of group) read.request = request;
    const answer = (at: unknown, response: JsonResponse | undefined) => {
      const { read, resolve } = (own(group, at as string) ?? {}) as Partial<Asked>;
      if (read?.request !== request) return;
      read.request = undefined;
      request.waiting--;
      resolve?.(response);
    };
    const [first] = group as [Asked];
    const isPosted = isBig(first.read);
    if (group.length < 2 && !isPosted) return answer(0, await send("GET", pathOf(first.read), { request }));
    const lines = reading(answer);
    first.read.entry.kernel.emit?.({ type: "batched", keys: group.map(({ read }) => read.entry.key) });
    const { error, ...rest } = isPosted
      ? await send("POST", "ctx/", { request, body: bodyOf(first.read), take: lines.take })
      : await send(
          "GET",
          `ctx/?${group
            .map(({ text }) => text)
            .join("")
            .slice(1)}`,
          { request, take: lines.take },
        );
    lines.end();
    // What another server, or a proxy, has against the batch says nothing about its entries.
    const { status = 0 } = error ?? {};
    const isEach = error && (!status || status > 499 || [401, 403, 429].includes(status));
    const cut = isPosted ? { body: {}, error: new MizanError(0) } : undefined;
    group.forEach((_, at) => {
      answer(at, isEach || (error && isPosted) ? { ...rest, error } : cut);
    });
  }

  const together = (read: Read) =>
    new Promise<JsonResponse | undefined>((resolve) => {
      if (!asked.length) queueMicrotask(flush);
      asked.push({ read, resolve });
    });
  const alone = (read: Read) =>
    new Promise<JsonResponse>((resolve) => {
      void travel([{ read, resolve: resolve as Asked["resolve"] }]);
    });

  return {
    read: (read: Read) =>
      tried(
        clock,
        async (isFirst) => {
          const response = isFirst && (await together(read));
          if (response) return response;
          if (read.isOver) return { body: {} };
          read.entry.kernel.emit?.({ type: "retried" }, read.entry);
          return alone(read);
        },
        read,
      ),
  };
}

/** Gives up a read: no one waits for it. Its request goes on while others wait for theirs. */
export function leave(read: Read): void {
  const { request } = read;
  read.isOver = true;
  read.request = undefined;
  if (request && !--request.waiting) request.abort?.();
}

/** An entry in the query of a batch. */
function entryText(read: Read): string {
  const { context, sent } = read.entry;
  return `&e=${encodeURIComponent([targetOf(context, sent), ...pairsOf(read)].join(";"))}`;
}

function bodyOf({ entry: { context, params }, part }: Read): string {
  return json({ entries: [{ context: context.name, params: { ...params, ...part?.params } }] });
}

function pathOf(read: Read): string {
  const { key } = read.entry;
  const query = pairsOf(read).join("&");
  return query ? `${key}${key.endsWith("/") ? "?" : "&"}${query}` : key;
}

/** What is asked for besides the parameters of the entry. Cursors need no encoding. */
function pairsOf({ member, part }: Read): string[] {
  if (!part) return member ? [`mizan.only=${member}`] : [];
  return Object.entries(part.params).flatMap(([name, value]) => (value ? `${name}=${value}` : []));
}

/** Takes the body of a batch in parts. A line that cannot be read is a missing one. */
function reading(answer: (at: unknown, response: JsonResponse) => void) {
  let rest = "";
  const apply = (text: string) => {
    try {
      const line = JSON.parse(text);
      const data = own(line, "data");
      const status = own(line, "status");
      if (Object(data) === data)
        answer(line.e, { body: data, params: own(line, "params"), cache: own(line, "cache") });
      else if (typeof status === "number")
        answer(line.e, { body: {}, error: new MizanError(status, line.error) });
    } catch {
      // Cut, or not a server's.
    }
  };
  return {
    take(part: string) {
      const lines = part.split("\n");
      lines[0] = rest + lines[0];
      rest = lines.pop() ?? "";
      lines.forEach(apply);
    },
    end: () => apply(rest),
  };
}

/** Reads of one tick travel in one request, and each ends as its own GET would have. */
import { expect, test } from "vitest";
import { defineContext, type MizanOptions, subscribeToEvents, type Transport } from "../src/index.js";
import { flush, stream, user, type UserData, words, world } from "./harness.js";

interface Params {
  id?: number | null;
  tags?: (number | string)[];
}

const card = defineContext<Params, { name: string }>({
  name: "card",
  params: ["id", "tags"],
  functions: ["name"],
});
const whole = defineContext<object, { all: number }>({
  name: "whole",
  params: [],
  functions: ["all"],
  batch: false,
});

const ids = (length: number) => Array.from({ length }, (_, id) => id);
const ann = { profile: "ann", orders: [] };

/** A page that mounts users in one tick. */
function mounted(users: readonly number[], options?: MizanOptions) {
  const it = world(options);
  const entries = users.map((user_id) => it.mizan.entry(user, { user_id }));
  const stops = entries.map((entry) => entry.subscribe(() => {}));
  const states = () => entries.map((entry) => words(entry.snapshot()));
  return { ...it, entries, stops, states };
}

/** An instance whose requests are answered by a function, at once, and what was sent. */
function answering(respond: (url: string, body?: string) => string | AsyncIterable<string>) {
  const sent: string[] = [];
  const transport: Transport = {
    async send({ body, method, url }) {
      sent.push(`${method} ${url.replace("/api/mizan/", "")}`);
      return { status: 200, body: respond(url, body) };
    },
  };
  return { ...world({ transport }), sent };
}

test("two reads of one tick are one request", async () => {
  const { server } = mounted([5, 6]);
  expect(server.freshlySent()).toBe("");
  await flush();
  expect(server.freshlySent()).toBe("GET ctx/?e=user%3Buser_id%3D5&e=user%3Buser_id%3D6");
});

test("one read is a plain GET, and so is one in each of two ticks", async () => {
  const { mizan, server } = mounted([5]);
  await flush();
  mizan.entry(user, { user_id: 6 }).subscribe(() => {});
  await flush();
  expect(server.freshlySent()).toBe("GET ctx/user/?user_id=5, GET ctx/user/?user_id=6");
});

test("a read that is superseded within its tick is not sent", async () => {
  const { mizan, server } = mounted([5]);
  mizan.invalidate(["user"]);
  mizan.invalidate(["user"]);
  await flush();
  expect(server.freshlySent()).toBe("GET ctx/user/?user_id=5");
});

test("65 reads are a batch of 64 and a plain GET", async () => {
  const { server } = mounted(ids(65));
  await flush();
  const [first, second, ...more] = server.sent.map(({ url }) => url);
  expect(new URLSearchParams(first!.split("?")[1]).getAll("e").length).toBe(64);
  expect([second, more]).toEqual(["/api/mizan/ctx/user/?user_id=64", []]);
});

test("no URL is longer than 8 KiB, and none could hold one entry more", async () => {
  const { mizan, server } = world({ baseUrl: "https://example.org/api/mizan" });
  for (const id of ids(40)) mizan.entry(card, { id, tags: ["ü".repeat(id * 5)] }).subscribe(() => {});
  await flush();
  const urls = server.sent.map(({ url }) => url);
  const lists = urls.map((url) => url.split("?")[1]!.split("&"));
  expect(lists.flat().length).toBe(40);
  expect(urls.length).toBeGreaterThan(3);
  urls.forEach((url, at) => {
    expect(url.length).toBeLessThanOrEqual(8192);
    const next = lists[at + 1]?.[0];
    if (next) expect(url.length + 1 + next.length).toBeGreaterThan(8192);
  });
});

test("an entry that fits a URL of its own, but not that of a batch, is a plain GET", async () => {
  const { mizan, server } = mounted([1, 2]);
  mizan.entry(card, { tags: ["ü".repeat(900)] }).subscribe(() => {});
  await flush();
  const [batch, own, ...more] = server.sent.map(({ method, url }) => `${method} ${url.slice(0, 25)}`);
  expect([batch, own, more]).toEqual(["GET /api/mizan/ctx/?e=user%3B", "GET /api/mizan/ctx/card/?tags", []]);
});

for (const [name, tags] of [
  ["1,000 ids in one parameter", ids(1_000).map((id) => id + 100_000)],
  ["more than 100 values", ids(101)],
] as const) {
  test(`${name} go by POST, each entry alone, and are tried again as a read is`, async () => {
    const { clock, mizan, server } = mounted([1, 2]);
    const entry = mizan.entry(card, { tags });
    entry.subscribe(() => {});
    await flush();
    const posts = () => server.pending.filter(({ request }) => request.method === "POST");
    const [{ request, fail }] = posts() as [any];
    expect(server.freshlySent()).toMatch(
      /^GET ctx\/\?e=user%3Buser_id%3D1&e=user%3Buser_id%3D2, POST ctx\/$/,
    );
    expect(JSON.parse(request.body)).toEqual({ entries: [{ context: "card", params: { tags } }] });
    expect(request.headers).toEqual({ Accept: "application/json", "Content-Type": "application/json" });
    fail();
    await clock.advance(200);
    // Cut before its line: as if there was no response.
    posts()[0]!.answer(200, '{"e":0,"da');
    await clock.advance(400);
    posts()[0]!.answer(200, '{"e":0,"data":{"name":"Nada"}}\n{"end":1}\n');
    await flush();
    expect(entry.snapshot()).toMatchObject({ status: "success", data: { name: "Nada" } });
  });
}

test("a list that is refused by POST is refused", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(card, { tags: ids(10_001) });
  entry.subscribe(() => {});
  await flush();
  const error = { code: "VALIDATION_ERROR", message: "no", details: { fields: { tags: ["too long"] } } };
  server.pending[0]!.answer(200, `${JSON.stringify({ e: 0, status: 422, error })}\n{"end":1}\n`);
  await flush();
  expect(entry.snapshot().error).toMatchObject({ status: 422, fields: { tags: ["too long"] } });
  void entry.refetch();
  await flush();
  server.pending[0]!.answer(413, { error: { code: "PAYLOAD_TOO_LARGE" } });
  await flush();
  expect(entry.snapshot().error).toMatchObject({ status: 413, code: "PAYLOAD_TOO_LARGE" });
});

test("a context whose member sees the whole request is not batched, and neither is the read of a member", async () => {
  const { mizan, server } = mounted([5, 6]);
  const all = mizan.entry(whole, {});
  all.subscribe(() => {});
  await flush();
  expect(server.freshlySent()).toBe("GET ctx/?e=user%3Buser_id%3D5&e=user%3Buser_id%3D6, GET ctx/whole/");
  for (const { answer } of [...server.pending]) answer(200, ann);
  await flush();
  mizan.invalidate([{ context: "user", function: "orders" }]);
  await flush();
  expect(server.freshlySent()).toBe(
    "GET ctx/user/?user_id=5&mizan.only=orders, GET ctx/user/?user_id=6&mizan.only=orders",
  );
});

test("an entry is written as a target: names sorted, lists as JSON, all but the unreserved characters encoded", async () => {
  const { mizan, server } = world();
  const params = [{ tags: ["a;b=c,d", "!'()*~-._", "ü\ud800"], id: null }, { id: 5, tags: [] }, {}];
  for (const one of params) mizan.entry(card, one).subscribe(() => {});
  await flush();
  const entries = new URLSearchParams(server.sent[0]!.url.split("?")[1]).getAll("e");
  for (const entry of entries) expect(entry).toMatch(/^[\w\-.~%;=]+$/);
  expect(entries.map(decodeURIComponent)).toEqual([
    `card;tags=["a;b=c,d","!'()*~-._","ü\ufffd"]`,
    "card;id=5;tags=[]",
    "card",
  ]);
});

test("after an invalidation, what is mounted is one request again", async () => {
  const { mizan, server } = mounted([5, 6]);
  await flush();
  for (const { answer } of [...server.pending]) answer(200, ann);
  await flush();
  server.fresh();
  mizan.invalidate(["user"]);
  await flush();
  expect(server.freshlySent()).toBe("GET ctx/?e=user%3Buser_id%3D5&e=user%3Buser_id%3D6");
});

test("a slow entry holds back no other's line", async () => {
  const { server, states } = mounted([1, 2, 3]);
  await flush();
  server.pending[2]!.answer(200, { profile: "bob", orders: [] });
  await flush();
  expect(states()).toEqual(["loading fetching", "loading fetching", "success bob []"]);
  server.pending[0]!.answer(200, ann);
  await flush();
  expect(states()).toEqual(["success ann []", "loading fetching", "success bob []"]);
});

test("an error line fails its entry alone, and a 503 is tried again alone", async () => {
  const { clock, entries, server, states } = mounted([1, 2, 3]);
  await flush();
  const [one, two, three] = [...server.pending];
  one!.answer(403, { error: { code: "FORBIDDEN", message: "no" } });
  two!.answer(503, { error: { code: "UNAVAILABLE", message: "later" } }, "1");
  three!.answer(200, ann);
  await flush();
  expect(states()).toEqual(["error !FORBIDDEN", "loading fetching", "success ann []"]);
  expect(entries[0]!.snapshot().error).toMatchObject({ status: 403, message: "no" });
  server.fresh();
  await clock.advance(199);
  expect(server.freshlySent()).toBe("");
  await clock.advance(1);
  expect(server.freshlySent()).toBe("GET ctx/user/?user_id=2");
  server.pending[0]!.answer(200, ann);
  await flush();
  expect(states()[1]).toBe("success ann []");
});

const LINES = [
  '{"e":1,"data":{"profile":"bób","orders":[]},"cache":"HIT"}',
  '{"e":2,"status":404,"error":{"code":"NOT_FOUND","message":"no"}}',
  '{"e":0,"data":{"profile":"ann","orders":[]},"cache":"MISS"}',
  '{"end":3}\n',
].join("\n");

for (const [name, cut] of [
  ["ends early", (text: string) => text],
  [
    "breaks off",
    (text: string) => {
      const body = stream();
      body.write(text);
      body.end(new TypeError("network error"));
      return body.parts;
    },
  ],
] as const) {
  test(`a batch that ${name} at any byte ends right for every entry`, async () => {
    for (let at = 0; at <= LINES.length; at++) {
      const { clock, mizan, sent } = answering((url) => {
        if (url.includes("ctx/?")) return cut(LINES.slice(0, at));
        if (url.endsWith("=3")) return '{"profile":"cy","orders":[]}';
        return `{"profile":"${url.endsWith("=1") ? "ann" : "bób"}","orders":[]}`;
      });
      const entries = [1, 2, 3].map((user_id) => mizan.entry(user, { user_id }));
      for (const entry of entries) entry.subscribe(() => {});
      await clock.advance(1_000);
      const [one, two, three] = entries.map((entry) => words(entry.snapshot()));
      expect([one, two]).toEqual(["success ann []", "success bób []"]);
      const arrived = LINES.slice(0, at + 1).split("\n").length - 1;
      expect(three).toBe(arrived < 2 ? "success cy []" : "error !NOT_FOUND");
      // What has arrived is not asked for again.
      expect(sent.length).toBe(1 + 3 - Math.min(arrived, 3));
    }
  });
}

test("parts of any size are the same lines", async () => {
  for (let size = 1; size < LINES.length; size += 7) {
    const { mizan, sent } = answering(() => {
      const body = stream();
      for (let at = 0; at < LINES.length; at += size) body.write(LINES.slice(at, at + size));
      body.end();
      return body.parts;
    });
    const entries = [1, 2, 3].map((user_id) => mizan.entry(user, { user_id }));
    for (const entry of entries) entry.subscribe(() => {});
    await flush();
    const states = entries.map((entry) => words(entry.snapshot()));
    expect([states, sent.length]).toEqual([["success ann []", "success bób []", "error !NOT_FOUND"], 1]);
  }
});

for (const line of [
  "<html>",
  "null",
  "7",
  "{}",
  '{"e":"length","data":{}}',
  '{"e":"constructor","status":500,"error":{}}',
  '{"e":-1,"data":{}}',
  '{"e":0.5,"data":{}}',
  '{"e":2,"data":{}}',
  '{"e":0,"data":5}',
  '{"e":0,"status":"x","error":{}}',
  '{"e":0,"status":404,"error":null}',
  '{"e":1,"data":{"profile":"again","orders":[]}}',
]) {
  test(`the line ${line} changes nothing, and the entry without a line is asked for`, async () => {
    const { mizan, sent } = answering((url) =>
      url.includes("ctx/?")
        ? `{"e":1,"data":{"profile":"bob","orders":[]}}\n${line}\n{"end":2}\n`
        : '{"profile":"ann","orders":[]}',
    );
    const entries = [1, 2].map((user_id) => mizan.entry(user, { user_id }));
    for (const entry of entries) entry.subscribe(() => {});
    await flush();
    expect(entries.map((entry) => words(entry.snapshot()))).toEqual(["success ann []", "success bob []"]);
    expect(sent.slice(1)).toEqual(["GET ctx/user/?user_id=1"]);
  });
}

for (const [status, code, again] of [
  [400, "E400", ["GET ctx/user/?user_id=1", "GET ctx/user/?user_id=2"]],
  [404, "E404", ["GET ctx/user/?user_id=1", "GET ctx/user/?user_id=2"]],
  [414, "E414", ["GET ctx/user/?user_id=1", "GET ctx/user/?user_id=2"]],
  [401, "E401", []],
  [403, "E403", []],
  [429, "E429", []],
] as const) {
  test(`a ${status} for the whole batch ${again.length ? "says nothing about an entry" : "is for every entry"}`, async () => {
    const sent: string[] = [];
    const { mizan } = world({
      transport: {
        async send({ method, url }) {
          sent.push(`${method} ${url.replace("/api/mizan/", "")}`);
          if (!url.includes("ctx/?")) return { status: 200, body: JSON.stringify(ann) };
          return { status, body: JSON.stringify({ error: { code, message: "no" } }) };
        },
      },
    });
    const entries = [1, 2].map((user_id) => mizan.entry(user, { user_id }));
    for (const entry of entries) entry.subscribe(() => {});
    await flush();
    const state = again.length ? "success ann []" : `error !${code}`;
    expect(entries.map((entry) => words(entry.snapshot()))).toEqual([state, state]);
    expect(sent.slice(1)).toEqual(again);
  });
}

test("a batch without a response is tried again entry by entry", async () => {
  const { clock, server, states } = mounted([1, 2]);
  await flush();
  server.pending[0]!.fail();
  server.fresh();
  await clock.advance(199);
  expect(server.freshlySent()).toBe("");
  await clock.advance(1);
  expect(server.freshlySent()).toBe("GET ctx/user/?user_id=1, GET ctx/user/?user_id=2");
  for (const { answer } of [...server.pending]) answer(200, ann);
  await flush();
  expect(states()).toEqual(["success ann []", "success ann []"]);
});

test("an entry whose line is missing is not asked for if a newer read has replaced it", async () => {
  const { mizan, server } = mounted([1, 2]);
  await flush();
  const stop = subscribeToEvents(mizan, ({ type }) => {
    if (type !== "retried") return;
    stop();
    mizan.invalidate([{ context: "user", params: { user_id: 2 } }]);
  });
  server.fresh();
  server.pending[0]!.cut();
  await flush();
  expect(server.freshlySent()).toBe("GET ctx/user/?user_id=1, GET ctx/user/?user_id=2");
});

test("the time limit of a batch fails the entries that have no line", async () => {
  const { clock, server, states } = mounted([1, 2], { timeout: 1_000 });
  await flush();
  server.pending[0]!.answer(200, ann);
  await clock.advance(999);
  expect(states()).toEqual(["success ann []", "loading fetching"]);
  await clock.advance(1);
  expect(states()).toEqual(["success ann []", "error !TIMEOUT"]);
  expect(server.sent.map(({ signal }) => signal.aborted)).toEqual([true]);
  // Too late.
  server.pending[0]!.answer(200, ann);
  await clock.advance(10_000);
  expect([states()[1], server.sent.length]).toEqual(["error !TIMEOUT", 1]);
});

test("a batch goes on while someone waits for one of its entries, and is aborted when all have left", async () => {
  const { clock, entries, server, stops, states } = mounted([1, 2, 3]);
  await flush();
  const [{ signal }] = server.sent as [any];
  server.pending[2]!.answer(200, ann);
  stops[0]!();
  await clock.advance(0);
  expect([signal.aborted, states()]).toEqual([false, ["idle", "loading fetching", "success ann []"]]);
  // The line of an entry that no one waits for is ignored.
  server.pending[0]!.answer(200, ann);
  await flush();
  expect(words(entries[0]!.snapshot())).toBe("idle");
  stops[1]!();
  await clock.advance(0);
  expect(signal.aborted).toBe(true);
});

test("an invalidation of one entry of a batch under way replaces its read alone", async () => {
  const { mizan, server, states } = mounted([1, 2]);
  await flush();
  mizan.invalidate([{ context: "user", params: { user_id: 1 } }]);
  await flush();
  const [first, second] = server.sent as [any, any];
  expect([first.signal.aborted, second.url]).toEqual([false, "/api/mizan/ctx/user/?user_id=1"]);
  server.pending[0]!.answer(200, { profile: "old", orders: [] });
  server.pending[0]!.answer(200, ann);
  await flush();
  expect(states()).toEqual(["loading fetching", "success ann []"]);
  server.pending[0]!.answer(200, { profile: "new", orders: [] });
  await flush();
  expect(states()).toEqual(["success new []", "success ann []"]);
});

test("a batch that is complete is not aborted when its entries are left", async () => {
  const { clock, server, stops } = mounted([1, 2]);
  await flush();
  for (const { answer } of [...server.pending]) answer(200, ann);
  await flush();
  for (const stop of stops) stop();
  await clock.advance(300_000);
  expect(server.sent[0]!.signal.aborted).toBe(false);
});

test("a transport that hands on the whole body brings the same, later", async () => {
  for (const isBuffering of [false, true]) {
    const it = mounted([1, 2, 3]);
    it.server.isBuffering = isBuffering;
    await flush();
    const [one, two, three] = [...it.server.pending];
    three!.answer(404, { error: { code: "NOT_FOUND", message: "no" } });
    one!.answer(200, ann);
    await flush();
    const waiting = "loading fetching";
    expect(it.states()).toEqual(
      isBuffering ? [waiting, waiting, waiting] : ["success ann []", waiting, "error !NOT_FOUND"],
    );
    two!.answer(200, { profile: "bob", orders: ["x"] } satisfies UserData);
    await flush();
    expect(it.states()).toEqual(["success ann []", 'success bob ["x"]', "error !NOT_FOUND"]);
    expect(it.server.sent.length).toBe(1);
  }
});

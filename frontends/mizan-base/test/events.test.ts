// @vitest-environment happy-dom
/** Each kind of event is emitted with what it is about, and nothing is made for one while no one listens. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type MizanEvent, subscribeToEvents } from "../src/index.js";
import type { Kernel } from "../src/types.js";
import { flush, rename, user, world } from "./harness.js";

const FIVE = { context: "user", key: "ctx/user/?user_id=5" };
const SIX = { context: "user", key: "ctx/user/?user_id=6" };
const ann = { profile: "ann", orders: [] };

/** An instance whose events are collected, with the users that are shown. */
async function listening(...users: number[]) {
  const it = world();
  const events: MizanEvent[] = [];
  const stop = subscribeToEvents(it.mizan, (event) => events.push(event));
  const stops = users.map((user_id) => it.mizan.entry(user, { user_id }).subscribe(() => {}));
  await flush();
  return { ...it, stop, stops, fresh: () => events.splice(0) };
}

/** The same, with data, and without the events of the reads. */
async function reading(...users: number[]) {
  const it = await listening(...users);
  for (const { answer } of [...it.server.pending]) answer(200, ann);
  await flush();
  it.fresh();
  return it;
}

test("asked, and answered with the status and what the server's cache did", async () => {
  const { fresh, server } = await listening(5);
  expect(fresh()).toEqual([{ type: "asked", ...FIVE, member: undefined }]);
  server.pending[0]!.answer(404, { error: { code: "NOT_FOUND", message: "no" } });
  await flush();
  expect(fresh()).toEqual([{ type: "answered", ...FIVE, status: 404, cache: undefined }]);
});

test("a hit and a miss, in a header and in a line", async () => {
  const bodies = ['{"profile":"ann"}', '{"e":0,"data":{},"cache":"HIT"}\n{"e":1,"data":{},"cache":"MISS"}\n'];
  const { mizan } = world({
    transport: {
      send: async ({ url }) => ({
        status: 200,
        body: bodies[url.includes("ctx/?") ? 1 : 0]!,
        headers: new Map([["X-Mizan-Cache", "STALE"]]),
      }),
    },
  });
  const caches: unknown[] = [];
  subscribeToEvents(mizan, (event) => event.type === "answered" && caches.push(event.cache));
  mizan.entry(user, { user_id: 1 }).subscribe(() => {});
  await flush();
  for (const user_id of [2, 3]) mizan.entry(user, { user_id }).subscribe(() => {});
  await flush();
  expect(caches).toEqual(["STALE", "HIT", "MISS"]);
});

test("batched, with the entries of the request", async () => {
  const { fresh } = await listening(5, 6);
  expect(fresh()).toEqual([
    { type: "asked", ...FIVE, member: undefined },
    { type: "asked", ...SIX, member: undefined },
    { type: "batched", keys: [FIVE.key, SIX.key] },
  ]);
});

test("retried, after a failure", async () => {
  const { clock, fresh, server } = await listening(5);
  fresh();
  server.pending[0]!.fail();
  await clock.advance(200);
  expect(fresh()).toEqual([{ type: "retried", ...FIVE }]);
});

test("retried, where the line of a batch is missing", async () => {
  const { fresh, server } = await listening(5, 6);
  server.pending[1]!.answer(200, ann);
  fresh();
  server.pending[0]!.cut();
  await flush();
  expect(fresh()).toEqual([
    { type: "answered", ...SIX, status: 200, cache: undefined },
    { type: "retried", ...FIVE },
  ]);
});

test("marked by an invalidation, and dropped as superseded", async () => {
  const { fresh, mizan } = await reading(5);
  const member = { context: "user", function: "orders" };
  const orders = { type: "marked", ...FIVE, member: "orders", cause: "invalidate", call: undefined };
  mizan.invalidate([member]);
  expect(fresh()).toEqual([orders, { type: "asked", ...FIVE, member: "orders" }]);
  mizan.invalidate([member]);
  expect(fresh()).toEqual([
    orders,
    { type: "dropped", ...FIVE },
    { type: "asked", ...FIVE, member: "orders" },
  ]);
});

test("dropped, when no one waits for it", async () => {
  const { clock, fresh, stops } = await listening(5);
  fresh();
  stops[0]!();
  await clock.advance(0);
  expect(fresh()).toEqual([{ type: "dropped", ...FIVE }]);
});

for (const [cause, make] of [
  ["refetch", ({ mizan }) => void mizan.entry(user, { user_id: 5 }).refetch()],
  [
    "focus",
    async ({ clock }) => {
      await clock.advance(5_000);
      window.dispatchEvent(new Event("focus"));
    },
  ],
] as [string, (it: Awaited<ReturnType<typeof reading>>) => void | Promise<void>][]) {
  test(`marked by ${cause}`, async () => {
    const it = await reading(5);
    await make(it);
    expect(it.fresh()[0]).toEqual({ type: "marked", ...FIVE, member: undefined, cause, call: undefined });
  });
}

test("marked by a target that came while the server's form of the parameters was not known", async () => {
  const { fresh, mizan, server } = await listening(5);
  mizan.invalidate([{ context: "user", params: { user_id: 7 } }]);
  fresh();
  server.pending[0]!.answer(200, ann, "", "user;user_id=7");
  await flush();
  expect(fresh()).toEqual([
    { type: "answered", ...FIVE, status: 200, cache: undefined },
    { type: "marked", ...FIVE, member: undefined, cause: "params", call: undefined },
    { type: "asked", ...FIVE, member: undefined },
  ]);
});

for (const [what, response, expected] of [
  [
    "marked by a call",
    { invalidate: [{ context: "user", params: { user_id: 5 } }] },
    { type: "marked", ...FIVE, member: undefined, cause: "call", call: "rename" },
  ],
  [
    "refreshed by a merge",
    { merge: [{ context: "user", slot: "profile", params: { user_id: 5 }, value: "bob", mode: "replace" }] },
    { type: "refreshed", ...FIVE, member: "profile" },
  ],
  [
    "refreshed by a new value",
    { refresh: [{ at: 0, data: { profile: "bob", orders: [] } }] },
    { type: "refreshed", ...FIVE, member: undefined },
  ],
  [
    "marked by a change of session",
    { session: "changed" },
    { type: "marked", ...FIVE, member: undefined, cause: "session", call: undefined },
  ],
] as const) {
  test(what, async () => {
    const { fresh, mizan, server } = await reading(5);
    const calling = mizan.call(rename, { user_id: 5, name: "bob" });
    await flush();
    server.pending
      .find(({ request }) => request.method === "POST")!
      .answer(200, { result: "bob", ...response });
    await calling;
    expect(fresh()[0]).toEqual(expected);
  });
}

test("a listener that throws stops neither the others nor the instance, and none is called after it has left", async () => {
  const { fresh, mizan, stop } = await reading(5);
  const reported = new Promise((resolve) => process.once("unhandledRejection", resolve));
  let calls = 0;
  const leave = subscribeToEvents(mizan, () => {
    if (!calls++) throw new Error("mine");
  });
  mizan.invalidate(["user"]);
  expect(await reported).toMatchObject({ message: "mine" });
  expect(fresh().map(({ type }) => type)).toEqual(["marked", "asked"]);
  leave();
  leave();
  mizan.invalidate(["user"]);
  expect([fresh().map(({ type }) => type), calls]).toEqual([["marked", "dropped", "asked"], 2]);
  stop();
  mizan.invalidate(["user"]);
  expect(fresh()).toEqual([]);
});

test("nothing is made for an event while no one listens", async () => {
  const { mizan, stop } = await listening(5);
  let emit: unknown;
  const send = async (kernel: Kernel) => {
    emit = kernel.emit;
  };
  const peek = { name: "", send };
  void mizan.call(peek, {});
  expect(emit).toBeTypeOf("function");
  stop();
  void mizan.call(peek, {});
  expect(emit).toBeUndefined();
  // `emit?.(…)` evaluates no argument then, so no other form of it may be used.
  const folder = join(import.meta.dirname, "../src");
  const sources = readdirSync(folder).filter((name) => /^(?!events|types).*\.ts$/.test(name));
  const uses = sources.flatMap(
    (name) => readFileSync(join(folder, name), "utf8").match(/\bemit\b.{3}/g) ?? [],
  );
  expect(uses.length).toBeGreaterThan(5);
  expect(uses.filter((use) => use !== "emit?.(")).toEqual([]);
});

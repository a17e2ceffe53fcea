/** A user signs in or out: nothing that was read for anyone who was there is seen by anyone who comes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineContext, signOut } from "../src/index.js";
import { check, flush, rename, user, words, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const CALL = "POST call/";
const CSRF = { error: { code: "FORBIDDEN", message: "csrf", details: { reason: "csrf" } } };
const args = { user_id: 5, name: "bob" };

for (const answer of [
  'call {"result":"x","session":"changed"}',
  'refused 500 {"error":{"code":"INTERNAL_ERROR","message":"no"},"session":"changed"}',
  'call {"result":"x","session":"changed","invalidate":["user"],"merge":[{"context":"user","slot":"profile","params":{"user_id":5},"value":"old","mode":"replace"}]}',
]) {
  test(`what is mounted is read again, once, after: ${answer}`, () =>
    check([
      ["mount", "loading fetching", READ],
      ["answer ann", "success ann []"],
      [answer, "loading fetching", `GET session/, ${CALL}, ${READ}`],
      ["answer bob", "success bob []"],
      // The token of before is forgotten.
      ['call {"result":"x"}', "success bob []", `GET session/, ${CALL}`],
    ]));
}

test("another value of `session` says nothing", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ['call {"result":"x","session":"same"}', "success ann []", `GET session/, ${CALL}`],
  ]));

test("what is kept is dropped", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["unmount", "success ann []"],
    ['call {"result":"x","session":"changed"}', "idle", `GET session/, ${CALL}`],
    ["wait 300000", "idle"],
    ["mount", "loading fetching", READ],
  ]));

test("a response to a read that started before is dropped, whole or of one member, and so is its failure", () =>
  check([
    ["mount", "loading fetching", READ],
    ['call {"result":"x","session":"changed"}', "loading fetching", `GET session/, ${CALL}, ${READ}`],
    ["answer ann", "loading fetching"],
    ["answer bob", "success bob []"],
    [
      'invalidate [{"context":"user","function":"profile"}]',
      "success bob [] fetching stale",
      `${READ}&mizan.only=profile`,
    ],
    ['call {"result":"x","session":"changed"}', "loading fetching", `GET session/, ${CALL}, ${READ}`],
    ['member {"profile":"bob"}', "loading fetching"],
    ['call {"result":"x","session":"changed"}', "loading fetching", `GET session/, ${CALL}, ${READ}`],
    ["status 401", "loading fetching"],
    ["answer cyd", "success cyd []"],
  ]));

for (const status of [401, 403]) {
  test(`a read that is refused with ${status} drops the data`, () =>
    check([
      ["mount", "loading fetching", READ],
      ["answer ann", "success ann []"],
      [
        'invalidate [{"context":"user","function":"profile"}]',
        "success ann [] fetching stale",
        `${READ}&mizan.only=profile`,
      ],
      [`status ${status}`, `error !E${status}`],
      ["unmount", `error !E${status}`],
      ["mount", "loading fetching", READ],
      ["answer bob", "success bob []"],
    ]));
}

test("fetch that waits meanwhile resolves with what is read after", async () => {
  const { mizan, server } = world();
  const fetching = mizan.fetch(user, { user_id: 5 });
  const calling = mizan.call(rename, args);
  await flush();
  server.pending[1]!.answer(200, { result: "x", session: "changed" });
  await calling;
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  server.pending[0]!.answer(200, { profile: "bob", orders: [] });
  expect((await fetching).profile).toBe("bob");
});

/** A world whose user 5 is shown, with two calls under way; the second changes the session. */
async function overtaken() {
  const it = world();
  const entry = it.mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
  await flush();
  it.server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  const early = it.mizan.call(rename, args);
  early.catch(() => {});
  await flush();
  const change = it.mizan.call(rename, args);
  await flush();
  const [first, second] = it.server.pending;
  second!.answer(200, { result: "x", session: "changed" });
  await change;
  it.server.pending[1]!.answer(200, { profile: "bob", orders: [] });
  await flush();
  it.server.fresh();
  return { ...it, entry, early, first: first! };
}

test("a call under way settles, and what it brings is read and not taken over", async () => {
  const { early, entry, first, server } = await overtaken();
  const merge = { context: "user", slot: "profile", params: { user_id: 5 }, value: "ann", mode: "replace" };
  first.answer(200, { result: "ann", merge: [merge] });
  expect(await early).toBe("ann");
  expect([words(entry.snapshot()), server.fresh()]).toEqual(["success bob [] fetching stale", READ]);
});

test("a call under way that is refused for its token is not sent again for another user", async () => {
  const { early, first, server } = await overtaken();
  first.answer(403, CSRF);
  await expect(early).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(server.fresh()).toBe("");
});

test("a call that waits for another token is not sent for another user", async () => {
  const { mizan, server } = world();
  const early = mizan.call(rename, args);
  early.catch(() => {});
  const change = mizan.call(rename, args);
  await flush();
  const [first, second] = server.pending;
  server.answersSession = false;
  first!.answer(403, CSRF);
  await flush();
  second!.answer(200, { result: "x", session: "changed" });
  await change;
  server.fresh();
  server.pending[0]!.answer(200, { csrfToken: "token-2" });
  await flush();
  expect(server.fresh()).toBe("");
  await expect(early).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("signOut: DELETE with the token, and all data goes", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  const leaving = signOut(mizan);
  await flush();
  expect(server.log.at(-1)).toEqual({
    method: "DELETE",
    url: "/api/mizan/session/",
    headers: { Accept: "application/json", "X-CSRFToken": "token-1" },
    signal: expect.any(AbortSignal),
  });
  expect(words(entry.snapshot())).toBe("success ann []");
  server.pending[0]!.answer(200, {});
  expect(await leaving).toBeUndefined();
  expect(words(entry.snapshot())).toBe("loading fetching");
  server.fresh();
  void mizan.call(rename, args);
  await flush();
  expect(server.fresh()).toBe(`GET session/, ${CALL}`);
});

test("signOut with a token that is refused asks for another; one whose answer is lost forgets all the same", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  const leaving = signOut(mizan);
  await flush();
  server.fresh();
  server.pending[0]!.answer(403, CSRF);
  await flush();
  expect(server.fresh()).toBe("GET session/, DELETE session/");
  server.pending[0]!.fail();
  await expect(leaving).rejects.toMatchObject({ code: "NETWORK_ERROR" });
  expect(words(entry.snapshot())).toBe("loading fetching");
});

for (const [before, after, other] of [
  ["token.mac.ann", "token.mac.bob", true],
  ["token.mac.ann", "token2.mac.ann", false],
  ["token-1", "token-2", false],
] as const) {
  test(`a refused call is ${other ? "not " : ""}repeated where the token is ${after} after ${before}`, async () => {
    const { mizan, server } = world();
    server.answersSession = false;
    const entry = mizan.entry(user, { user_id: 5 });
    entry.subscribe(() => {});
    await flush();
    server.pending[0]!.answer(200, { profile: "ann", orders: [] });
    const call = mizan.call(rename, args);
    call.catch(() => {});
    await flush();
    server.pending[0]!.answer(200, { csrfToken: before });
    await flush();
    server.pending[0]!.answer(403, CSRF);
    await flush();
    server.fresh();
    server.pending[0]!.answer(200, { csrfToken: after });
    await flush();
    expect(server.fresh()).toBe(other ? READ : CALL);
    expect(words(entry.snapshot())).toBe(other ? "loading fetching" : "success ann []");
    if (other) await expect(call).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
}

test("where there is no page nothing is opened", async () => {
  const Original = BroadcastChannel;
  globalThis.BroadcastChannel = class extends Original {
    constructor(name: string) {
      super(name);
      expect.unreachable();
    }
  };
  try {
    await check([
      ["mount", "loading fetching", READ],
      ['call {"result":"x","session":"changed"}', "loading fetching", `GET session/, ${CALL}, ${READ}`],
    ]);
  } finally {
    globalThis.BroadcastChannel = Original;
  }
});

const owned = defineContext<object, { owner: number; other: number[] }>({
  name: "owned",
  params: [],
  functions: ["other", "owner"],
});

const pick = fc.nat(20);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("answer" as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("fail" as const, "refuse" as const), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("call" as const, "signIn" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("signOut" as const, "invalidate" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("mount" as const, "unmount" as const) }) },
);

test("whatever the order of answers, nothing is shown that was asked for before the last change of session", () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { clock, mizan, server } = world();
      const entry = mizan.entry(owned, {});
      const mounted: (() => void)[] = [];
      // Whose page this is, as far as it knows; and whose it was when each request started.
      let owner = 0;
      const asked = new Map<unknown, number>();
      const signingIn = new Set<unknown>();
      let next: "call" | "signIn" = "call";
      const seen = new Set<number>();
      const look = () => {
        const { data } = entry.snapshot();
        if (data) expect([data.owner, ...data.other]).toEqual([owner, owner]);
        if (data) seen.add(data.owner);
      };
      const observe = () => {
        for (const { request } of server.pending) {
          if (asked.has(request)) continue;
          asked.set(request, owner);
          if (request.method === "POST" && next === "signIn") signingIn.add(request);
        }
      };
      const answer = (index: number) => {
        const { request, ...pending } = server.pending[index]!;
        const by = asked.get(request)!;
        if (request.method === "GET") return pending.answer(200, { owner: by, other: [by] });
        if (request.method === "DELETE" || signingIn.has(request)) {
          owner++;
          return pending.answer(200, { result: 1, session: "changed" });
        }
        const merge = { context: "owned", slot: "owner", params: {}, value: by, mode: "replace" };
        return pending.answer(200, { result: 1, merge: [merge] });
      };
      const settled: Promise<unknown>[] = [];
      const ignore = () => {};
      for (const one of steps) {
        const { length } = server.pending;
        if (one.kind === "answer" && length) answer(one.pick % length);
        if (one.kind === "fail" && length) server.pending[one.pick % length]!.fail();
        if (one.kind === "refuse" && length) server.pending[one.pick % length]!.answer(403, CSRF);
        if (one.kind === "invalidate") mizan.invalidate(["owned"]);
        if (one.kind === "mount") mounted.push(entry.subscribe(look));
        if (one.kind === "unmount") mounted.pop()?.();
        if (one.kind === "call" || one.kind === "signIn") {
          next = one.kind;
          settled.push(mizan.call(rename, args).catch(ignore));
        }
        if (one.kind === "signOut") settled.push(signOut(mizan).catch(ignore));
        await flush();
        observe();
        next = "call";
        look();
      }
      const stop = entry.subscribe(look);
      for (;;) {
        await clock.advance(400);
        observe();
        look();
        if (!server.pending.length) break;
        answer(server.pending.length - 1);
      }
      await Promise.all(settled);
      expect(words(entry.snapshot() as never)).not.toContain("fetching");
      if (entry.snapshot().data) expect(seen).toContain(owner);
      stop();
    }),
    { numRuns: 3000 },
  ));

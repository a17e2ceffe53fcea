// @vitest-environment happy-dom
/** What the kernel does automatically when the network, the server or a session fails. */
import { expect, test } from "vitest";
import {
  defineCall,
  defineContext,
  idempotent,
  keepPrevious,
  MizanError,
  signOut,
  type CallDefinition,
  type TransportRequest,
} from "../src/index.js";
import { check, flush, NOBODY, rename, restock, user, words, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const args = { user_id: 5, name: "bob" };

const stall = defineContext<object, { stock: number }>({ name: "stall", params: [], functions: ["stock"] });

const other = defineContext<object, { stock: number }>({ name: "other", params: [], functions: ["stock"] });

const pay = defineCall<typeof args, any>({ name: "pay", affects: ["user"], idempotent });

/** An instance that shows user 5, with a call under way. */
async function calling(definition: CallDefinition<any, any> = rename, session = "") {
  const it = world();
  it.server.session = session;
  const entry = it.mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
  await flush();
  it.server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  const result = it.mizan.call(definition, args).catch((error) => error);
  await flush();
  it.server.fresh();
  return { ...it, entry, result };
}

test("a read that failed for want of a network is tried again when there is one, without a change of focus", async () => {
  const { clock, server, mizan } = world({ refetchOnFocus: false });
  const entry = mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
  await flush();
  for (const delay of [200, 400, 0]) {
    server.pending[0]!.fail();
    await clock.advance(delay);
  }
  expect(entry.snapshot().error).toMatchObject({
    code: "NETWORK_ERROR",
    message: "the server cannot be reached",
  });
  server.fresh();
  window.dispatchEvent(new Event("online"));
  await flush();
  expect(server.fresh()).toBe(READ);
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  window.dispatchEvent(new Event("online"));
  await flush();
  expect([entry.snapshot().status, server.fresh()]).toEqual(["success", ""]);
});

for (const [step, how] of [
  ["refetch", "a refetch"],
  ["see", "a return to the page"],
] as const) {
  test(`${how} replaces a read that hangs, and leaves a younger one alone`, () =>
    check([
      ["mount", "loading fetching", READ],
      ["wait 4999", "loading fetching"],
      [step, "loading fetching"],
      ["wait 1", "loading fetching"],
      [step, "loading fetching", READ],
      ["answer old", "loading fetching"],
      ["answer ann", "success ann []"],
    ]));
}

test("a remount replaces a read that hangs", () =>
  check([
    ["mount", "loading fetching", READ],
    ["wait 5000", "loading fetching"],
    ["unmount", "loading fetching"],
    ["mount", "loading fetching", READ],
    ["unmount", "loading fetching"],
    // As in React's StrictMode: one that does not hang goes on.
    ["mount", "loading fetching"],
  ]));

test("a read that hangs is replaced when the network is back", async () => {
  const { clock, server, mizan } = world({ refetchOnFocus: false });
  mizan.entry(user, { user_id: 5 }).subscribe(() => {});
  await clock.advance(4_999);
  window.dispatchEvent(new Event("online"));
  await flush();
  expect(server.fresh()).toBe(READ);
  await clock.advance(1);
  window.dispatchEvent(new Event("online"));
  await flush();
  expect(server.fresh()).toBe(READ);
  expect(server.log.length).toBe(0);
});

test("a read without a response ends after the time limit, with a code of its own", async () => {
  const rows = [
    ["mount", "loading fetching", READ],
    ["wait 29999", "loading fetching"],
    ["wait 1", "error !TIMEOUT"],
    ["wait 10000", "error !TIMEOUT"],
  ] as const;
  const { server } = await check(rows);
  expect(server.pending[0]!.request.signal.aborted).toBe(true);
  await check([rows[0], ["wait 100", "error !TIMEOUT"]], { timeout: 100 });
});

test("a call without a response ends after the time limit, and what is shown is read again", async () => {
  const { clock, server, result } = await calling();
  await clock.advance(30_000);
  expect(await result).toMatchObject({ code: "TIMEOUT", status: 0 });
  expect(server.fresh()).toBe(READ);
});

for (const [name, status, body, code] of [
  ["a cut connection", 0, "", "NETWORK_ERROR"],
  ["a 502 of a proxy", 502, "<html>", "BAD_RESPONSE"],
  ["a 504 of a proxy", 504, "<html>", "BAD_RESPONSE"],
  ["a 503 of the wait", 503, '{"error":{"code":"UNAVAILABLE","message":"later"}}', "UNAVAILABLE"],
  ["a body that cannot be read", 200, '{"result":', "BAD_RESPONSE"],
] as const) {
  test(`${name} in place of a call's response reads again`, async () => {
    const { server, result } = await calling();
    if (status) server.pending[0]!.answer(status, body);
    else server.pending[0]!.fail();
    expect(await result).toMatchObject({ code });
    expect(server.fresh()).toBe(READ);
  });
}

for (const [name, status, body, wait, retryAfter] of [
  ["a cut connection", 0, "", 200, ""],
  ["a 502 of a proxy", 502, "<html>", 200, ""],
  ["a 504 of a proxy", 504, "<html>", 200, ""],
  ["a 503 with Retry-After", 503, '{"error":{"code":"UNAVAILABLE","message":"later"}}', 1_000, "1"],
  ["a body that cannot be read", 200, '{"result":', 200, ""],
] as const) {
  test(`after ${name} an idempotent call is sent again with its key, and has one effect`, async () => {
    const { clock, server, result } = await calling(pay);
    // The server as the protocol has it: by its key a call has one effect.
    const effects = new Map<string, number>();
    const take = ({ headers }: TransportRequest) => {
      const key = headers["Idempotency-Key"]!;
      return effects.set(key, effects.get(key) ?? effects.size + 1).get(key);
    };
    take(server.pending[0]!.request);
    if (status) server.pending[0]!.answer(status, body, retryAfter);
    else server.pending[0]!.fail();
    await clock.advance(wait - 1);
    expect(server.pending.length).toBe(0);
    await clock.advance(1);
    const [again] = server.pending;
    again!.answer(200, { result: take(again!.request) });
    expect(await result).toBe(1);
    expect(effects.size).toBe(1);
  });
}

test("an idempotent call is sent three times at most, and is lost then", async () => {
  const { clock, server, result } = await calling(pay);
  const keys = new Set<string | undefined>();
  for (const delay of [200, 400, 0]) {
    keys.add(server.pending[0]!.request.headers["Idempotency-Key"]);
    server.pending[0]!.fail();
    await clock.advance(delay);
  }
  expect(await result).toMatchObject({ code: "NETWORK_ERROR" });
  expect(keys.size).toBe(1);
  expect([...keys][0]).toMatch(/^"[\d-]{7,43}"$/);
  expect(server.fresh()).toBe(`POST call/, POST call/, ${READ}`);
});

test("an idempotent call is not sent again after an error of the server, a long wait, its time limit or a change of session", async () => {
  for (const [status, retryAfter] of [
    [500, ""],
    [422, ""],
    [429, "1"],
    [503, "11"],
  ] as const) {
    const { clock, server, result } = await calling(pay);
    server.pending[0]!.answer(status, { error: { code: "X", message: "x" } }, retryAfter);
    await clock.advance(10_000);
    expect(await result).toMatchObject({ status });
    expect(server.fresh()).not.toContain("POST");
  }
  const late = await calling(pay);
  await late.clock.advance(30_000);
  expect(await late.result).toMatchObject({ code: "TIMEOUT" });
  expect(late.server.fresh()).not.toContain("POST");
  const other = await calling(pay);
  other.server.pending[0]!.fail();
  await flush();
  void signOut(other.mizan);
  await flush();
  other.server.pending.find(({ request }) => request.method === "DELETE")!.answer(200, {});
  await other.clock.advance(1_000);
  expect(await other.result).toMatchObject({ code: "NETWORK_ERROR" });
  expect(other.server.fresh()).not.toContain("POST");
});

test("each call has a key of its own, and one that is not idempotent has none", async () => {
  const { server, mizan } = world();
  for (const definition of [pay, pay, rename]) void mizan.call(definition, args).catch(() => {});
  await flush();
  const keys = server.pending.map(({ request }) => request.headers["Idempotency-Key"]);
  expect(keys[0]).not.toBe(keys[1]);
  expect(keys[2]).toBe(undefined);
});

test("a lost response marks the contexts and members that the definition names, and nothing else", async () => {
  const { server, mizan, result } = await calling(restock);
  mizan.entry(stall, {}).subscribe(() => {});
  mizan.entry(other, {}).subscribe(() => {});
  await flush();
  for (const { request, answer } of [...server.pending])
    if (request.method === "GET") answer(200, { stock: 1 });
  await flush();
  server.fresh();
  server.pending[0]!.answer(504, "<html>");
  await result;
  expect(server.fresh()).toBe(`${READ}&mizan.only=orders, GET ctx/stall/`);
});

test("a response without a result is a lost one", async () => {
  const { server, result } = await calling();
  server.pending[0]!.answer(200, {});
  expect(await result).toMatchObject({ code: "BAD_RESPONSE" });
  expect(server.fresh()).toBe(READ);
});

test("a lost response reads nothing where the definition affects nothing on the page", async () => {
  const { server, result } = await calling({ ...rename, affects: ["stall"] });
  server.pending[0]!.fail();
  await result;
  expect(server.fresh()).toBe("");
});

for (const [definition, read] of [
  [rename, READ],
  [restock, `${READ}&mizan.only=orders`],
] as const) {
  test(`after Retry-After it is read once more, after ${definition.name}`, async () => {
    const { clock, server, result } = await calling(definition);
    server.pending[0]!.answer(503, "<html>", "2");
    await result;
    expect(server.fresh()).toBe(read);
    server.pending[0]!.answer(200, { profile: "ann", orders: [] });
    await clock.advance(1_999);
    expect(server.fresh()).toBe("");
    await clock.advance(1);
    expect(server.fresh()).toBe(read);
  });
}

test("a refusal that the server explains reads nothing", async () => {
  const { server, result } = await calling();
  server.pending[0]!.answer(422, { error: { code: "VALIDATION_ERROR", message: "no" } });
  await result;
  expect(server.fresh()).toBe("");
});

const refusal = { error: { code: "UNAUTHORIZED", message: "no" } };

test("the first 401 of a call of a signed-in session is a change of session, the next one is not", async () => {
  const { server, mizan, entry, result } = await calling(rename, "ann");
  server.pending[0]!.answer(401, refusal);
  await result;
  expect([entry.snapshot().data, server.fresh()]).toEqual([undefined, READ]);
  server.pending[0]!.answer(200, { profile: "nobody", orders: [] });
  const next = mizan.call(rename, args).catch(() => {});
  await flush();
  server.fresh();
  server.pending[0]!.answer(401, refusal);
  await next;
  expect([entry.snapshot().data?.profile, server.fresh()]).toEqual(["nobody", ""]);
});

for (const session of [NOBODY, ""]) {
  test(`a refused sign-in empties nothing, and is read again in place once (session "${session}")`, async () => {
    const { server, mizan, entry, result } = await calling(rename, session);
    server.pending[0]!.answer(401, refusal);
    await result;
    expect([words(entry.snapshot()), server.fresh()]).toEqual(["success ann [] fetching stale", READ]);
    server.pending[0]!.answer(200, { profile: "ann", orders: [] });
    const next = mizan.call(rename, args).catch(() => {});
    await flush();
    // The token is the same: no one has come or gone.
    expect(server.fresh()).toBe("POST call/");
    server.pending[0]!.answer(401, refusal);
    await next;
    expect([words(entry.snapshot()), server.fresh()]).toEqual(["success ann []", ""]);
  });
}

test("a read is aborted when a newer one replaces it, or once no one is subscribed", async () => {
  const { clock, server, mizan } = world();
  const entry = mizan.entry(user, { user_id: 5 });
  const stop = entry.subscribe(() => {});
  await flush();
  const [first] = server.log;
  mizan.invalidate(["user"]);
  await flush();
  const [, second] = server.log;
  expect([first!.signal.aborted, second!.signal.aborted]).toEqual([true, false]);
  stop();
  expect(second!.signal.aborted).toBe(false);
  await clock.advance(0);
  expect([second!.signal.aborted, words(entry.snapshot())]).toEqual([true, "idle"]);
  mizan.close();
  await clock.advance(0);
  expect(clock.waiting).toBe(0);
});

test("data outlives the read that is aborted, and is dropped after gcTime", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["refetch", "success ann [] fetching stale", READ],
    ["unmount", "success ann [] fetching stale"],
    // `refetch` still waits for it.
    ["answer bob", "success bob []"],
    ["mount", "success bob []"],
    ['invalidate ["user"]', "success bob [] fetching stale", READ],
    ["unmount", "success bob [] fetching stale"],
    ["wait 0", "success bob [] stale"],
    ["wait 299999", "success bob [] stale"],
    ["wait 1", "idle"],
  ]));

test("a read that is answered just after the last unmount is kept for gcTime", () =>
  check([
    ["mount", "loading fetching", READ],
    ["unmount", "loading fetching"],
    ["answer ann", "success ann []"],
    ["wait 299999", "success ann []"],
    ["wait 1", "idle"],
  ]));

test("without parameters nothing is asked, whatever is done", async () => {
  const { server, mizan } = world();
  const entry = mizan.entry(user, undefined);
  const stop = entry.subscribe(() => {});
  await entry.refetch();
  mizan.invalidate(["user"]);
  await flush();
  expect([words(entry.snapshot()), server.fresh()]).toEqual(["idle", ""]);
  expect(entry.snapshot()).toBe(entry.snapshot());
  stop();
});

test("keepPrevious shows the last data, marked, until the new or its failure arrives", async () => {
  const { server, mizan } = world();
  const five = mizan.entry(user, { user_id: 5 });
  five.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  for (const [status, shown] of [
    [200, "success bob []"],
    [404, "error !E404"],
  ] as const) {
    const six = keepPrevious(mizan.entry(user, { user_id: status }), five);
    const stop = six.subscribe(() => {});
    expect([words(six.snapshot()), six.snapshot().isPrevious]).toEqual(["loading ann [] fetching", true]);
    expect(six.snapshot()).toBe(six.snapshot());
    await flush();
    server.pending[0]!.answer(status, { profile: "bob", orders: [], error: { code: "E404" } });
    await flush();
    expect([words(six.snapshot()), six.snapshot().isPrevious]).toEqual([shown, undefined]);
    stop();
  }
});

test("a change of session takes away what keepPrevious shows", async () => {
  const { server, mizan, result, entry } = await calling();
  const six = keepPrevious(mizan.entry(user, { user_id: 6 }), entry);
  six.subscribe(() => {});
  expect(words(six.snapshot())).toBe("loading ann [] fetching");
  server.pending[0]!.answer(200, { result: "bob", session: "changed" });
  await result;
  expect(words(six.snapshot())).toBe("loading fetching");
});

test("a failure that is reported reaches onError of the instance", () => {
  const reported: unknown[] = [];
  const { mizan } = world({ onError: (...all) => reported.push(all) });
  const error = new MizanError(0);
  mizan.report(error, rename);
  expect(reported).toEqual([[error, rename]]);
  world().mizan.report(error, rename);
});

test("a response that cannot be read has another error than a server that cannot be reached", async () => {
  const { server, mizan } = world();
  const reading = mizan.fetch(user, {});
  await flush();
  server.pending[0]!.answer(200, "<html>");
  await expect(reading).rejects.toMatchObject({
    code: "BAD_RESPONSE",
    message: "the response cannot be read",
  });
});

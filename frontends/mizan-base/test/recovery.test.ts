// @vitest-environment happy-dom
/** What the kernel does by itself when the network, the server or a session fails. */
import { expect, test } from "vitest";
import { check, flush, rename, user, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const args = { user_id: 5, name: "bob" };

/** An instance that shows user 5, with a call under way. */
async function calling(options?: Parameters<typeof world>[0]) {
  const it = world(options);
  const entry = it.mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
  it.server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  const result = it.mizan.call(rename, args).catch((error) => error);
  await flush();
  it.server.fresh();
  return { ...it, entry, result };
}

test("a read that failed for want of a network is tried again when there is one, without a change of focus", async () => {
  const { clock, server, mizan } = world({ refetchOnFocus: false });
  const entry = mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
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
  expect(server.fresh()).toBe(READ);
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  window.dispatchEvent(new Event("online"));
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
    ["unmount", "loading fetching"],
    ["wait 5000", "loading fetching"],
    ["mount", "loading fetching", READ],
  ]));

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

test("after Retry-After it is read once more", async () => {
  const { clock, server, result } = await calling();
  server.pending[0]!.answer(503, "<html>", "2");
  await result;
  expect(server.fresh()).toBe(READ);
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await clock.advance(1_999);
  expect(server.fresh()).toBe("");
  await clock.advance(1);
  expect(server.fresh()).toBe(READ);
});

test("a refusal that the server explains reads nothing", async () => {
  const { server, result } = await calling();
  server.pending[0]!.answer(422, { error: { code: "VALIDATION_ERROR", message: "no" } });
  await result;
  expect(server.fresh()).toBe("");
});

test("the first 401 of a call is a change of session, the next one is not", async () => {
  const { server, mizan, entry, result } = await calling();
  const refusal = { error: { code: "UNAUTHORIZED", message: "no" } };
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

test("a request is aborted when nobody waits for it any more", async () => {
  const { clock, server, mizan } = world();
  const entry = mizan.entry(user, { user_id: 5 });
  const stop = entry.subscribe(() => {});
  const [first] = server.log;
  mizan.invalidate(["user"]);
  const [, second] = server.log;
  expect([first!.signal.aborted, second!.signal.aborted]).toEqual([true, false]);
  stop();
  mizan.close();
  expect(second!.signal.aborted).toBe(true);
  await flush();
  expect(clock.waiting).toBe(0);
});

test("a response that cannot be read is told apart from a server that cannot be reached", async () => {
  const { server, mizan } = world();
  const reading = mizan.fetch(user, {});
  server.pending[0]!.answer(200, "<html>");
  await expect(reading).rejects.toMatchObject({ message: "the response cannot be read" });
});

/** What adapters share: waiting for data, reading ahead, and the calls of one component. */
import { expect, test } from "vitest";
import * as adapter from "../src/adapter.js";
import { flush, rename, user, world } from "./harness.js";

const { prefetch, ready, trackCalls } = adapter;
const READ = "GET ctx/user/?user_id=5";
const body = (profile: string) => ({ profile, orders: [] });

/** A world whose entry is waited for. */
function waiting() {
  const it = world({ gcTime: 0 });
  const entry = it.mizan.entry(user, { user_id: 5 });
  return { ...it, entry };
}

test("the exported names are these", () => {
  expect(Object.keys(adapter).sort()).toEqual(["NO_CALLS", "prefetch", "ready", "trackCalls"]);
});

test("ready resolves with the data there, which stays for the component that takes it over", async () => {
  const { clock, entry, server } = waiting();
  const loaded = ready(entry);
  await flush();
  server.pending[0]!.answer(200, body("ann"));
  await loaded;
  await clock.advance(900);
  expect([entry.snapshot().data?.profile, server.fresh()]).toEqual(["ann", READ]);
  await clock.advance(200);
  expect(entry.snapshot().data).toBe(undefined);
  expect(clock.waiting).toBe(0);
});

test("ready rejects with the failure of the read, after its retries", async () => {
  const { clock, entry, server } = waiting();
  let outcome = "waits";
  const waits = ready(entry).catch((error) => {
    outcome = error.code;
  });
  await flush();
  server.pending[0]!.answer(503, { error: { code: "DOWN", message: "no" } });
  await flush();
  expect(outcome).toBe("waits");
  await clock.advance(200);
  server.pending[0]!.answer(404, { error: { code: "NOT_FOUND", message: "no" } });
  await waits;
  expect(outcome).toBe("NOT_FOUND");
});

test("ready goes on waiting where a read is superseded, and shows the newer one", async () => {
  const { entry, mizan, server } = waiting();
  const loaded = ready(entry);
  await flush();
  const [first] = server.pending;
  mizan.invalidate(["user"]);
  await flush();
  server.pending.find((one) => one !== first)!.answer(200, body("new"));
  await loaded;
  expect(entry.snapshot().data?.profile).toBe("new");
});

test("ready needs no parameters, and then reads nothing", async () => {
  const { mizan, server } = waiting();
  await ready(mizan.entry(user, undefined));
  expect(server.fresh()).toBe("");
});

test("prefetch reads what is missing or stale, once, and reports no failure", async () => {
  const { mizan, server } = world();
  const ahead = async () => {
    prefetch(mizan, user, { user_id: 5 });
    prefetch(mizan, user, { user_id: 5 });
    prefetch(mizan, user, undefined);
    await flush();
    return server.fresh();
  };
  expect(await ahead()).toBe(READ);
  server.pending[0]!.answer(404, {});
  await flush();
  expect(await ahead()).toBe(READ);
  server.pending[0]!.answer(200, body("ann"));
  await flush();
  expect(await ahead()).toBe("");
  mizan.invalidate(["user"]);
  await flush();
  expect(server.fresh()).toBe(READ);
});

test("calls: pending until all have settled, the latest is shown, and a reset forgets what is under way", async () => {
  const { mizan, server } = world();
  const shown: string[] = [];
  const calls = trackCalls(mizan, rename, ({ isPending, data, error }) =>
    shown.push([isPending && "pending", data, error?.code].filter(Boolean).join(" ")),
  );
  const args = { user_id: 5, name: "bob" };
  const answer = async (text: string) => {
    await flush();
    server.pending.find(({ request }) => request.method === "POST")!.answer(200, { result: text });
    await flush();
  };
  void calls.mutate(args);
  void calls.mutate(args);
  await answer("first");
  await answer("second");
  void calls.mutate(args);
  calls.reset();
  await answer("third");
  expect(shown).toEqual(["pending", "pending", "pending", "second", "pending second", ""]);
});

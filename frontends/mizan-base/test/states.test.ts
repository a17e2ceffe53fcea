/** The state machine of an entry under fake time: mounting, sharing, keeping, dropping, function-level reads. */
import { expect, test } from "vitest";
import { entryOf } from "../src/entry.js";
import { add, remove } from "../src/store.js";
import type { Kernel } from "../src/types.js";
import { check, FakeClock, flush, user, words, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const ONLY = `${READ}&mizan.only`;

test("idle, loading, success", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
  ]));

test("an invalidation reads again while data is kept", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ['invalidate ["user"]', "success ann [] fetching stale", READ],
    ["answer bob", "success bob []"],
  ]));

test("an error keeps the data, and success forgets the error", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["refetch", "success ann [] fetching stale", READ],
    ["status 404", "error ann [] stale !E404"],
    ["refetch", "error ann [] fetching stale !E404", READ],
    ["answer bob", "success bob []"],
  ]));

test("after a failed first read, the next is a first read again", () =>
  check([
    ["mount", "loading fetching", READ],
    ["status 404", "error !E404"],
    ["mount", "error !E404"],
    ["refetch", "loading fetching", READ],
    ["answer ann", "success ann []"],
  ]));

test("mounting twice reads once, and mounting what is fresh reads nothing", () =>
  check([
    ["mount", "loading fetching", READ],
    ["mount", "loading fetching"],
    ["answer ann", "success ann []"],
    ["mount", "success ann []"],
    ["unmount", "success ann []"],
    ["unmount", "success ann []"],
    ["unmount", "success ann []"],
    ["mount", "success ann []"],
  ]));

test("a remount shares the read under way", () =>
  check([
    ["mount", "loading fetching", READ],
    ["unmount", "loading fetching"],
    ["mount", "loading fetching"],
    ["answer ann", "success ann []"],
  ]));

test("what is unmounted is marked without a request, and read on mount", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["unmount", "success ann []"],
    ['invalidate ["user"]', "success ann [] stale"],
    ["mount", "success ann [] fetching stale", READ],
    ["answer bob", "success bob []"],
  ]));

test("an unmounted read that is invalidated is dropped", () =>
  check([
    ["mount", "loading fetching", READ],
    ["unmount", "loading fetching"],
    ['invalidate ["user"]', "idle"],
    ["answer ann", "idle"],
    ["mount", "loading fetching", READ],
  ]));

test("another context, parameter or nothing mounted makes no request", () =>
  check([
    ['invalidate ["user"]', "idle"],
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ['invalidate ["shop", {"context":"user","params":{"user_id":6}}]', "success ann []"],
    ['invalidate [{"context":"user","params":{"user_id":"5"}}]', "success ann [] fetching stale", READ],
  ]));

test("unmounted entries are kept for gcTime to the millisecond", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["unmount", "success ann []"],
    ["wait 299999", "success ann []"],
    ["mount", "success ann []"],
    ["wait 900000", "success ann []"],
    ["unmount", "success ann []"],
    ["wait 299999", "success ann []"],
    ["wait 1", "idle"],
    ["mount", "loading fetching", READ],
  ]));

test("a read under way when the entry is dropped is dropped too", () =>
  check([
    ["mount", "loading fetching", READ],
    ["unmount", "loading fetching"],
    ["wait 300000", "idle"],
    ["answer ann", "idle"],
    ["mount", "loading fetching", READ],
    ["answer bob", "success bob []"],
  ]));

test("gcTime Infinity keeps for ever and sets no timer", async () => {
  const { clock, mizan, server } = world({ gcTime: Infinity });
  const stop = mizan.entry(user, {}).subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, {});
  await flush();
  stop();
  expect(clock.waiting).toBe(0);
});

test("one member is read alone when the rest is fresh", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    [
      'invalidate [{"context":"user","function":"profile"}]',
      "success ann [] fetching stale",
      `${ONLY}=profile`,
    ],
    ['member {"profile":"bob"}', "success bob []"],
  ]));

test("one member again is one member; two are the bundle, in one request", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    [
      'invalidate [{"context":"user","function":"profile"},{"context":"user","function":"profile"}]',
      "success ann [] fetching stale",
      `${ONLY}=profile`,
    ],
    ['member {"profile":"bob"}', "success bob []"],
    [
      'invalidate [{"context":"user","function":"profile"},{"context":"user","function":"orders"}]',
      "success bob [] fetching stale",
      READ,
    ],
  ]));

test("a second member, a context or a refetch while one member is read: the bundle", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    [
      'invalidate [{"context":"user","function":"profile"}]',
      "success ann [] fetching stale",
      `${ONLY}=profile`,
    ],
    ['invalidate [{"context":"user","function":"orders"}]', "success ann [] fetching stale", READ],
    ['member {"profile":"old"}', "success ann [] fetching stale"],
    ["answer bob", "success bob []"],
    [
      'invalidate [{"context":"user","function":"profile"}]',
      "success bob [] fetching stale",
      `${ONLY}=profile`,
    ],
    ["refetch", "success bob [] fetching stale", READ],
    ["last answer cyd", "success cyd []"],
    ['member {"profile":"old"}', "success cyd []"],
  ]));

test("one member while the bundle is pending, or without data: the bundle", () =>
  check([
    ["mount", "loading fetching", READ],
    ['invalidate [{"context":"user","function":"profile"}]', "loading fetching", READ],
    ["answer old", "loading fetching"],
    ["answer ann", "success ann []"],
    ["unmount", "success ann []"],
    ['invalidate ["user",{"context":"user","function":"profile"}]', "success ann [] stale"],
    ["mount", "success ann [] fetching stale", READ],
  ]));

test("fetch asks the server, shares what is under way, and waits for a read after an invalidation", async () => {
  const { mizan, server } = world();
  const results = Promise.all([mizan.fetch(user, { user_id: 5 }), mizan.fetch(user, { user_id: 5 })]);
  await flush();
  expect(server.fresh()).toBe(READ);
  mizan.invalidate(["user"]);
  await flush();
  expect(server.fresh()).toBe(READ);
  server.pending[0]!.answer(200, { profile: "old", orders: [] });
  await flush();
  server.pending[0]!.answer(200, { profile: "new", orders: [] });
  expect((await results).map(({ profile }) => profile)).toEqual(["new", "new"]);
  const again = mizan.fetch(user, { user_id: 5 });
  await flush();
  expect(server.fresh()).toBe(READ);
  server.pending[0]!.answer(404, {
    error: { code: "NOT_FOUND", message: "no such user", details: { a: 1 } },
  });
  await expect(again).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "no such user",
    status: 404,
    details: { a: 1 },
  });
});

test("refetch never rejects", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(user, { user_id: 5 });
  const refetching = entry.refetch();
  await flush();
  server.pending[0]!.answer(403, { error: { code: "FORBIDDEN", message: "no" } });
  await expect(refetching).resolves.toBeUndefined();
  expect(words(entry.snapshot())).toBe("error !FORBIDDEN");
});

test("handles made before the mount, or kept beyond the drop, stand for the same entry", async () => {
  const { clock, mizan, server } = world();
  const [one, other] = [mizan.entry(user, { user_id: 5 }), mizan.entry(user, { user_id: 5 })];
  const stop = one.subscribe(() => {});
  expect(other.snapshot()).toBe(one.snapshot());
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  expect(words(other.snapshot())).toBe("success ann []");
  stop();
  stop();
  await clock.advance(300_000);
  other.subscribe(() => {});
  expect(one.snapshot()).toBe(other.snapshot());
  expect(words(one.snapshot())).toBe("loading fetching");
});

test("an entry that is only rendered leaves nothing behind", () => {
  const { clock, mizan, server } = world();
  clock.setTimeout = () => expect.unreachable();
  const entry = mizan.entry(user, { user_id: 5 });
  expect(words(entry.snapshot())).toBe("idle");
  expect(mizan.entry(user, { user_id: 5 })).not.toBe(entry);
  expect(server.fresh()).toBe("");
});

test("listeners: each subscription counts, a snapshot is stable, one that throws does not stop the others", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(user, { user_id: 5 });
  const told: string[] = [];
  const listener = () => void told.push("twice");
  const reported = new Promise((resolve) => process.once("unhandledRejection", resolve));
  const stops = [
    entry.subscribe(listener),
    entry.subscribe(() => {
      throw new Error("mine");
    }),
    entry.subscribe(listener),
  ];
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  expect(told).toEqual(["twice", "twice", "twice"]);
  expect(await reported).toMatchObject({ message: "mine" });
  expect(entry.snapshot()).toBe(entry.snapshot());
  stops[0]!();
  stops[0]!();
  stops[1]!();
  told.length = 0;
  mizan.invalidate(["user"]);
  expect(told).toEqual(["twice"]);
});

test("two instances share nothing", async () => {
  const [one, other] = [world(), world()];
  one.mizan.entry(user, { user_id: 5 }).subscribe(() => {});
  await flush();
  one.server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  expect(words(other.mizan.entry(user, { user_id: 5 }).snapshot())).toBe("idle");
});

test("a store says when it begins to hold something and when it ends to", () => {
  const told: boolean[] = [];
  const kernel: Kernel = {
    entries: new Map(),
    index: new Map(),
    clock: new FakeClock(),
    gcTime: 0,
    hangTime: 0,
    channel: "",
    changes: 0,
    invalidations: 0,
    focusInterval: undefined,
    send: () => Promise.resolve({ body: {} }),
    read: () => Promise.resolve({ body: {} }),
    holds: (any) => void told.push(any),
  };
  const entries = [{ user_id: 5 }, { user_id: 6 }, {}].map((params) => entryOf(kernel, user, params));
  for (const entry of entries) add(kernel, entry);
  expect([kernel.entries.size, kernel.index.size, told]).toEqual([3, 4, [true]]);
  for (const entry of entries) remove(kernel, entry);
  expect([kernel.entries.size, kernel.index.size, told]).toEqual([0, 0, [true, false]]);
});

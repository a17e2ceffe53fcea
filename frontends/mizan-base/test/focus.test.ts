// @vitest-environment happy-dom
/** When the page is seen again: what is mounted is read in the background, what is kept is marked, and how often. */
import { expect, test } from "vitest";
import { check, flush, listeners, look, user, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";

test("both events are one read, with the data shown; not again before five seconds", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["wait 4999", "success ann []"],
    ["see", "success ann []"],
    ["wait 1", "success ann []"],
    ["see", "success ann [] fetching stale", READ],
    ["answer bob", "success bob []"],
    ["see", "success bob []"],
    ["wait 5000", "success bob []"],
    ["see", "success bob [] fetching stale", READ],
  ]));

test("a page that is hidden reads nothing", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["wait 5000", "success ann []"],
    ["hide", "success ann []"],
    ["see", "success ann [] fetching stale", READ],
  ]));

test("what is kept is marked, and read on mount", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["unmount", "success ann []"],
    ["wait 5000", "success ann []"],
    ["see", "success ann [] stale"],
    ["mount", "success ann [] fetching stale", READ],
  ]));

test("a read under way is new enough, without an interval too", () =>
  check(
    [
      ["mount", "loading fetching", READ],
      ["wait 4999", "loading fetching"],
      ["see", "loading fetching"],
      ["answer ann", "success ann []"],
      ["see", "success ann [] fetching stale", READ],
      ["see", "success ann [] fetching stale"],
    ],
    { focusInterval: 0 },
  ));

test("a read that failed is tried again", () =>
  check([
    ["mount", "loading fetching", READ],
    ["status 404", "error !E404"],
    ["wait 5000", "error !E404"],
    ["see", "loading fetching", READ],
    ["answer ann", "success ann []"],
  ]));

test("the interval is a setting, and so is the whole", async () => {
  const rows = (state: string, request: string) =>
    [
      ["mount", "loading fetching", READ],
      ["answer ann", "success ann []"],
      ["wait 60000", "success ann []"],
      ["see", state, request],
    ] as const;
  await check(rows("success ann [] fetching stale", READ), { focusInterval: 60_000 });
  await check(rows("success ann []", ""), { focusInterval: 60_001 });
  await check(rows("success ann []", ""), { refetchOnFocus: false });
});

test("a clock that is set back does not stop it", async () => {
  const { clock, mizan, server } = world();
  await clock.advance(60_000);
  mizan.entry(user, {}).subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, {});
  await flush();
  clock.now = () => 0;
  look(true);
  await flush();
  expect(server.fresh()).toBe("GET ctx/user/, GET ctx/user/");
});

test("a response that is unchanged keeps the identity of the data, a changed one that of the rest", async () => {
  const { clock, mizan, server } = world();
  const entry = mizan.entry(user, {});
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: ["one"] });
  await flush();
  const { data } = entry.snapshot();
  await clock.advance(5000);
  look(true);
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: ["one"] });
  await flush();
  expect(entry.snapshot()).toMatchObject({ isFetching: false, isStale: false });
  expect(entry.snapshot().data).toBe(data);
  await clock.advance(5000);
  look(true);
  await flush();
  server.pending[0]!.answer(200, { profile: "bob", orders: ["one"] });
  await flush();
  expect(entry.snapshot().data).toEqual({ profile: "bob", orders: ["one"] });
  expect(entry.snapshot().data!.orders).toBe(data!.orders);
});

test("an instance listens while it holds entries, and never again once it is closed", async () => {
  const { open, restore, unreferenced } = listeners();
  try {
    const { clock, mizan } = world({ timeout: Infinity });
    const entry = mizan.entry(user, {});
    expect(open()).toEqual([0, 0]);
    let stop = entry.subscribe(() => {});
    expect([open(), unreferenced()]).toEqual([[3, 1], 1]);
    stop();
    mizan.entry(user, { user_id: 5 }).subscribe(() => {})();
    expect(open()).toEqual([3, 1]);
    await clock.advance(300_000);
    expect(open()).toEqual([0, 0]);
    stop = entry.subscribe(() => {});
    mizan.entry(user, { user_id: 5 }).subscribe(() => {})();
    expect(open()).toEqual([3, 1]);
    mizan.close();
    expect([open(), clock.waiting]).toEqual([[0, 0], 0]);
    stop();
    await clock.advance(0);
    stop = mizan.entry(user, { user_id: 5 }).subscribe(() => {});
    expect(open()).toEqual([0, 0]);
    stop();
    await clock.advance(0);
    expect([open(), clock.waiting]).toEqual([[0, 0], 0]);
  } finally {
    restore();
  }
});

test("a closed instance drops what is kept, and goes on with what is mounted until that is unmounted", async () => {
  await check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ["unmount", "success ann []"],
    ["close", "idle"],
  ]);
  await check([
    ["mount", "loading fetching", READ],
    ["close", "loading fetching"],
    ["answer ann", "success ann []"],
    ["wait 9000", "success ann []"],
    ["see", "success ann []"],
    ['invalidate ["user"]', "success ann [] fetching stale", READ],
    ["unmount", "success ann [] fetching stale"],
    ["wait 0", "idle"],
    ["answer bob", "idle"],
  ]);
});

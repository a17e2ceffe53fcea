/** Drafts: what a call will do is shown before its response, over whatever the server sends. */
import { expect, test } from "vitest";
import { defineList, draft, loadMore, type CallOptions, type Page } from "../src/index.js";
import { flush, rename, user, type UserData, words, world } from "./harness.js";

const all = [{ context: "user" }];
const answer = (profile: string, orders: string[] = []) => ({ profile, orders });
const named = (profile: string) => draft(user, { user_id: 5 }, { profile: () => profile });
const ordered = (order: string) => draft(user, {}, { orders: (orders) => [...orders, order] });

/** User 5 and user 6, read and mounted, with every state of user 5 that a listener has seen. */
async function page() {
  const it = world();
  const { mizan, server } = it;
  const entry = mizan.entry(user, { user_id: 5 });
  const other = mizan.entry(user, { user_id: 6 });
  const seen: string[] = [];
  const shows = () => words(entry.snapshot());
  entry.subscribe(() => seen.push(shows()));
  other.subscribe(() => {});
  await flush();
  for (const pending of [...server.pending]) pending.answer(200, answer("ann"));
  await flush();
  seen.length = 0;
  server.fresh();
  const post = () => server.pending.filter(({ request }) => request.method === "POST");
  const get = () => server.pending.find(({ request }) => request.method === "GET")!;
  const call = async (optimistic: CallOptions["optimistic"]) => {
    const calling = mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic });
    calling.catch(() => {});
    await flush();
    return calling;
  };
  const send = (optimistic: CallOptions["optimistic"]) => {
    void call(optimistic).catch(() => {});
    return flush();
  };
  return { ...it, entry, other, seen, shows, post, get, call, send };
}

test("a draft is shown at once, and until the value from after the call is there", async () => {
  const it = await page();
  const calling = it.mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic: named("bob") });
  expect(it.shows()).toBe("success bob []");
  await flush();
  it.post()[0]!.answer(200, { result: "bob", invalidate: all });
  await calling;
  expect(it.shows()).toBe("success bob [] fetching stale");
  await flush();
  it.get().answer(200, answer("bob", ["x"]));
  await flush();
  expect(it.seen).toEqual(["success bob []", "success bob [] fetching stale", 'success bob ["x"]']);
  expect(words(it.other.snapshot())).toBe("success ann [] fetching stale");
});

test("a draft is gone with the error of its call, before the caller hears of it", async () => {
  const it = await page();
  const before = it.entry.snapshot().data;
  const calling = it.mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic: named("bob") });
  const failed = calling.catch(({ code }) => [code, it.shows()]);
  await flush();
  it.post()[0]!.answer(422, { error: { code: "VALIDATION_ERROR", message: "no" } });
  expect(await failed).toEqual(["VALIDATION_ERROR", "success ann []"]);
  expect(it.entry.snapshot().data).toBe(before);
  expect(it.server.fresh()).toBe("GET session/, POST call/");
});

test("a draft is gone where the call could not be sent", async () => {
  const it = await page();
  it.server.isOffline = true;
  const calling = it.mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic: named("bob") });
  const failed = calling.catch(({ code }) => [code, it.shows()]);
  await it.clock.advance(1_000);
  expect(await failed).toEqual(["NETWORK_ERROR", "success ann []"]);
});

test("a lost response takes the draft away, and what the server holds is read", async () => {
  const it = await page();
  await it.send(named("bob"));
  it.post()[0]!.fail();
  await flush();
  expect(it.shows()).toBe("success ann [] fetching stale");
  it.get().answer(200, answer("bob"));
  await flush();
  expect(it.shows()).toBe("success bob []");
});

test("a value that arrives while the call is under way is shown with the draft", async () => {
  const it = await page();
  await it.send(named("bob"));
  void it.entry.refetch();
  await flush();
  it.get().answer(200, answer("ann", ["x"]));
  await flush();
  expect(it.shows()).toBe('success bob ["x"]');
});

test("what is mounted while the call is under way is shown with the draft", async () => {
  const it = await page();
  await it.send(draft(user, {}, { profile: () => "bob" }));
  const entry = it.mizan.entry(user, { user_id: 7 });
  entry.subscribe(() => {});
  await flush();
  it.get().answer(200, answer("eve"));
  await flush();
  expect(words(entry.snapshot())).toBe("success bob []");
});

test("calls are drawn in the order of sending, whichever ends first", async () => {
  const it = await page();
  for (const order of ["a", "b", "c"]) await it.send(ordered(order));
  expect(it.shows()).toBe('success ann ["a","b","c"]');
  it.post()[1]!.answer(409, { error: { code: "CONFLICT" } });
  await flush();
  expect(it.shows()).toBe('success ann ["a","c"]');
  it.post()[1]!.answer(200, { result: "", invalidate: all });
  await flush();
  expect(it.shows()).toBe('success ann ["a","c"] fetching stale');
  it.get().answer(200, answer("ann", ["c"]));
  await flush();
  expect(it.shows()).toBe('success ann ["c","a"]');
  expect(it.seen.slice(3)).not.toContain('success ann ["a","b"]');
});

test("a response that brings the value takes the draft away in the same step", async () => {
  const it = await page();
  await it.send([named("bob"), ordered("x")]);
  expect(it.shows()).toBe('success bob ["x"]');
  const refresh = [{ at: 1, data: answer("bob", ["x", "y"]) }];
  it.post()[0]!.answer(200, { result: "bob", invalidate: all, refresh });
  await flush();
  expect(it.seen).toEqual(['success bob ["x"]', 'success bob ["x","y"]']);
});

test("a merge of one member leaves the draft of the others until they are read", async () => {
  const it = await page();
  await it.send([named("bob"), ordered("x")]);
  const params = { user_id: 5 };
  const merge = [{ context: "user", slot: "profile", params, value: "bob", mode: "replace" }];
  const invalidate = [{ context: "user", params, function: "orders" }];
  it.post()[0]!.answer(200, { result: "bob", merge, invalidate });
  await flush();
  expect(it.shows()).toBe('success bob ["x"] fetching stale');
  it.get().answer(200, answer("bob", ["x"]));
  await flush();
  expect(it.seen).toEqual(['success bob ["x"]', 'success bob ["x"] fetching stale', 'success bob ["x"]']);
});

test("what a call has not touched is shown as the server has it", async () => {
  const it = await page();
  await it.send(named("bob"));
  it.post()[0]!.answer(200, { result: "bob", invalidate: [] });
  await flush();
  expect(it.shows()).toBe("success ann []");
});

test("an entry without mounts keeps its draft until it is read again", async () => {
  const it = world();
  const entry = it.mizan.entry(user, { user_id: 5 });
  const unmount = entry.subscribe(() => {});
  await flush();
  it.server.pending[0]!.answer(200, answer("ann"));
  await flush();
  unmount();
  const calling = it.mizan.call(rename, { user_id: 5, name: "bob" }, { optimistic: named("bob") });
  await flush();
  it.server.pending[0]!.answer(200, { result: "bob", invalidate: all });
  await calling;
  entry.subscribe(() => {});
  expect(words(entry.snapshot())).toBe("success bob [] fetching stale");
  await flush();
  it.server.pending[0]!.answer(200, answer("rob"));
  await flush();
  expect(words(entry.snapshot())).toBe("success rob []");
  it.mizan.invalidate(["user"]);
  expect(words(entry.snapshot())).toBe("success rob [] fetching stale");
});

test("another user sees no draft of the one before", async () => {
  const it = await page();
  await it.send(named("bob"));
  await it.send(undefined);
  it.post()[1]!.answer(200, { result: "", session: "changed" });
  await flush();
  it.get().answer(200, answer("eve"));
  await flush();
  expect(it.shows()).toBe("success eve []");
});

test("what a draft does not change stays the same object, and so does what the server confirms", async () => {
  const it = await page();
  const before = it.entry.snapshot().data!;
  await it.send(ordered("x"));
  const drafted = it.entry.snapshot().data!;
  expect(drafted.orders).toEqual(["x"]);
  expect(before.orders).toEqual([]);
  it.post()[0]!.answer(200, { result: "", invalidate: all });
  await flush();
  expect(it.entry.snapshot().data).toBe(drafted);
  it.get().answer(200, answer("ann", ["x"]));
  await flush();
  expect(it.entry.snapshot().data).toBe(drafted);
});

test("a draft that throws is reported, and the others are shown", async () => {
  const it = await page();
  const failures: unknown[] = [];
  const listen = (failure: unknown) => failures.push(failure);
  process.on("unhandledRejection", listen);
  const failing = draft(user, {}, { profile: () => JSON.parse("{") });
  await it.send([failing, ordered("x")]);
  process.off("unhandledRejection", listen);
  expect([it.shows(), failures[0]]).toEqual(['success ann ["x"]', expect.any(SyntaxError)]);
});

test("drafts are of one instance, and reads bring what the server has", async () => {
  const [one, two] = [await page(), await page()];
  await one.send(named("bob"));
  expect([one.shows(), two.shows()]).toEqual(["success bob []", "success ann []"]);
  const fetching = one.mizan.fetch(user, { user_id: 5 });
  await flush();
  one.get().answer(200, answer("ann"));
  expect(((await fetching) as UserData).profile).toBe("ann");
});

interface Row {
  id: number;
}
const rows = defineList<object, { rows: Page<Row> }>({
  name: "rows",
  params: [],
  functions: ["rows"],
  key: "id",
});
const changed = (change: (items: readonly Row[]) => readonly Row[]) =>
  draft(rows, {}, { rows: ({ items, next }) => ({ items: change(items), next }) });

test("a list: rows are inserted, removed and moved, and it goes on from the end that the server knows", async () => {
  const it = world();
  const { mizan, server } = it;
  const entry = mizan.entry(rows, {});
  const shows = () => entry.snapshot().data!.rows.items.map(({ id }) => id);
  const page = (ids: number[], next: string | null) => ({ rows: { items: ids.map((id) => ({ id })), next } });
  const reply = async (method: string, body: object) => {
    const pending = server.pending.find(({ request }) => request.method === method)!;
    const { url } = pending.request;
    pending.answer(200, body);
    await flush();
    return url.split("?")[1];
  };
  const send = async (change: (items: readonly Row[]) => readonly Row[]) => {
    void mizan.call(rename, { user_id: 5, name: "" }, { optimistic: changed(change) });
    await flush();
  };
  entry.subscribe(() => {});
  await flush();
  await reply("GET", page([1, 2, 3], "c3"));
  const [first] = entry.snapshot().data!.rows.items;
  await send((items) => [{ id: 9 }, ...items]);
  expect([shows(), entry.snapshot().data!.rows.items[1] === first]).toEqual([[9, 1, 2, 3], true]);
  await send((items) => items.filter(({ id }) => id !== 3));
  await send((items) => items.toSorted((one, other) => other.id - one.id));
  expect(shows()).toEqual([9, 2, 1]);
  void loadMore(entry);
  await flush();
  expect(await reply("GET", page([4, 5], null))).toBe("after=c3");
  expect(shows()).toEqual([9, 5, 4, 2, 1]);
  for (const _ of [1, 2, 3]) await reply("POST", { result: "", invalidate: ["rows"] });
  expect(shows()).toEqual([9, 5, 4, 2, 1]);
  await reply("GET", page([9, 5, 4, 2, 1], null));
  expect(shows()).toEqual([9, 5, 4, 2, 1]);
});

/** Merges: the value of a response goes into the entries it is meant for; the other covered ones are read again. */
import { expect, test } from "vitest";
import { defineContext } from "../src/index.js";
import { flush, rename, world } from "./harness.js";

interface Item {
  id: number;
  text: string;
}

const list = defineContext<{ owner?: number; page?: number }, { items: Item[]; title: string }>({
  name: "list",
  params: ["owner", "page"],
  functions: ["items", "title"],
});

const data = {
  items: [
    { id: 1, text: "one" },
    { id: 2, text: "two" },
  ],
  title: "all",
};

/** Applies a merge to the entry of owner 5; says what it then holds and what was asked. */
async function check(
  merge: object,
  expected: unknown,
  requests = "",
  params: object = { owner: 5 },
): Promise<void> {
  const { mizan, server } = world();
  const entry = mizan.entry(list, params);
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, data);
  await flush();
  const before = entry.snapshot().data!;
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await flush();
  server.fresh();
  server.pending[0]!.answer(200, {
    result: null,
    merge: [{ context: "list", params: { owner: 5 }, ...merge }],
  });
  await calling;
  const { data: after, isStale } = entry.snapshot();
  expect([after, server.fresh()]).toEqual([{ ...data, ...(expected as object) }, requests]);
  expect(isStale).toBe(requests !== "");
  expect(before).toEqual(data);
  if (!("items" in (expected as object))) expect(after!.items).toBe(before.items);
}

const READ = "GET ctx/list/?owner=5";
const item = { id: 2, text: "zwei" };
const upsert = { slot: "items", mode: "upsert", key: "id" };

test("replace puts the value into the slot, and asks nothing", () =>
  check({ slot: "title", mode: "replace", value: "new" }, { title: "new" }));
test("the value replaces structurally: nothing stale is mixed in", () =>
  check({ slot: "items", mode: "replace", value: [{ id: 1 }] }, { items: [{ id: 1 }] }));
test("upsert replaces the element of the same key", () =>
  check({ ...upsert, value: item }, { items: [data.items[0], item] }));
test("upsert compares keys as text", () =>
  check({ ...upsert, value: { ...item, id: "2" } }, { items: [data.items[0], { ...item, id: "2" }] }));
test("upsert appends a new key", () =>
  check(
    { ...upsert, value: { id: 3, text: "three" } },
    { items: [...data.items, { id: 3, text: "three" }] },
  ));
test("parameters are equal as text", () =>
  check({ slot: "title", mode: "replace", value: "new", params: { owner: "5", more: 1 } }, { title: "new" }));
test("a merge for another entry changes nothing", () =>
  check({ slot: "title", mode: "replace", value: "new", params: { owner: 6 } }, {}));
test("where a parameter of the entry is not in the merge, it is read", () =>
  check({ slot: "title", mode: "replace", value: "new" }, {}, `${READ}&page=2`, { owner: 5, page: 2 }));
test("where a parameter of the merge is not in the entry, it is read", () =>
  check({ slot: "title", mode: "replace", value: "new", params: { owner: 5, page: 1 } }, {}, READ));
test("a slot that is not held is read", () => check({ slot: "gone", mode: "replace", value: 1 }, {}, READ));
test("upsert into what is no list is read", () => check({ ...upsert, slot: "title", value: item }, {}, READ));
test("upsert without a key is read", () => check({ ...upsert, key: undefined, value: item }, {}, READ));
test("upsert of a value without the key is read", () => check({ ...upsert, value: { text: "?" } }, {}, READ));
test("hostile slots and keys are only names", async () => {
  await check({ slot: "__proto__", mode: "replace", value: { polluted: 1 } }, {}, READ);
  await check({ ...upsert, key: "constructor", value: item }, {}, READ);
});

test("a merge while a read is under way is a read: the response might be older or newer", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(list, { owner: 5 });
  entry.subscribe(() => {});
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await flush();
  server.fresh();
  const merge = [{ context: "list", params: { owner: 5 }, slot: "title", mode: "replace", value: "new" }];
  server.pending[1]!.answer(200, { result: null, merge });
  await calling;
  expect(server.fresh()).toBe(READ);
  server.pending[0]!.answer(200, data);
  await flush();
  expect(entry.snapshot().status).toBe("loading");
});

test("a merge while data is read again is a read too", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(list, { owner: 5 });
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, data);
  await flush();
  void entry.refetch();
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await flush();
  const merge = [{ context: "list", params: { owner: 5 }, slot: "title", mode: "replace", value: "new" }];
  server.pending[1]!.answer(200, { result: null, merge });
  await calling;
  server.pending[0]!.answer(200, { ...data, title: "old" });
  await flush();
  expect(entry.snapshot()).toMatchObject({ isStale: true, isFetching: true, data: { title: "all" } });
});

test("calls one after another all merge", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(list, { owner: 5 });
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, data);
  for (const title of ["one", "two"]) {
    const calling = mizan.call(rename, { user_id: 5, name: "bob" });
    await flush();
    const merge = [{ context: "list", params: { owner: 5 }, slot: "title", mode: "replace", value: title }];
    server.pending[0]!.answer(200, { result: null, merge });
    await calling;
    expect(entry.snapshot()).toMatchObject({ data: { title }, isStale: false });
  }
});

test("merges of calls that overlap are reads: their answers may arrive in another order than they ran", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(list, { owner: 5 });
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, data);
  const calls = [1, 2].map(() => mizan.call(rename, { user_id: 5, name: "bob" }));
  await flush();
  server.fresh();
  const merge = [{ context: "list", params: { owner: 5 }, slot: "title", mode: "replace", value: "second" }];
  server.pending[1]!.answer(200, { result: null, merge });
  await calls[1];
  expect(server.fresh()).toBe(READ);
  server.pending[0]!.answer(200, { result: null, merge });
  await calls[0];
  expect(server.fresh()).toBe(READ);
  expect(entry.snapshot().data).toEqual(data);
});

test("decoded members keep their identity during a merge or a read of one member", async () => {
  const { mizan, server } = world();
  const ledger = defineContext<object, { balance: bigint; rows: bigint[] }>({
    name: "ledger",
    params: [],
    functions: ["balance", "rows"],
    decode: (raw) => ({ balance: BigInt(raw.balance), rows: raw.rows.map(BigInt) }),
  });
  const entry = mizan.entry(ledger, {});
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, { balance: "1", rows: ["2"] });
  await flush();
  const { rows } = entry.snapshot().data!;
  expect(entry.snapshot().data).toEqual({ balance: 1n, rows: [2n] });
  const merged = async (value: string) => {
    const calling = mizan.call(rename, { user_id: 5, name: "bob" });
    await flush();
    const merge = [{ context: "ledger", params: {}, slot: "balance", mode: "replace", value }];
    server.pending[0]!.answer(200, { result: null, merge });
    await calling;
  };
  await merged("2");
  expect(entry.snapshot()).toMatchObject({ data: { balance: 2n, rows: [2n] }, isStale: false });
  expect(entry.snapshot().data!.rows).toBe(rows);
  await merged("many");
  expect(entry.snapshot()).toMatchObject({ data: { balance: 2n }, isFetching: true });
  server.pending[0]!.answer(200, { balance: "2", rows: ["2"] });
  await flush();
  const again = entry.snapshot().data!.rows;
  mizan.invalidate([{ context: "ledger", function: "balance" }]);
  await flush();
  server.pending[0]!.answer(200, { balance: "3" });
  await flush();
  expect(entry.snapshot().data!.balance).toBe(3n);
  expect(entry.snapshot().data!.rows).toBe(again);
  mizan.invalidate(["ledger"]);
  await flush();
  server.pending[0]!.answer(200, { balance: "many", rows: [] });
  await flush();
  expect(entry.snapshot()).toMatchObject({
    status: "error",
    error: { code: "BAD_RESPONSE" },
    data: { balance: 3n },
  });
});

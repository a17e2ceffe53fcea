/** Targets and merges name parameters as the server reads them, whatever the page has sent. */
import { expect, test } from "vitest";
import { defineCall, defineContext, type Target } from "../src/index.js";
import { add, remove, rename as renamed } from "../src/store.js";
import { entryOf } from "../src/entry.js";
import type { Kernel } from "../src/types.js";
import { flush, world } from "./harness.js";

interface Params {
  at?: string;
  numbers?: number[];
}

const log = defineContext<Params, { lines: number; more: number }>({
  name: "log",
  params: ["at", "numbers"],
  functions: ["lines", "more"],
});
const write = defineCall<object, null>({ name: "write", affects: ["log"] });

const EPOCH = "1970-01-01T00:00:00Z";
const DATED = `log;at=${encodeURIComponent(EPOCH)}`;
const SET = `log;numbers=${encodeURIComponent('["1","2","3"]')}`;

/** A page that shows a log whose parameters the server reads as `params`. */
async function shown(asked: Params, params: string, isBatch: boolean) {
  const it = world();
  const entry = it.mizan.entry(log, asked);
  entry.subscribe(() => {});
  if (isBatch) it.mizan.entry(log, { at: "other", numbers: [9] }).subscribe(() => {});
  await flush();
  const [own, other] = [...it.server.pending];
  own!.answer(200, { lines: 1, more: 1 }, "", params);
  other?.answer(200, { lines: 1, more: 1 });
  await flush();
  it.server.fresh();
  /** Whether a target covers the entry. */
  const covers = async (target: Target) => {
    it.mizan.invalidate([target]);
    await flush();
    for (const pending of [...it.server.pending])
      pending.answer(200, { lines: 1, more: 1 }, "", pending.request.url.includes("other") ? "" : params);
    await flush();
    return it.server.fresh().replaceAll("%3A", ":");
  };
  return { ...it, entry, covers };
}

for (const isBatch of [false, true]) {
  const how = isBatch ? "a line of a batch" : "a header";

  test(`a date that was sent in another form is covered, known by ${how}`, async () => {
    const { covers } = await shown({ at: new Date(0).toISOString() }, DATED, isBatch);
    const read = "GET ctx/log/?at=1970-01-01T00:00:00.000Z";
    expect(await covers({ context: "log", params: { at: EPOCH } })).toBe(read);
    expect(await covers({ context: "log", params: { at: EPOCH }, function: "more" })).toBe(
      `${read}&mizan.only=more`,
    );
    expect(await covers({ context: "log", params: { at: "1970-01-01T00:00:01Z" } })).toBe("");
    // What was sent names it no longer: no target has that form.
    expect(await covers({ context: "log", params: { at: new Date(0).toISOString() } })).toBe("");
  });

  test(`a set that was sent in another order is covered, known by ${how}`, async () => {
    const { covers } = await shown({ numbers: [3, 1, 2] }, SET, isBatch);
    const read = "GET ctx/log/?numbers=3&numbers=1&numbers=2";
    expect(await covers({ context: "log", params: { numbers: [1, 2, 3] } })).toBe(read);
    expect(await covers({ context: "log", params: { numbers: [1, 2] } })).toBe("");
  });

  test(`parameters too long for ${how}: every target of the context covers`, async () => {
    const { covers } = await shown({ numbers: [3, 1, 2] }, "log", isBatch);
    const read = "GET ctx/log/?numbers=3&numbers=1&numbers=2";
    expect(await covers({ context: "log", params: { numbers: [7], at: EPOCH } })).toContain(read);
    expect(await covers({ context: "other", params: { numbers: [3, 1, 2] } })).toBe("");
  });
}

for (const params of ["log;at=%", "log;at", "log;%E0=1"]) {
  test(`parameters that cannot be read (${params}): every target of the context covers`, async () => {
    const { covers, entry } = await shown({ at: EPOCH }, params, false);
    expect(entry.snapshot().status).toBe("success");
    expect(await covers({ context: "log", params: { at: "x" } })).toBe(
      "GET ctx/log/?at=1970-01-01T00:00:00Z",
    );
  });
}

for (const [params, merged, lines, requests] of [
  [DATED, { at: EPOCH }, 7, ""],
  [DATED, {}, 1, "GET ctx/log/?at=1970-01-01T00:00:00.000Z"],
  ["log", {}, 1, "GET ctx/log/?at=1970-01-01T00:00:00.000Z"],
] as const) {
  test(`a merge for ${JSON.stringify(merged)} where the server has read ${params}`, async () => {
    const { entry, mizan, server } = await shown({ at: new Date(0).toISOString() }, params, false);
    const calling = mizan.call(write, {});
    await flush();
    server.fresh();
    const merge = [{ context: "log", slot: "lines", params: merged, value: 7, mode: "replace" }];
    server.pending[0]!.answer(200, { result: null, merge });
    await calling;
    await flush();
    expect([entry.snapshot().data?.lines, server.fresh().replaceAll("%3A", ":")]).toEqual([lines, requests]);
  });
}

test("a target that arrives during the first read is not missed", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(log, { at: new Date(0).toISOString() });
  entry.subscribe(() => {});
  await flush();
  mizan.invalidate([{ context: "log", params: { at: EPOCH } }]);
  server.pending[0]!.answer(200, { lines: 1, more: 1 }, "", DATED);
  await flush();
  expect(entry.snapshot()).toMatchObject({ data: { lines: 1 }, isStale: true, isFetching: true });
  server.pending[0]!.answer(200, { lines: 2, more: 1 }, "", DATED);
  await flush();
  expect(entry.snapshot()).toMatchObject({ data: { lines: 2 }, isStale: false, isFetching: false });
  expect(server.sent.length).toBe(2);
});

test("an entry whose first value came with a call is covered by every target, until a read", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(log, { at: new Date(0).toISOString() });
  entry.subscribe(() => {});
  const calling = mizan.call(write, {});
  await flush();
  const pending = server.pending.find(({ request }) => request.method === "POST")!;
  pending.answer(200, {
    result: null,
    invalidate: ["log"],
    refresh: [{ at: 0, data: { lines: 1, more: 1 } }],
  });
  await calling;
  await flush();
  expect([entry.snapshot().data?.lines, entry.snapshot().isFetching]).toEqual([1, false]);
  mizan.invalidate([{ context: "log", params: { at: EPOCH } }]);
  await flush();
  expect(entry.snapshot().isFetching).toBe(true);
  server.pending.at(-1)!.answer(200, { lines: 2, more: 1 }, "", DATED);
  await flush();
  mizan.invalidate([{ context: "log", params: { at: "x" } }]);
  expect(entry.snapshot()).toMatchObject({ data: { lines: 2 }, isStale: false });
});

test("a later response without them means what was sent", async () => {
  const { entry, mizan, server } = await shown({ at: EPOCH }, "log;at=x", false);
  void entry.refetch();
  await flush();
  server.pending[0]!.answer(200, { lines: 2, more: 1 });
  await flush();
  server.fresh();
  mizan.invalidate([{ context: "log", params: { at: "x" } }]);
  await flush();
  expect(server.fresh()).toBe("");
  mizan.invalidate([{ context: "log", params: { at: EPOCH } }]);
  await flush();
  expect(server.fresh()).toContain("GET ctx/log/");
});

test("an entry is asked for by what was sent, whatever the server reads", async () => {
  const { mizan, server } = await shown({ numbers: [3, 1, 2] }, "log", true);
  mizan.invalidate(["log"]);
  await flush();
  const entries = new URLSearchParams(server.sent[0]!.url.split("?")[1]).getAll("e").map(decodeURIComponent);
  expect(entries.sort()).toEqual(['log;at=other;numbers=["9"]', 'log;numbers=["3","1","2"]']);
});

test("an entry that is found by other texts leaves nothing behind when it is removed", () => {
  const kernel = { entries: new Map(), index: new Map() } as unknown as Kernel;
  const entry = entryOf(kernel, log, { at: EPOCH });
  expect(renamed(kernel, entry, ["before", undefined])).toBe(true);
  add(kernel, entry);
  expect(renamed(kernel, entry, ["x", undefined])).toBe(true);
  expect(renamed(kernel, entry, ["x", undefined])).toBe(false);
  expect([...kernel.index.keys()]).toEqual(["log\n\n", "log\nat\nx", "log\nnumbers\n"]);
  remove(kernel, entry);
  expect([kernel.index.size, kernel.entries.size]).toEqual([0, 0]);
});

/** The instance of a render on a server. */
import { expect, test } from "vitest";
import { ready } from "../src/adapter.js";
import { defineCall, defineContext, keepPrevious } from "../src/index.js";
import { createServerMizan } from "../src/server.js";

const user = defineContext<{ user_id: number; tags?: string[] }, { name: string }>({
  name: "user",
  params: ["tags", "user_id"],
  sets: ["tags"],
  functions: ["name"],
});
const big = defineContext<object, { n: bigint }>({
  name: "big",
  params: [],
  functions: ["n"],
  decode: ({ n }) => ({ n: BigInt(n) }),
});
const ANN = { context: "user", params: { user_id: 5, tags: ["a", "b"] }, data: { name: "ann" } };

test("what is given is there, whatever form its parameters have", () => {
  const { mizan, missed } = createServerMizan([ANN, { context: "big", params: {}, data: { n: "12" } }]);
  const state = { status: "success", error: undefined, isFetching: false, isStale: false };
  const ann = mizan.entry(user, { user_id: 5, tags: ["b", "a", "b"] });
  expect(ann.snapshot()).toEqual({ ...state, data: { name: "ann" } });
  expect(mizan.entry(user, { user_id: "5" as unknown as number, tags: ["a", "b"] })).toBe(ann);
  expect(mizan.entry(big, {}).snapshot().data).toEqual({ n: 12n });
  expect(missed()).toEqual([]);
});

test("what is not given, or cannot be decoded, is idle and noted once", () => {
  const { mizan, missed } = createServerMizan([ANN, { context: "big", params: {}, data: { n: "x" } }]);
  for (const params of [{ user_id: 5 }, { user_id: 5 }, { user_id: 6 }])
    expect(mizan.entry(user, params).snapshot()).toMatchObject({ status: "idle", data: undefined });
  mizan.entry(big, {});
  expect(missed()).toEqual([
    { context: "user", params: { user_id: 5 } },
    { context: "user", params: { user_id: 6 } },
    { context: "big", params: {} },
  ]);
});

test("unknown parameters are nothing missed", () => {
  const { mizan, missed } = createServerMizan();
  expect(mizan.entry(user, undefined).key).toBe("");
  expect(missed()).toEqual([]);
});

test("nothing waits: neither for data that is there nor for data that will not come", async () => {
  const { mizan } = createServerMizan([ANN]);
  const [given, absent] = [mizan.entry(user, ANN.params), mizan.entry(user, { user_id: 6 })];
  await Promise.all([ready(given), ready(absent), absent.refetch()]);
  expect(keepPrevious(absent, given).snapshot()).toMatchObject({ data: { name: "ann" }, isPrevious: true });
  expect(absent.subscribe(() => {})).not.toThrow();
});

test("it sends nothing", async () => {
  const { mizan } = createServerMizan([ANN]);
  expect(await mizan.fetch(user, ANN.params)).toEqual({ name: "ann" });
  await expect(mizan.fetch(user, { user_id: 6 })).rejects.toThrow(
    "fetch of user: a render on a server sends no request",
  );
  const rename = defineCall<object, null>({ name: "rename" });
  await expect(mizan.call(rename, {})).rejects.toThrow(
    "call of rename: a render on a server sends no request",
  );
});

/** What the response of a call brings takes the place of a read, where nothing else can have changed it. */
import { expect, test } from "vitest";
import { defineCall, defineContext } from "../src/index.js";
import { flush, rename, user, words, world } from "./harness.js";

const stall = defineContext<{ id: number; tags?: string[] }, { stock: bigint }>({
  name: "stall",
  params: ["id", "tags"],
  functions: ["stock"],
  decode: (data) => ({ stock: BigInt(data.stock) }),
});
const buy = defineCall<object, string>({ name: "buy", affects: ["stall.stock"] });

/** A page with two entries of users and one of a stall, all read. */
async function page() {
  const it = world();
  const { mizan, server } = it;
  const entries = [mizan.entry(user, { user_id: 5 }), mizan.entry(user, { user_id: 6 })] as const;
  const stand = mizan.entry(stall, { id: 1, tags: ["\ud800"] });
  for (const entry of [...entries, stand]) entry.subscribe(() => {});
  await flush();
  for (const { answer, request } of [...server.pending])
    answer(200, request.url.includes("stall") ? { stock: "1" } : { profile: "ann", orders: [] });
  await flush();
  server.fresh();
  return { ...it, entries, stand };
}

/** The call under way, and what it sent. */
async function sent({ server }: Awaited<ReturnType<typeof page>>) {
  await flush();
  const pending = server.pending.find(({ request }) => request.method === "POST")!;
  server.fresh();
  return { ...pending, body: JSON.parse(pending.request.body!) };
}

const NEW = { profile: "bob", orders: ["x"] };
const TARGET = [{ context: "user", params: { user_id: 5 } }];

test("a call sends what the page holds, and what it brings is shown without a read", async () => {
  const it = await page();
  const calling = it.mizan.call(rename, { user_id: 5, name: "bob" });
  const { answer, body } = await sent(it);
  expect(body).toEqual({
    fn: "rename",
    args: { user_id: 5, name: "bob" },
    mounted: [
      { context: "stall", params: { id: 1, tags: ["\ufffd"] } },
      { context: "user", params: { user_id: 6 } },
      { context: "user", params: { user_id: 5 } },
    ],
  });
  const other = it.entries[1].snapshot();
  answer(200, { result: "bob", invalidate: TARGET, refresh: [{ at: 2, data: NEW }] });
  await calling;
  expect([words(it.entries[0].snapshot()), it.server.fresh()]).toEqual(['success bob ["x"]', ""]);
  expect(it.entries[1].snapshot()).toBe(other);
});

test("entries of what the call affects come first, and values are decoded", async () => {
  const it = await page();
  it.mizan.entry(user, { user_id: 7 }).subscribe(() => {});
  const calling = it.mizan.call(buy, {});
  const { answer, body } = await sent(it);
  expect(body.mounted.map(({ context }: { context: string }) => context)).toEqual([
    "stall",
    "user",
    "user",
    "user",
  ]);
  answer(200, { result: "ok", invalidate: ["stall"], refresh: [{ at: 0, data: { stock: "2" } }] });
  await calling;
  expect(it.stand.snapshot()).toMatchObject({ data: { stock: 2n }, isStale: false, isFetching: false });
});

test("the list has at most 64 entries and 8 KiB", async () => {
  const { mizan, server } = world();
  for (let id = 0; id < 80; id++) mizan.entry(user, { user_id: id }).subscribe(() => {});
  void mizan.call(rename, { user_id: 5, name: "bob" }).catch(() => {});
  await flush();
  const body = () =>
    JSON.parse(server.pending.find(({ request }) => request.method === "POST")!.request.body!);
  expect(body().mounted.length).toBe(64);
  const long = world();
  for (let id = 0; id < 20; id++)
    long.mizan.entry(stall, { id, tags: ["\u00fc".repeat(500)] }).subscribe(() => {});
  void long.mizan.call(rename, { user_id: 5, name: "bob" }).catch(() => {});
  await flush();
  const { request } = long.server.pending.find(({ request }) => request.method === "POST")!;
  const { mounted } = JSON.parse(request.body!);
  expect(mounted.length).toBe(7);
  expect(new TextEncoder().encode(JSON.stringify(mounted)).length).toBeLessThanOrEqual(8192);
});

/** Something happens while the call is under way; then the entry is read. */
async function isRead(
  meanwhile: (it: Awaited<ReturnType<typeof page>>) => unknown,
  reads: string,
): Promise<void> {
  const it = await page();
  const calling = it.mizan.call(rename, { user_id: 5, name: "bob" });
  const { answer } = await sent(it);
  await meanwhile(it);
  await flush();
  it.server.fresh();
  answer(200, { result: "bob", invalidate: TARGET, refresh: [{ at: 2, data: NEW }] });
  await calling;
  expect([words(it.entries[0].snapshot()), it.server.fresh()]).toEqual([
    "success ann [] fetching stale",
    reads,
  ]);
}
const READ = "GET ctx/user/?user_id=5";

test("beside another call it becomes a read", () =>
  isRead(({ mizan }) => void mizan.call(rename, { user_id: 6, name: "x" }).catch(() => {}), READ));
test("after another invalidation it becomes a read", () =>
  isRead(({ mizan }) => mizan.invalidate(["user"]), READ));

for (const [name, refresh] of [
  ["no list", { at: 2, data: NEW }],
  ["no number", [{ at: "2", data: NEW }]],
  ["no entry", [{ at: 3, data: NEW }, { at: -1, data: NEW }, { at: 0.5, data: NEW }, null, 5]],
  ["no object", [{ at: 2, data: "bob" }]],
  ["a value that cannot be decoded", [{ at: 0, data: { stock: "x" } }]],
] as const)
  test(`a refresh with ${name} changes nothing, and the call succeeds`, async () => {
    const it = await page();
    const calling = it.mizan.call(rename, { user_id: 5, name: "bob" });
    const { answer } = await sent(it);
    answer(200, { result: "bob", invalidate: TARGET, refresh });
    expect(await calling).toBe("bob");
    expect(it.server.fresh()).toBe(READ);
    expect(it.stand.snapshot()).toMatchObject({ data: { stock: 1n } });
  });

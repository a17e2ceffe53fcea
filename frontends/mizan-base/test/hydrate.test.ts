// @vitest-environment happy-dom
/** Data that is handed over before the first subscriber: no request, and afterwards an entry like any other. */
import { expect, test } from "vitest";
import { defineContext, hydrate } from "../src/index.js";
import { flush, rename, user, words, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const ann = { context: user, params: { user_id: 5 }, data: { profile: "ann", orders: ["pen"] } };

test("an entry whose data is there makes no request, and is read again when it is stale", async () => {
  const { mizan, server } = world();
  hydrate(mizan, [ann]);
  const entry = mizan.entry(user, { user_id: 5 });
  expect(words(entry.snapshot())).toBe('success ann ["pen"]');
  entry.subscribe(() => {});
  await flush();
  expect(server.fresh()).toBe("");
  mizan.invalidate([{ context: "user", params: { user_id: 5 } }]);
  await flush();
  expect([words(entry.snapshot()), server.fresh()]).toEqual(['success ann ["pen"] fetching stale', READ]);
});

test("a call covers it, whatever the server makes of its parameters", async () => {
  const { mizan, server } = world();
  hydrate(mizan, [ann]);
  mizan.entry(user, { user_id: 5 }).subscribe(() => {});
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await flush();
  server.pending[0]!.answer(200, {
    result: "bob",
    invalidate: [{ context: "user", params: { user_id: "5.0" } }],
  });
  await calling;
  await flush();
  expect(server.fresh()).toContain(READ);
});

test("what was read here is newer, and a read under way is awaited", async () => {
  const { mizan, server } = world();
  const five = mizan.entry(user, { user_id: 5 });
  five.subscribe(() => {});
  await flush();
  hydrate(mizan, [ann]);
  expect(words(five.snapshot())).toBe("loading fetching");
  server.pending[0]!.answer(200, { profile: "bob", orders: [] });
  await flush();
  hydrate(mizan, [ann]);
  expect(words(five.snapshot())).toBe("success bob []");
});

test("what no component takes over is dropped like any other entry", async () => {
  const { clock, mizan } = world({ gcTime: 5_000 });
  hydrate(mizan, [ann]);
  await clock.advance(5_900);
  expect(words(mizan.entry(user, { user_id: 5 }).snapshot())).toBe('success ann ["pen"]');
  await clock.advance(200);
  expect(words(mizan.entry(user, { user_id: 5 }).snapshot())).toBe("idle");
  expect(clock.waiting).toBe(0);
});

test("data is decoded once; what cannot be decoded is read", async () => {
  const { mizan, server } = world();
  const big = defineContext<{ id?: number }, { n: bigint }>({
    name: "big",
    params: ["id"],
    functions: ["n"],
    decode: ({ n }) => ({ n: BigInt(n) }),
  });
  hydrate(mizan, [
    { context: big, params: { id: 1 }, data: { n: "12" as unknown as bigint } },
    { context: big, params: { id: 2 }, data: { n: "x" as unknown as bigint } },
  ]);
  for (const id of [1, 2]) mizan.entry(big, { id }).subscribe(() => {});
  await flush();
  expect(mizan.entry(big, { id: 1 }).snapshot().data).toEqual({ n: 12n });
  expect(server.fresh()).toBe("GET ctx/big/?id=2");
});

test("two instances at once share nothing, and on a server nothing waits", async () => {
  const page = Object.getOwnPropertyDescriptor(globalThis, "document")!;
  Reflect.deleteProperty(globalThis, "document");
  try {
    const [one, other] = [world(), world()];
    hydrate(one.mizan, [ann]);
    hydrate(other.mizan, [{ ...ann, data: { profile: "eve", orders: [] } }]);
    const shown = [one, other, world()].map(({ mizan }) =>
      words(mizan.entry(user, { user_id: 5 }).snapshot()),
    );
    expect(shown).toEqual(['success ann ["pen"]', "success eve []", "idle"]);
    expect([one.clock.waiting, other.clock.waiting]).toEqual([0, 0]);
  } finally {
    Object.defineProperty(globalThis, "document", page);
  }
});

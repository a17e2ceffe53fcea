/** Whatever the order of responses: a draft is shown while its call is under way, and what was shown once stays. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineCall, defineContext, draft } from "../src/index.js";
import { flush, world } from "./harness.js";

interface Log {
  log: number[];
  other: number;
}
const log = defineContext<{ id?: number }, Log>({ name: "log", params: ["id"], functions: ["log", "other"] });
const add = defineCall<{ n: number }, number>({ name: "add", affects: ["log"] });

const RUNS = Number(process.env.MIZAN_INTERLEAVINGS ?? 1000);

/** What the server holds: the numbers of the calls that have run, in order. Every request sees it as it was when it began. */
function server() {
  const it = world({ gcTime: 3_000 });
  const { clock, mizan } = it;
  let held: number[] = [];
  let calls = 0;
  const seen = new Map<unknown, number[]>();
  const kinds = new Map<number, string>();
  /** The calls that have no response yet, and those that failed. */
  const open = new Set<number>();
  const failed = new Set<number>();
  const argument = (body: string | undefined): number => JSON.parse(body!).args.n;
  return {
    ...it,
    held: () => held,
    open,
    failed,
    observe() {
      for (const { request } of it.server.pending) if (!seen.has(request)) seen.set(request, held);
    },
    call(kind: string) {
      const n = ++calls;
      const later = (log: number[]) => (log.includes(n) ? log : [...log, n]);
      kinds.set(n, kind);
      open.add(n);
      const optimistic = kind === "plain" ? [] : draft(log, kind === "one" ? { id: 1 } : {}, { log: later });
      return mizan.call(add, { n }, { optimistic }).then(
        () => void open.delete(n),
        () => {
          open.delete(n);
          failed.add(n);
        },
      );
    },
    answer(index: number) {
      const { request, ...pending } = it.server.pending[index]!;
      if (request.method === "GET")
        return pending.answer(200, { log: seen.get(request)!, other: held.length });
      const n = argument(request.body);
      const kind = kinds.get(n);
      if (kind === "refused") return pending.answer(409, { error: { code: "CONFLICT" } });
      held = [...held, n];
      const response = { result: 1, invalidate: ["log"] };
      if (kind !== "refresh") return pending.answer(200, response);
      const { mounted = [] } = JSON.parse(request.body!);
      const data = { log: held, other: held.length };
      return pending.answer(200, {
        ...response,
        refresh: mounted.map((_: object, at: number) => ({ at, data })),
      });
    },
    /** The response is lost; a call has run all the same. */
    lose(index: number, how: string) {
      const { request, ...pending } = it.server.pending[index]!;
      if (request.method === "POST" && how === "lost") held = [...held, argument(request.body)];
      pending.fail();
    },
    clock,
  };
}

const pick = fc.nat(20);
const one = (weight: number, ...kinds: string[]) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constantFrom(...kinds), pick }),
});
const step = fc.oneof(
  one(9, "answer"),
  one(4, "mount"),
  one(6, "one", "all", "refresh", "refused", "plain"),
  one(5, "unmount", "refetch", "invalidate", "fail", "lost", "wait"),
);

test("any interleaving of calls with drafts, reads, failures and unmounts shows what is true or under way", async () => {
  let overlaps = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const it = server();
      const { mizan, open, failed } = it;
      const entries = [{}, { id: 1 }, { id: 2 }].map((params) => mizan.entry(log, params));
      const mounted: (() => void)[] = [];
      const settled: Promise<unknown>[] = [];
      const before: number[][] = entries.map(() => []);
      const lookAt = (at: number) => {
        const { data, isStale } = entries[at]!.snapshot();
        const shown = data?.log ?? [];
        const held = it.held();
        for (const n of shown) if (!held.includes(n)) expect(open).toContain(n);
        // What is shown stays, unless its call failed.
        if (data) for (const n of before[at]!) if (!failed.has(n) && !open.has(n)) expect(shown).toContain(n);
        expect(new Set(shown).size).toBe(shown.length);
        // What the server has not done yet is there in the order of sending.
        const drafts = shown.filter((n) => !held.includes(n));
        expect(drafts).toEqual(drafts.toSorted((a, b) => a - b));
        if (data && !isStale && !open.size) expect(shown).toEqual(held);
        before[at] = shown;
        if (drafts.length > 1) overlaps++;
      };
      const look = () => [0, 1, 2].forEach(lookAt);
      for (const { kind, pick } of steps) {
        it.observe();
        const at = pick % 3;
        const { length } = it.server.pending;
        if (kind === "answer" && length) it.answer(pick % length);
        if ((kind === "fail" || kind === "lost") && length) it.lose(pick % length, kind);
        if (kind === "mount") mounted.push(entries[at]!.subscribe(() => lookAt(at)));
        if (kind === "unmount") mounted.splice(pick % (mounted.length || 1), 1)[0]?.();
        if (kind === "refetch") void entries[at]!.refetch();
        if (kind === "invalidate") mizan.invalidate([{ context: "log", params: { id: 1 } }]);
        if (kind === "wait") await it.clock.advance(pick * 400);
        if (["one", "all", "refresh", "refused", "plain"].includes(kind)) settled.push(it.call(kind));
        await flush();
        look();
      }
      for (const at of entries.keys()) entries[at]!.subscribe(() => lookAt(at));
      // Twice: a read that failed is tried again later.
      for (const _ of [1, 2]) {
        await flush();
        for (it.observe(); it.server.pending.length; it.observe()) {
          it.answer(0);
          await flush();
          look();
        }
        await it.clock.advance(700);
      }
      await Promise.all(settled);
      const state = { status: "success", data: { log: it.held() }, isStale: false };
      for (const entry of entries) expect(entry.snapshot()).toMatchObject(state);
    }),
    { numRuns: RUNS },
  );
  expect(overlaps).toBeGreaterThan(0);
});

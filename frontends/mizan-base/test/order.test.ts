/** Whatever the order of responses, the one that stays is of a read that started after the last invalidation. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineContext } from "../src/index.js";
import { flush, rename, world } from "./harness.js";

const versioned = defineContext<object, { version: number; other: number }>({
  name: "versioned",
  params: [],
  functions: ["other", "version"],
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("answer" as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fail" as const), pick: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("mutate" as const, "mutateMember" as const, "refetch" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("lostCall" as const, "hang" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("mount" as const, "unmount" as const) }) },
);

test("any interleaving of reads, answers and mutations ends in a read started after the last invalidation", () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { clock, mizan, server } = world();
      const entry = mizan.entry(versioned, {});
      const mounted: (() => void)[] = [];
      // The server's truth, as each request saw it when it started.
      let truth = 0;
      const seen = new Map<unknown, number>();
      const observe = () => {
        for (const { request } of server.pending) if (!seen.has(request)) seen.set(request, truth);
      };
      const answer = (index: number) => {
        const pending = server.pending[index]!;
        const version = seen.get(pending.request)!;
        pending.answer(200, { version, other: version });
      };
      for (const one of steps) {
        observe();
        const { length } = server.pending;
        if (one.kind === "answer" && length) answer(one.pick % length);
        if (one.kind === "fail" && length) server.pending[one.pick % length]!.fail();
        if (one.kind === "refetch") void entry.refetch();
        if (one.kind === "mount") mounted.push(entry.subscribe(() => {}));
        if (one.kind === "unmount") mounted.pop()?.();
        if (one.kind === "hang") await clock.advance(6_000);
        if (one.kind === "lostCall") {
          const calling = mizan.call(rename, { user_id: 5, name: "bob" }).catch(() => {});
          await flush();
          truth++;
          server.pending.find(({ request }) => request.method === "POST")!.fail();
          await calling;
        }
        if (one.kind === "mutate" || one.kind === "mutateMember") {
          truth++;
          mizan.invalidate(
            one.kind === "mutate" ? ["versioned"] : [{ context: "versioned", function: "version" }],
          );
        }
        observe();
        await flush();
        const { data, isStale } = entry.snapshot();
        // What is shown as fresh is the truth, at every moment.
        if (data && !isStale) expect(data.version).toBe(truth);
      }
      const stop = entry.subscribe(() => {});
      for (let round = 0; round < 100 && entry.snapshot().isFetching; round++) {
        observe();
        if (server.pending.length) answer(server.pending.length - 1);
        await clock.advance(400);
      }
      const { data, status } = entry.snapshot();
      if (status === "success") expect(data?.version).toBe(truth);
      expect(entry.snapshot().isFetching).toBe(false);
      // Late answers change nothing.
      while (server.pending.length) answer(0);
      await flush();
      expect(entry.snapshot().data).toBe(data);
      stop();
    }),
    { numRuns: 3000 },
  ));

test("a call marks before it resolves, and does not wait for the reads", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(versioned, {});
  entry.subscribe(() => {});
  server.pending[0]!.answer(200, { version: 1, other: 1 });
  await flush();
  const calling = mizan.call(rename, { user_id: 5, name: "bob" }).then(() => entry.snapshot());
  await flush();
  server.pending[0]!.answer(200, { result: "bob", invalidate: ["versioned"] });
  expect(await calling).toMatchObject({ isStale: true, isFetching: true, data: { version: 1 } });
});

// @vitest-environment happy-dom
/** Whatever the order of responses, the one that stays is of a read that started after the last invalidation. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineCall, defineContext } from "../src/index.js";
import { flush, NOBODY, rename, world } from "./harness.js";

const versioned = defineContext<{ id?: number }, { version: number; other: number; owner: number }>({
  name: "versioned",
  params: ["id"],
  functions: ["other", "owner", "version"],
});
const count = defineCall<object, number>({ name: "count", affects: ["versioned"] });

const RUNS = Number(process.env.MIZAN_INTERLEAVINGS ?? 3000);

const pick = fc.nat(20);
const one = <K extends string>(weight: number, ...kinds: K[]) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constantFrom(...kinds), pick }),
});
const step = fc.oneof(
  one(8, "answer"),
  one(4, "mount"),
  one(4, "mountAll", "unmountAll"),
  one(7, "fail", "proxy", "cut", "mutate", "mutateMember", "refetch", "unmount", "hang"),
  one(6, "call", "refresh", "signIn", "refusedSignIn", "late", "look"),
  one(4, "offline", "outage", "online"),
);

/** A server with one counter, which every request sees as it was when the request began, and one user at a time. */
function counter() {
  const it = world();
  const { clock, mizan, server } = it;
  server.session = NOBODY;
  let version = 0;
  let owner = 0;
  /** From when on the page can know the effects of the calls whose wait was over. */
  let certainFrom = 0;
  const seen = new Map<unknown, number>();
  const kinds = new Map<unknown, string>();
  const effect = (kind?: string) => {
    version++;
    if (kind !== "signIn") return;
    owner++;
    server.session = `user${owner}`;
  };
  return {
    ...it,
    truth: () => version,
    owner: () => owner,
    isCertain: () => clock.now() >= certainFrom,
    mutate: () => version++,
    observe() {
      for (const { request } of server.pending) if (!seen.has(request)) seen.set(request, version);
    },
    async call(kind: string) {
      const before = new Set(server.pending);
      const calling = mizan.call(count, {}).catch(() => {});
      await flush();
      for (const pending of server.pending)
        if (!before.has(pending) && pending.request.method === "POST") kinds.set(pending.request, kind);
      return calling;
    },
    answer(index: number) {
      const { request, ...pending } = server.pending[index]!;
      const saw = seen.get(request)!;
      if (request.url.endsWith("session/"))
        return pending.answer(200, { csrfToken: `t.mac.${server.session}` });
      if (request.method === "GET") return pending.answer(200, { version: saw, other: saw, owner });
      const kind = kinds.get(request);
      if (kind === "refusedSignIn") return pending.answer(401, { error: { code: "UNAUTHORIZED" } });
      if (kind === "late") {
        // The wait is over, and the call goes on.
        certainFrom = clock.now() + 2_000;
        clock.setTimeout(effect, 1_000);
        return pending.answer(503, { error: { code: "UNAVAILABLE" } }, "2");
      }
      effect(kind);
      if (kind === "refresh") {
        const { mounted = [] } = JSON.parse(request.body!);
        const data = { version, other: version, owner };
        const refresh = mounted.map((_: object, at: number) => ({ at, data }));
        return pending.answer(200, { result: 1, invalidate: ["versioned"], refresh });
      }
      const merge = { context: "versioned", slot: "version", params: {}, value: version, mode: "replace" };
      const member = { context: "versioned", function: "other" };
      pending.answer(200, {
        result: 1,
        ...(kind === "signIn" ? { session: "changed" } : { merge: [merge], invalidate: [member] }),
      });
    },
    /** A cut connection, or the page of a proxy: what a call has done is done. */
    lose(index: number, how: string) {
      const pending = server.pending[index]!;
      const kind = kinds.get(pending.request);
      // A sign-in whose response is lost leaves the browser with the cookie of before.
      if (pending.request.method === "POST" && (kind === "call" || kind === "refresh")) effect();
      if (how === "cut") pending.cut();
      else if (how === "fail") pending.fail();
      else pending.answer(502, "<html>", "");
    },
  };
}

test("any interleaving of reads, batches, calls, failures and sign-ins ends in the state of the server", async () => {
  let batches = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const it = counter();
      const { clock, mizan, server, observe } = it;
      // Several entries, whose reads travel together.
      const entries = [{}, { id: 1 }, { id: 2 }].map((params) => mizan.entry(versioned, params));
      const mounted: (() => void)[] = [];
      const settled: Promise<unknown>[] = [];
      const shown = entries.map(() => ({ owner: 0, version: 0 }));
      const lookAt = (at: number) => {
        const { data, isStale } = entries[at]!.snapshot();
        if (!data) return;
        expect(data.owner).toBe(it.owner());
        // A superseded value never comes back.
        if (data.owner === shown[at]!.owner) expect(data.version).toBeGreaterThanOrEqual(shown[at]!.version);
        // What is shown as fresh is the truth, at every moment.
        if (!isStale && it.isCertain())
          expect(data).toMatchObject({ version: it.truth(), other: it.truth() });
        shown[at] = data;
      };
      const look = () => [0, 1, 2].forEach(lookAt);
      const mount = (at: number) => entries[at]!.subscribe(() => lookAt(at));
      for (const { kind, pick } of steps) {
        observe();
        const { length } = server.pending;
        const before = entries.map((entry) => entry.snapshot());
        const at = pick % entries.length;
        if (kind === "answer" && length) it.answer(pick % length);
        if (["fail", "proxy", "cut"].includes(kind) && length) it.lose(pick % length, kind);
        if (kind === "refetch") void entries[at]!.refetch();
        if (kind === "mount") mounted.push(mount(at));
        if (kind === "mountAll") mounted.push(...entries.map((_, at) => mount(at)));
        if (kind === "unmount") mounted.pop()?.();
        if (kind === "unmountAll") for (const unmount of mounted.splice(0)) unmount();
        if (kind === "hang") await clock.advance(6_000);
        if (kind === "look") window.dispatchEvent(new Event("focus"));
        if (kind === "offline" || kind === "outage") server.isOffline = true;
        if (kind === "outage") await clock.advance(1_000);
        if (kind === "online") {
          server.isOffline = false;
          window.dispatchEvent(new Event("online"));
        }
        if (["call", "refresh", "signIn", "refusedSignIn", "late"].includes(kind))
          settled.push(it.call(kind));
        if (kind === "mutate" || kind === "mutateMember") {
          it.mutate();
          mizan.invalidate(
            kind === "mutate"
              ? ["versioned"]
              : [
                  { context: "versioned", function: "version" },
                  { context: "versioned", function: "other" },
                ],
          );
        }
        observe();
        await flush();
        look();
        // Only a change of session empties the page; a refused sign-in of a visitor does not.
        if (it.owner() === 0 && kind === "answer")
          entries.forEach((entry, at) => {
            if (before[at]!.data) expect(entry.snapshot().data).toBeDefined();
          });
      }
      const stops = entries.map((_, at) => mount(at));
      const quiet = async () => {
        await clock.advance(2_000);
        for (let round = 0; round < 100; round++) {
          observe();
          look();
          if (server.pending.length) it.answer(server.pending.length - 1);
          else if (!entries.some((entry) => entry.snapshot().isFetching)) return;
          await clock.advance(400);
        }
      };
      // What failed without a network is tried again when there is one, and the rest when the user comes back.
      server.isOffline = false;
      await quiet();
      window.dispatchEvent(new Event("online"));
      await quiet();
      if (entries.some((entry) => entry.snapshot().error?.status)) {
        window.dispatchEvent(new Event("focus"));
        await quiet();
      }
      await Promise.all(settled);
      batches += server.sent.filter(({ url }) => url.includes("ctx/?")).length;
      for (const entry of entries)
        expect(entry.snapshot()).toMatchObject({
          status: "success",
          isFetching: false,
          isStale: false,
          data: { version: it.truth(), other: it.truth(), owner: it.owner() },
        });
      for (const unmount of [...stops, ...mounted]) unmount();
      mizan.close();
      await clock.advance(0);
    }),
    { numRuns: RUNS },
  );
  expect(batches).toBeGreaterThan(RUNS);
});

test("a call marks before it resolves, and does not wait for the reads", async () => {
  const { mizan, server } = world();
  const entry = mizan.entry(versioned, {});
  entry.subscribe(() => {});
  await flush();
  server.pending[0]!.answer(200, { version: 1, other: 1, owner: 0 });
  await flush();
  const calling = mizan.call(rename, { user_id: 5, name: "bob" }).then(() => entry.snapshot());
  await flush();
  server.pending[0]!.answer(200, { result: "bob", invalidate: ["versioned"] });
  expect(await calling).toMatchObject({ isStale: true, isFetching: true, data: { version: 1 } });
});

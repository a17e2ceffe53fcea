// @vitest-environment happy-dom
/** Whatever the order of responses, messages, drafts and unmounts: every tab ends with what the server holds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineCall, defineContext, draft } from "../src/index.js";
import { flush, look, type Pending, world } from "./harness.js";

interface Log {
  log: number[];
}
const log = defineContext<{ id: number }, Log>({ name: "log", params: ["id"], functions: ["log"] });
const add = defineCall<{ n: number }, number>({ name: "add", affects: ["log"] });
const TARGETS = [{ context: "log", params: {} }];

const RUNS = Number(process.env.MIZAN_INTERLEAVINGS ?? 1000);

/** Channels of one run, which deliver when the run tells them to; the real one is in `tabs.test.ts`. */
class Channel {
  static open: Channel[] = [];
  static posted: { to: Channel; data: unknown }[] = [];
  onmessage?: (event: { data: unknown }) => void;
  constructor() {
    Channel.open.push(this);
  }
  postMessage(data: unknown) {
    for (const to of Channel.open) if (to !== this) Channel.posted.push({ to, data: structuredClone(data) });
  }
  close() {
    Channel.open = Channel.open.filter((one) => one !== this);
  }
  /** Hands on the oldest message, unless its tab listens no longer. */
  static deliver() {
    const { to, data } = Channel.posted.shift()!;
    if (Channel.open.includes(to)) to.onmessage?.({ data });
  }
}

/** What two tabs see of one server, which holds the numbers of the calls that have run. */
function site() {
  let held: number[] = [];
  let calls = 0;
  const open = new Set<number>();
  const failed = new Set<number>();
  const refused = new Set<number>();
  const tabs = [0, 1].map(() => {
    const it = world({ gcTime: 3_000 });
    const seen = new Map<unknown, number[]>();
    const entries = [1, 2].map((id) => it.mizan.entry(log, { id }));
    /** What each entry has shown as the server's, without what is under way. */
    const newest = [0, 0];
    const lookAt = (at: number) => {
      const { data } = entries[at]!.snapshot();
      if (!data) return;
      for (const n of data.log) {
        expect(failed).not.toContain(n);
        if (!held.includes(n)) expect(open).toContain(n);
      }
      const confirmed = held.filter((n) => data.log.includes(n) && !open.has(n));
      // A value that a newer one has replaced is not shown again.
      expect(confirmed.length).toBeGreaterThanOrEqual(newest[at]!);
      newest[at] = confirmed.length;
    };
    return { ...it, entries, lookAt, seen, newest, mounted: [] as [number, () => void][] };
  });
  type Tab = (typeof tabs)[number];
  return {
    tabs,
    held: () => held,
    observe() {
      for (const { seen, server } of tabs)
        for (const { request } of server.pending) if (!seen.has(request)) seen.set(request, held);
    },
    call({ mizan }: Tab, kind: string) {
      const n = ++calls;
      open.add(n);
      if (kind === "refused") refused.add(n);
      const change = (log: number[]) => (log.includes(n) ? log : [...log, n]);
      const optimistic = draft(log, kind === "one" ? { id: 1 } : {}, { log: change });
      return mizan.call(add, { n }, { optimistic }).then(
        () => void open.delete(n),
        () => {
          open.delete(n);
          if (refused.has(n)) failed.add(n);
        },
      );
    },
    answer({ seen }: Tab, { request, answer }: Pending) {
      if (request.method === "GET") return answer(200, { log: seen.get(request) });
      const { n } = JSON.parse(request.body!).args;
      if (refused.has(n)) return answer(409, { error: { code: "CONFLICT" } });
      held = [...held, n];
      answer(200, { result: 1, invalidate: TARGETS });
    },
  };
}

const step = fc.record({
  kind: fc.constantFrom(
    ...[
      "answer",
      "answer",
      "answer",
      "answer",
      "mount",
      "mount",
      "deliver",
      "deliver",
      "call",
      "call",
      "one",
    ],
    ...["refused", "unmount", "wait", "invalidate", "refetch", "hide", "see"],
  ),
  tab: fc.nat(1),
  pick: fc.nat(20),
});

test("any interleaving of calls with drafts, messages, hidden pages and unmounts ends with the truth in every tab", async () => {
  const Original = BroadcastChannel;
  globalThis.BroadcastChannel = Channel as never;
  let followed = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30, size: "max" }), async (steps) => {
        look(true);
        Channel.open = [];
        Channel.posted = [];
        const it = site();
        const settled: Promise<unknown>[] = [];
        const lookAround = () => {
          for (const { lookAt } of it.tabs) for (const at of [0, 1]) lookAt(at);
        };
        for (const { kind, pick, tab: number } of steps) {
          it.observe();
          const tab = it.tabs[number]!;
          const at = pick % 2;
          const { pending } = tab.server;
          if (kind === "answer" && pending.length) it.answer(tab, pending[pick % pending.length]!);
          if (kind === "mount") tab.mounted.push([at, tab.entries[at]!.subscribe(() => tab.lookAt(at))]);
          if (kind === "unmount") tab.mounted.splice(pick % (tab.mounted.length || 1), 1)[0]?.[1]();
          if (kind === "wait") await tab.clock.advance(pick * 200);
          if (kind === "invalidate") tab.mizan.invalidate(["log"]);
          if (kind === "refetch") void tab.entries[at]!.refetch();
          if (kind === "hide" || kind === "see") look(kind === "see");
          if (kind === "deliver" && Channel.posted.length) {
            Channel.deliver();
            followed++;
          }
          if (["call", "one", "refused"].includes(kind)) settled.push(it.call(tab, kind));
          await flush();
          lookAround();
        }
        look(true);
        for (const { entries, lookAt } of it.tabs)
          for (const at of [0, 1]) entries[at]!.subscribe(() => lookAt(at));
        // Until nothing is under way in any tab, and between them.
        for (let quiet = 0; quiet < 2; quiet++) {
          await flush();
          for (const tab of it.tabs)
            for (it.observe(); tab.server.pending.length; it.observe()) {
              quiet = 0;
              it.answer(tab, tab.server.pending[0]!);
              await flush();
              lookAround();
            }
          for (; Channel.posted.length; quiet = 0) Channel.deliver();
          for (const { clock } of it.tabs) await clock.advance(700);
        }
        await Promise.all(settled);
        const state = { status: "success", data: { log: it.held() }, isStale: false, isFetching: false };
        for (const { entries, mizan } of it.tabs) {
          for (const entry of entries) expect(entry.snapshot()).toMatchObject(state);
          mizan.close();
        }
      }),
      { numRuns: RUNS },
    );
  } finally {
    globalThis.BroadcastChannel = Original;
    look(true);
  }
  expect(followed).toBeGreaterThan(0);
});

// @vitest-environment happy-dom
/** Tabs: two instances with a channel between them. What travels is that the session changed, and nothing else. */
import { expect, test, vi } from "vitest";
import type { MizanOptions } from "../src/index.js";
import { flush, listeners, rename, user, words, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const args = { user_id: 5, name: "bob" };

/** A tab that shows user 5, or keeps it. */
async function tab(kept = false, options?: MizanOptions) {
  const it = world(options);
  const entry = it.mizan.entry(user, { user_id: 5 });
  const stop = entry.subscribe(() => {});
  await flush();
  it.server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  if (kept) stop();
  it.server.fresh();
  return { ...it, shows: () => words(entry.snapshot()) };
}

/** Signs in within `tab`; `heard` are the messages that another page of this site can hear meanwhile. */
async function signIn({ mizan, server }: Pick<Awaited<ReturnType<typeof tab>>, "mizan" | "server">) {
  const heard: unknown[] = [];
  const ear = new BroadcastChannel("mizan /api/mizan");
  ear.onmessage = ({ data }) => void heard.push(data);
  const calling = mizan.call(rename, args);
  await flush();
  server.pending.at(-1)!.answer(200, { result: "secret", session: "changed" });
  await calling;
  await vi.waitFor(() => expect(heard).not.toEqual([]));
  ear.close();
  return heard;
}

test("every tab forgets what it shows and keeps, once, and tells nobody in turn", async () => {
  const here = await tab();
  const there = await tab();
  const keeping = await tab(true);
  const elsewhere = await tab(false, { baseUrl: "/other" });
  expect(await signIn(here)).toEqual(["session"]);
  await vi.waitFor(() => expect(there.shows()).toBe("loading fetching"));
  await vi.waitFor(() => expect(keeping.shows()).toBe("idle"));
  expect([here.server.fresh(), there.server.fresh(), keeping.server.fresh()]).toEqual([
    `GET session/, POST call/, ${READ}`,
    READ,
    "",
  ]);
  expect(elsewhere.shows()).toBe("success ann []");
  for (const { mizan } of [here, there, keeping, elsewhere]) mizan.close();
});

test("a call that waits for its first token is not sent for a user who signs in elsewhere", async () => {
  const here = await tab();
  const there = await tab();
  there.server.answersSession = false;
  const early = there.mizan.call(rename, args);
  early.catch(() => {});
  await flush();
  const asked = there.server.pending[0]!;
  await signIn(here);
  await vi.waitFor(() => expect(there.shows()).toBe("loading fetching"));
  asked.answer(200, { csrfToken: "of another user" });
  await flush();
  expect(there.server.fresh()).toBe(`GET session/, ${READ}`);
  await expect(early).rejects.toMatchObject({ code: "FORBIDDEN" });
  for (const { mizan } of [here, there]) mizan.close();
});

test("a tab that heard of it asks for a token again", async () => {
  const here = await tab();
  const there = await tab();
  const before = there.mizan.call(rename, args);
  await flush();
  there.server.pending[0]!.answer(200, { result: 1 });
  await before;
  await signIn(here);
  await vi.waitFor(() => expect(there.shows()).toBe("loading fetching"));
  there.server.fresh();
  void there.mizan.call(rename, args);
  await flush();
  expect(there.server.fresh()).toBe("GET session/, POST call/");
});

test("a tab that holds nothing tells the others too; one that has dropped all listens no longer", async () => {
  const { open, restore } = listeners();
  try {
    const there = await tab(true);
    expect(open()).toEqual([3, 1]);
    await signIn(world());
    await vi.waitFor(() => expect(there.shows()).toBe("idle"));
    expect(open()).toEqual([0, 0]);
  } finally {
    restore();
  }
});

test("a call under way while another tab signs in brings nothing of before", async () => {
  const here = await tab();
  const there = await tab();
  const calling = there.mizan.call(rename, args);
  await flush();
  await signIn(here);
  await vi.waitFor(() => expect(there.shows()).toBe("loading fetching"));
  there.server.pending[1]!.answer(200, { profile: "bob", orders: [] });
  await flush();
  there.server.fresh();
  const merge = { context: "user", slot: "profile", params: { user_id: 5 }, value: "ann", mode: "replace" };
  there.server.pending[0]!.answer(200, { result: "ann", merge: [merge] });
  expect(await calling).toBe("ann");
  expect([there.shows(), there.server.fresh()]).toEqual(["success bob [] fetching stale", READ]);
});

test("a message of another kind is not ours", async () => {
  const there = await tab();
  const channel = new BroadcastChannel("mizan /api/mizan");
  for (const message of [null, {}, "sessions", ["session"]]) channel.postMessage(message);
  // Messages of one sender arrive in order: when this one has, the others have too.
  channel.postMessage("session");
  await vi.waitFor(() => expect(there.shows()).toBe("loading fetching"));
  expect(there.server.fresh()).toBe(READ);
  channel.close();
});

test("a page that may open no channel works alone", async () => {
  const Original = BroadcastChannel;
  globalThis.BroadcastChannel = class {
    constructor() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    }
  } as never;
  try {
    const here = await tab();
    const calling = here.mizan.call(rename, args);
    await flush();
    here.server.pending[0]!.answer(200, { result: 1, session: "changed" });
    await calling;
    expect(here.shows()).toBe("loading fetching");
  } finally {
    globalThis.BroadcastChannel = Original;
  }
});

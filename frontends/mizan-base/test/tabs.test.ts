// @vitest-environment happy-dom
/** Tabs: two instances with a channel between them. What travels is that the session changed, and names of what is stale. */
import { expect, test, vi } from "vitest";
import type { MizanOptions } from "../src/index.js";
import { flush, listeners, look, rename, user, words, world } from "./harness.js";

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

const CHANGED = { context: "user", params: { user_id: 5 } };

/** Writes in `tab`; resolves once another page of this site has heard of it, with what it heard. */
async function write({ mizan, server }: Pick<Awaited<ReturnType<typeof tab>>, "mizan" | "server">) {
  const ear = new BroadcastChannel("mizan /api/mizan");
  const heard = new Promise<unknown>((resolve) => {
    ear.onmessage = ({ data }) => resolve(data);
  });
  const calling = mizan.call(rename, args);
  await flush();
  const merge = { ...CHANGED, slot: "profile", value: "secret", mode: "replace" };
  const invalidate = [{ ...CHANGED, function: "orders" }];
  server.pending
    .find(({ request }) => request.method === "POST")!
    .answer(200, {
      result: "secret",
      invalidate,
      merge: [merge],
    });
  await calling;
  const message = await heard;
  ear.close();
  return message;
}

/** Lets a tab do what it does once it has heard of a call. */
async function follow({ clock }: Awaited<ReturnType<typeof tab>>, timers = 1) {
  await vi.waitFor(() => expect(clock.waiting).toBe(timers));
  await clock.advance(50);
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

test("a call is followed by the other tabs, by one request each, only where they hold what it changed", async () => {
  const here = await tab();
  const there = await tab();
  const keeping = await tab(true);
  const holding = world();
  holding.mizan.entry(user, { user_id: 6 }).subscribe(() => {});
  await flush();
  holding.server.pending[0]!.answer(200, { profile: "eve", orders: [] });
  await flush();
  holding.server.fresh();
  here.server.session = "ann";
  // Names and parameters, and no values.
  expect(await write(here)).toBe(JSON.stringify({ session: "ann", targets: [CHANGED, CHANGED] }));
  await follow(there);
  expect([there.shows(), there.server.fresh()]).toEqual(["success ann [] fetching stale", READ]);
  there.server.pending[0]!.answer(200, { profile: "bob", orders: [] });
  // Next to the timer of the drop.
  await follow(keeping, 2);
  expect([keeping.shows(), keeping.server.fresh()]).toEqual(["success ann [] stale", ""]);
  await there.clock.advance(1_000);
  expect([there.shows(), there.server.fresh()]).toEqual(["success bob []", ""]);
  expect([holding.clock.waiting, holding.server.fresh()]).toEqual([0, ""]);
  for (const { mizan } of [here, there, keeping, holding]) mizan.close();
});

test("a hidden tab reads nothing until it is seen, and then once", async () => {
  const here = await tab();
  // Both look at the same page; one that is hidden only later has set its timer before.
  const there = await tab(false, { refetchOnFocus: false });
  try {
    await write(here);
    await vi.waitFor(() => expect(there.clock.waiting).toBe(1));
    look(false);
    await there.clock.advance(1_000);
    expect(there.server.fresh()).toBe("");
    here.server.fresh();
    for (let count = 0; count < 3; count++) await write(here);
    await flush();
    expect([there.clock.waiting, there.shows(), there.server.fresh()]).toEqual([0, "success ann []", ""]);
    look(true);
    await flush();
    expect([there.shows(), there.server.fresh()]).toEqual(["success ann [] fetching stale", READ]);
    await there.clock.advance(1_000);
    expect(there.server.fresh()).toBe("");
  } finally {
    look(true);
    for (const { mizan } of [here, there]) mizan.close();
  }
});

test("a tab of another session ignores calls", async () => {
  const here = await tab();
  const there = await tab();
  here.server.session = "ann";
  there.server.session = "eve";
  const calling = there.mizan.call(rename, args);
  await flush();
  there.server.pending[0]!.answer(200, { result: 1 });
  await calling;
  there.server.fresh();
  await write(here);
  await flush();
  expect([there.clock.waiting, there.shows(), there.server.fresh()]).toEqual([0, "success ann []", ""]);
  for (const { mizan } of [here, there]) mizan.close();
});

test("a burst of 100 messages is one request", async () => {
  const there = await tab();
  const other = there.mizan.entry(user, { user_id: 6 });
  other.subscribe(() => {});
  await flush();
  there.server.pending[0]!.answer(200, { profile: "eve", orders: [] });
  await flush();
  there.server.freshlySent();
  const ear = new BroadcastChannel("mizan /api/mizan");
  let heard = 0;
  ear.onmessage = () => heard++;
  const mouth = new BroadcastChannel("mizan /api/mizan");
  for (let count = 0; count < 100; count++) {
    const targets = [{ context: "user", params: { user_id: 5 + (count % 2) } }];
    mouth.postMessage(JSON.stringify({ session: "ann", targets }));
    if (count % 10 === 0) await flush();
  }
  await vi.waitFor(() => expect(heard).toBe(100));
  await follow(there);
  expect(there.server.freshlySent()).toBe("GET ctx/?e=user%3Buser_id%3D5&e=user%3Buser_id%3D6");
  await there.clock.advance(1_000);
  expect(there.server.freshlySent()).toBe("");
  for (const channel of [ear, mouth]) channel.close();
  there.mizan.close();
});

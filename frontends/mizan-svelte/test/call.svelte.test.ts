// @vitest-environment happy-dom
/** The calling function: progress, overlap, reset, and rejections that no one awaits. */
import { expect, test } from "vitest";
import { useCall, type CallState } from "../src/index.js";
import { rename, ping, settle, world, type Mounted, type World } from "./harness.svelte.js";

type Rename = CallState<{ user_id: number; name: string }, string>;

/** Mounts a component that calls; `states()` are the distinct states shown so far. */
async function show({ mount }: World) {
  const states: string[] = [];
  let call: Rename;
  const page = await mount(() => {
    call = useCall(rename);
    return () => {
      const { isPending, data, error } = call;
      const words = [isPending && "pending", data, error?.code].filter(Boolean).join(" ") || "nothing";
      if (states.at(-1) !== words) states.push(words);
      return "";
    };
  });
  return { page, states: () => states.splice(0), call: call! };
}

const args = { user_id: 5, name: "bob" };
const refuse = (code: string) => ({ error: { code, message: "no" } });

test("pending, then data; then an error, with the data kept; reset forgets both", async () => {
  const it = world();
  const { states, call } = await show(it);
  const first = call.mutate(args);
  await settle();
  await it.answer({ result: "bob" });
  expect(await first).toBe("bob");
  expect(states()).toEqual(["nothing", "pending", "bob"]);
  const second = call.mutate(args);
  const rejection = expect(second).rejects.toMatchObject({ code: "FORBIDDEN" });
  await settle();
  await it.answer(refuse("FORBIDDEN"), 403);
  await rejection;
  expect(states()).toEqual(["pending bob", "bob FORBIDDEN"]);
  call.reset();
  await settle();
  expect(states()).toEqual(["nothing"]);
});

test("a rejection that nobody awaits is not reported as unhandled", async () => {
  const it = world();
  const { call, states } = await show(it);
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", listener);
  void call.mutate(args);
  await settle();
  await it.answer(refuse("FORBIDDEN"), 403);
  await settle();
  process.off("unhandledRejection", listener);
  expect([states().at(-1), unhandled]).toEqual(["FORBIDDEN", []]);
});

test("calls that overlap: pending until the last is answered, and the latest is shown", async () => {
  const it = world();
  const { call, states } = await show(it);
  void call.mutate(args);
  void call.mutate(args);
  await settle();
  await it.answer({ result: "first" });
  expect(states()).toEqual(["nothing", "pending"]);
  await it.answer({ result: "second" });
  expect(states()).toEqual(["second"]);
});

test("calls that overlap: the failure of the earlier one is shown, whatever becomes of the later one", async () => {
  const it = world();
  const { call, states } = await show(it);
  void call.mutate(args);
  void call.mutate(args);
  await settle();
  await it.answer(refuse("FORBIDDEN"), 403);
  await it.answer({ result: "second" });
  expect(states()).toEqual(["nothing", "pending", "pending FORBIDDEN", "second FORBIDDEN"]);
});

/** A world that notes the failures that reach `onError`. */
function noting() {
  const noted: string[] = [];
  const it = world({ onError: (error, call) => noted.push(`${call.name} ${error.code}`) });
  return { ...it, noted };
}

test("of failures that arrive at once one is shown, and the others reach onError", async () => {
  const it = noting();
  const { call, states } = await show(it);
  for (let count = 0; count < 3; count++) void call.mutate(args);
  await settle();
  for (const code of ["FIRST", "SECOND", "THIRD"]) it.answerNow(refuse(code), 403);
  await settle();
  expect([states().at(-1), it.noted]).toEqual(["THIRD", ["rename FIRST", "rename SECOND"]]);
});

test("a failure that the next call takes away before it is shown reaches onError", async () => {
  const it = noting();
  const { call, states } = await show(it);
  const calling = call.mutate(args);
  await settle();
  calling.catch(() => void call.mutate(args));
  it.answerNow(refuse("FIRST"), 403);
  await settle();
  expect([states(), it.noted]).toEqual([["nothing", "pending"], ["rename FIRST"]]);
});

for (const [what, leave] of [
  ["unmount", (page: Mounted) => page.unmount()],
  ["reset", async (_: Mounted, call: Rename) => call.reset()],
] as const) {
  test(`a failure after ${what} reaches onError, once`, async () => {
    const it = noting();
    const { page, call, states } = await show(it);
    void call.mutate(args);
    await settle();
    await leave(page, call);
    await it.answer(refuse("LATE"), 403);
    expect([states().includes("LATE"), it.noted]).toEqual([false, ["rename LATE"]]);
  });
}

test("a failure that is shown does not reach onError, after unmount neither", async () => {
  const it = noting();
  const { page, call, states } = await show(it);
  void call.mutate(args);
  await settle();
  await it.answer(refuse("SHOWN"), 403);
  void call.mutate(args);
  await settle();
  await it.answer({ result: "bob" });
  await page.unmount();
  expect([states(), it.noted]).toEqual([["nothing", "pending", "SHOWN", "pending", "bob"], []]);
});

test("a failure is shown by a component that shows errors only while nothing is pending", async () => {
  const it = noting();
  let mutate: Rename["mutate"];
  const page = await it.mount(() => {
    const call = useCall(rename);
    ({ mutate } = call);
    return () => (call.isPending ? "pending" : (call.error?.code ?? "nothing"));
  });
  void mutate!(args);
  await settle();
  await it.answer(refuse("FORBIDDEN"), 403);
  expect([page.text(), it.noted]).toEqual(["FORBIDDEN", []]);
});

test("a failure reaches onError where the component does not read it", async () => {
  const it = noting();
  let mutate: Rename["mutate"];
  await it.mount(() => {
    ({ mutate } = useCall(rename));
    return () => "";
  });
  void mutate!(args);
  await settle();
  await it.answer(refuse("FORBIDDEN"), 403);
  expect(it.noted).toEqual(["rename FORBIDDEN"]);
});

test("reset forgets the calls under way", async () => {
  const it = world();
  const { call, states } = await show(it);
  void call.mutate(args);
  await settle();
  call.reset();
  await it.answer({ result: "late" });
  expect(states()).toEqual(["nothing", "pending", "nothing"]);
});

test("without required arguments mutate needs none", async () => {
  const it = world();
  let mutate: CallState<{ note?: string }, string>["mutate"];
  await it.mount(() => {
    ({ mutate } = useCall(ping));
    return () => "";
  });
  const calling = mutate!();
  await settle();
  await it.answer({ result: "pong" });
  expect([await calling, it.bodies]).toEqual(["pong", ['{"fn":"ping","args":{}}']]);
});

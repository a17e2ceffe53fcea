// @vitest-environment happy-dom
/** The calling hook: progress, stability, overlap, reset, drafts, and rejections that no one awaits. */
import { draft } from "@mizan/base";
import { StrictMode } from "react";
import { expect, test } from "vitest";
import { useCall, useMember, type CallState } from "../src/index.js";
import { rename, ping, settle, user, world, type World } from "./harness.js";

type Rename = CallState<{ user_id: number; name: string }, string>;

/** Renders a component with the hook; `states()` are the distinct states shown so far, `current()` the last. */
async function show({ render }: World) {
  const states: string[] = [];
  let current: Rename;
  const Page = () => {
    current = useCall(rename);
    const { isPending, data, error } = current;
    const words = [isPending && "pending", data, error?.code].filter(Boolean).join(" ") || "nothing";
    if (states.at(-1) !== words) states.push(words);
    return null;
  };
  const page = await render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  return { page, states: () => states.splice(0), current: () => current };
}

type Shown = Awaited<ReturnType<typeof show>>;

const args = { user_id: 5, name: "bob" };
const failure = { error: { code: "FORBIDDEN", message: "no" } };

test("pending, then data; then an error, with the data kept; mutate and reset are stable", async () => {
  const it = world();
  const { states, current } = await show(it);
  const { mutate, reset } = current();
  const [first] = await settle(() => mutate(args));
  await it.answer({ result: "bob" });
  expect(await first).toBe("bob");
  expect(states()).toEqual(["nothing", "pending", "bob"]);
  const [second] = await settle(() => mutate(args));
  await it.answer(failure, 403);
  await expect(second).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(states()).toEqual(["pending bob", "bob FORBIDDEN"]);
  expect([current().mutate, current().reset]).toEqual([mutate, reset]);
  await settle(() => reset());
  expect(states()).toEqual(["nothing"]);
});

test("a rejection that nobody awaits is no unhandled one", async () => {
  const it = world();
  const { current, states } = await show(it);
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", listener);
  await settle(() => current().mutate(args));
  await it.answer(failure, 403);
  await settle();
  process.off("unhandledRejection", listener);
  expect([states().at(-1), unhandled]).toEqual(["FORBIDDEN", []]);
});

test("calls that overlap: pending until the last is answered, and the latest is shown", async () => {
  const it = world();
  const { current, states } = await show(it);
  await settle(() => [current().mutate(args), current().mutate(args)]);
  await it.answer({ result: "first" });
  expect(states()).toEqual(["nothing", "pending"]);
  await it.answer({ result: "second" });
  expect(states()).toEqual(["second"]);
});

test("calls that overlap: the failure of the earlier one is shown, whatever becomes of the later one", async () => {
  const it = world();
  const { current, states } = await show(it);
  const [calls] = await settle(() => [current().mutate(args), current().mutate(args)]);
  calls![0]!.catch(() => {});
  await it.answer(failure, 403);
  await it.answer({ result: "second" });
  expect(states()).toEqual(["nothing", "pending", "pending FORBIDDEN", "second FORBIDDEN"]);
});

/** A world that notes the failures that reach `onError`. */
function noting() {
  const noted: string[] = [];
  const it = world({ onError: (error, call) => noted.push(`${call.name} ${error.code}`) });
  return { ...it, noted };
}

const refuse = (code: string) => ({ error: { code, message: "no" } });

test("of failures that arrive at once one is shown, and the others reach onError", async () => {
  const it = noting();
  const { current, states } = await show(it);
  await settle(() => [1, 2, 3].map(() => current().mutate(args)));
  await settle(() => {
    for (const code of ["FIRST", "SECOND", "THIRD"]) it.answerNow(refuse(code), 403);
  });
  expect([states().at(-1), it.noted]).toEqual(["THIRD", ["rename FIRST", "rename SECOND"]]);
});

test("a failure that the next call takes away before it is shown reaches onError", async () => {
  const it = noting();
  const { current, states } = await show(it);
  const [calling] = await settle(() => current().mutate(args));
  await settle(() => {
    calling!.catch(() => current().mutate(args));
    it.answerNow(refuse("FIRST"), 403);
  });
  expect([states(), it.noted]).toEqual([["nothing", "pending"], ["rename FIRST"]]);
});

for (const [what, leave] of [
  ["unmount", ({ page }: Shown) => page.unmount()],
  ["reset", ({ current }: Shown) => settle(() => current().reset())],
] as const) {
  test(`a failure after ${what} reaches onError, once`, async () => {
    const it = noting();
    const shown = await show(it);
    await settle(() => shown.current().mutate(args));
    await leave(shown);
    await it.answer(refuse("LATE"), 403);
    expect([shown.states().includes("LATE"), it.noted]).toEqual([false, ["rename LATE"]]);
  });
}

test("a failure that is shown does not reach onError, after unmount neither", async () => {
  const it = noting();
  const { page, current, states } = await show(it);
  await settle(() => current().mutate(args));
  await it.answer(refuse("SHOWN"), 403);
  await settle(() => current().mutate(args));
  await it.answer({ result: "bob" });
  await page.unmount();
  expect([states(), it.noted]).toEqual([["nothing", "pending", "SHOWN", "pending", "bob"], []]);
});

test("a failure is shown by a component that shows errors only while nothing is pending", async () => {
  const it = noting();
  let mutate: Rename["mutate"];
  const Page = () => {
    const call = useCall(rename);
    ({ mutate } = call);
    return call.isPending ? "pending" : (call.error?.code ?? "nothing");
  };
  const page = await it.render(<Page />);
  await settle(() => mutate!(args));
  await it.answer(failure, 403);
  expect([page.text(), it.noted]).toEqual(["FORBIDDEN", []]);
});

test("a failure reaches onError where the component does not read it", async () => {
  const it = noting();
  let mutate: Rename["mutate"];
  const Page = () => {
    ({ mutate } = useCall(rename));
    return null;
  };
  await it.render(<Page />);
  await settle(() => mutate!(args));
  await it.answer(failure, 403);
  expect(it.noted).toEqual(["rename FORBIDDEN"]);
});

test("reset forgets the calls under way", async () => {
  const it = world();
  const { current, states } = await show(it);
  await settle(() => current().mutate(args));
  await settle(() => current().reset());
  await it.answer({ result: "late" });
  expect(states()).toEqual(["nothing", "pending", "nothing"]);
});

test("unmounting while a call is under way is harmless", async () => {
  const it = world();
  const { current, page } = await show(it);
  const [calling] = await settle(() => current().mutate(args));
  await page.unmount();
  await it.answer({ result: "bob" });
  expect(await calling).toBe("bob");
});

test("without required arguments mutate needs none", async () => {
  const it = world();
  let mutate: CallState<{ note?: string }, string>["mutate"];
  const Page = () => {
    ({ mutate } = useCall(ping));
    return null;
  };
  await it.render(<Page />);
  const [calling] = await settle(() => mutate!());
  await it.answer({ result: "pong" });
  expect([await calling, it.bodies]).toEqual(["pong", ['{"fn":"ping","args":{}}']]);
});

test("a draft is shown with the click, and never together with the error of its call", async () => {
  const it = world();
  const shown: string[] = [];
  let mutate!: Rename["mutate"];
  const optimistic = draft(user, { user_id: 5 }, { profile: () => "bob" });
  const Page = () => {
    const call = useCall(rename);
    const { data } = useMember(user, "profile", { user_id: 5 });
    ({ mutate } = call);
    shown.push(`${data} ${call.error?.code ?? ""}`);
    return null;
  };
  await it.render(<Page />);
  await it.answer({ orders: 1, profile: "ann" });
  await settle(() => mutate(args, { optimistic }));
  expect(shown.splice(0)).toContain("bob ");
  await it.answer(failure, 403);
  expect(shown).toEqual(["ann ", "ann FORBIDDEN"]);
});

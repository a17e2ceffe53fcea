// @vitest-environment happy-dom
/** Hooks that suspend: the fallback, one read, the error boundary and its reset. */
import type { MizanError } from "@mizan/base";
import { Component, type ReactNode, Suspense } from "react";
import { expect, test } from "vitest";
import { useContextEntrySuspense, useMemberSuspense } from "../src/index.js";
import { rename, settle, user, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const FAILURE = { error: { code: "NOT_FOUND", message: "no" } };

function Whole({ id = 5 }: { id?: number }) {
  const { data, error } = useContextEntrySuspense(user, { user_id: id });
  return `${data.profile} ${data.orders} ${error?.code ?? ""}`;
}

function Profile() {
  return useMemberSuspense(user, "profile", { user_id: 5 }).data;
}

class Boundary extends Component<{ children: ReactNode; attempt?: number }, { error?: MizanError }> {
  override state: { error?: MizanError } = {};
  static getDerivedStateFromError(error: MizanError) {
    return { error };
  }
  override componentDidUpdate(before: { attempt?: number }) {
    if (before.attempt !== this.props.attempt) this.setState({ error: undefined as never });
  }
  override render() {
    return this.state.error?.code ?? this.props.children;
  }
}

const Waiting = ({ children, attempt = 0 }: { children: ReactNode; attempt?: number }) => (
  <Boundary attempt={attempt}>
    <Suspense fallback="waits">{children}</Suspense>
  </Boundary>
);

test("the fallback until there is data, and one read for two components", async () => {
  const { answer, fresh, render } = world();
  const page = await render(
    <Waiting>
      <Whole />, <Profile />
    </Waiting>,
  );
  expect([page.text(), fresh()]).toEqual(["waits", READ]);
  await answer({ orders: 1, profile: "ann" });
  expect([page.text(), fresh()]).toEqual(["ann 1 , ann", ""]);
});

test("a later read does not suspend, and its failure leaves the data", async () => {
  const { answer, fresh, mizan, render } = world();
  const page = await render(
    <Waiting>
      <Whole />
    </Waiting>,
  );
  await answer({ orders: 1, profile: "ann" });
  fresh();
  await settle(() => mizan.call(rename, { user_id: 5, name: "bob" }));
  await answer({ result: "bob", invalidate: ["user"] });
  expect([page.text(), fresh()]).toEqual(["ann 1 ", `POST call/, ${READ}`]);
  await answer(FAILURE, 404);
  expect(page.text()).toBe("ann 1 NOT_FOUND");
});

test("other parameters suspend again", async () => {
  const { answer, fresh, render } = world();
  const page = await render(
    <Waiting>
      <Whole />
    </Waiting>,
  );
  await answer({ orders: 1, profile: "ann" });
  await page.rerender(
    <Waiting>
      <Whole id={6} />
    </Waiting>,
  );
  expect([page.text().endsWith("waits"), fresh()]).toEqual([true, `${READ}, GET ctx/user/?user_id=6`]);
  await answer({ orders: 2, profile: "cyd" });
  expect(page.text()).toBe("cyd 2 ");
});

test("the failure of a first read reaches the boundary, and a reset reads again", async () => {
  const { answer, fresh, render } = world();
  const page = await render(
    <Waiting>
      <Whole />
    </Waiting>,
  );
  await answer(FAILURE, 404);
  expect([page.text(), fresh()]).toEqual(["NOT_FOUND", READ]);
  await page.rerender(
    <Waiting attempt={1}>
      <Whole />
    </Waiting>,
  );
  expect([page.text(), fresh()]).toEqual(["waits", READ]);
  await answer({ orders: 1, profile: "ann" });
  expect(page.text()).toBe("ann 1 ");
});

// @vitest-environment happy-dom
/** Reading hooks: mount, update, StrictMode, unmount, errors, and what does not render again. */
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { createMizan, MizanError, signOut, type Mizan } from "@mizan/base";
import {
  MizanProvider,
  useContextEntry,
  useMember,
  useMizan,
  usePrefetch,
  type ReadOptions,
  type ReadState,
} from "../src/index.js";
import { rename, settle, user, world, type UserData } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";

function words({ data, status, error, isLoading, isPrevious }: ReadState<unknown>): string {
  return [status, isLoading && "…", JSON.stringify(data), isPrevious && "previous", error?.code]
    .filter(Boolean)
    .join(" ");
}

function Whole({ id = 5 }: { id?: number }) {
  return words(useContextEntry(user, { user_id: id }));
}

test("loading from the first render, then data, then the data after a mutation", async () => {
  const { answer, fresh, mizan, render } = world();
  const page = await render(<Whole />);
  expect([page.text(), fresh()]).toEqual(["loading …", READ]);
  await answer({ orders: 1, profile: "ann" });
  expect(page.text()).toBe('success {"orders":1,"profile":"ann"}');
  const [calling] = await settle(() => mizan.call(rename, { user_id: 5, name: "bob" }));
  await answer({ result: "bob", invalidate: [{ context: "user", params: { user_id: 5 } }] });
  await calling;
  expect(fresh()).toBe(`POST call/, ${READ}`);
  await answer({ orders: 1, profile: "bob" });
  expect(page.text()).toBe('success {"orders":1,"profile":"bob"}');
});

test("params are compared by value: rendering again asks nothing, another value does", async () => {
  const { answer, fresh, render } = world();
  const page = await render(<Whole />);
  await answer({ orders: 1, profile: "ann" });
  await page.rerender(<Whole />);
  await page.rerender(<Whole />);
  expect(fresh()).toBe(READ);
  await page.rerender(<Whole id={6} />);
  expect([page.text(), fresh()]).toEqual(["loading …", "GET ctx/user/?user_id=6"]);
  await answer({ orders: 2, profile: "cyd" });
  expect(page.text()).toBe('success {"orders":2,"profile":"cyd"}');
  await page.rerender(<Whole id={5} />);
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
});

test("StrictMode reads once", async () => {
  const { answer, fresh, render } = world();
  const page = await render(
    <StrictMode>
      <Whole />
      <Whole />
    </StrictMode>,
  );
  expect(fresh()).toBe(READ);
  await answer({ orders: 1, profile: "ann" });
  expect(page.text()).toContain("success");
});

test("unmounting keeps the entry; what changed meanwhile is read on mount, with the old data shown", async () => {
  const { answer, fresh, mizan, render } = world();
  const page = await render(<Whole />);
  await answer({ orders: 1, profile: "ann" });
  await page.rerender(null);
  fresh();
  await page.rerender(<Whole />);
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
  await page.rerender(null);
  mizan.invalidate(["user"]);
  expect(fresh()).toBe("");
  await page.rerender(<Whole />);
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', READ]);
  await page.unmount();
});

test("an error is a state, and refetch is stable and recovers", async () => {
  const { answer, fresh, render } = world();
  const refetches = new Set<() => Promise<void>>();
  const Page = () => {
    const state = useMember(user, "profile", { user_id: 5 });
    refetches.add(state.refetch);
    return words(state);
  };
  const page = await render(<Page />);
  await answer({ error: { code: "NOT_FOUND", message: "no such user" } }, 404);
  expect([page.text(), fresh()]).toEqual(["error NOT_FOUND", READ]);
  const [refetch] = refetches;
  const [refetching] = await settle(() => refetch!());
  expect(page.text()).toBe("loading …");
  await answer({ orders: 1, profile: "ann" });
  await refetching;
  expect([page.text(), refetches.size]).toEqual(['success "ann"', 1]);
});

test("useMember renders only for its member and its status", async () => {
  const { answer, mizan, render } = world();
  const renders: Record<string, string[]> = { orders: [], profile: [], looking: [] };
  const Member = ({ member }: { member: keyof UserData }) => {
    renders[member]!.push(words(useMember(user, member, { user_id: 5 })));
    return null;
  };
  const Looking = () => {
    const { data, isFetching } = useMember(user, "profile", { user_id: 5 });
    renders.looking!.push(`${data} ${isFetching}`);
    return null;
  };
  await render(
    <>
      <Member member="orders" />
      <Member member="profile" />
      <Looking />
    </>,
  );
  await answer({ orders: 1, profile: "ann" });
  for (const list of Object.values(renders)) list.length = 0;
  await settle(() => mizan.invalidate([{ context: "user", function: "orders" }]));
  await answer({ orders: 2 });
  expect(renders).toEqual({ orders: ["success 2"], profile: [], looking: ["ann true", "ann false"] });
});

test("the state keeps its identity while another member changes, in each component of the entry", async () => {
  const { answer, mizan, render } = world();
  const states = [new Set<unknown>(), new Set<unknown>()];
  const Page = ({ place }: { place: number }) => {
    const state = useMember(user, "profile", { user_id: 5 });
    states[place]!.add(state);
    return null;
  };
  const pages = () => [<Page key={0} place={0} />, <Page key={1} place={1} />];
  const page = await render(pages());
  await page.rerender(pages());
  await answer({ orders: 1, profile: "ann" });
  await settle(() => mizan.invalidate([{ context: "user", function: "orders" }]));
  await answer({ orders: 2 });
  await page.rerender(pages());
  // Loading, then success.
  expect(states.map(({ size }) => size)).toEqual([2, 2]);
});

test("seeing the page again reads; only what shows something else renders", async () => {
  const { answer, fresh, render } = world({ focusInterval: 0 });
  const renders: Record<string, string[]> = { orders: [], profile: [] };
  const Member = ({ member }: { member: keyof UserData }) => {
    renders[member]!.push(words(useMember(user, member, { user_id: 5 })));
    return null;
  };
  await render(
    <>
      <Member member="orders" />
      <Member member="profile" />
    </>,
  );
  const bundle = (id: number) => ({ orders: [{ id }], profile: { name: "ann" } });
  await answer(bundle(1));
  for (const list of Object.values(renders)) list.length = 0;
  fresh();
  await settle(() => window.dispatchEvent(new Event("focus")));
  await answer(bundle(1));
  expect([fresh(), renders]).toEqual([READ, { orders: [], profile: [] }]);
  await settle(() => window.dispatchEvent(new Event("focus")));
  await answer(bundle(2));
  expect([fresh(), renders]).toEqual([READ, { orders: ['success [{"id":2}]'], profile: [] }]);
});

test("after a change of session the page loads again, and shows nothing of before", async () => {
  const { answer, mizan, render } = world();
  const page = await render(<Whole />);
  await answer({ orders: 1, profile: "ann" });
  const [calling] = await settle(() => mizan.call(rename, { user_id: 5, name: "bob" }));
  await answer({ result: "bob", session: "changed" });
  await calling;
  expect(page.text()).toBe("loading …");
  await answer({ orders: 2, profile: "bob" });
  expect(page.text()).toBe('success {"orders":2,"profile":"bob"}');
  const [leaving] = await settle(() => signOut(mizan));
  await answer({});
  await leaving;
  expect(page.text()).toBe("loading …");
  await answer({ error: { code: "UNAUTHORIZED", message: "no" } }, 401);
  expect(page.text()).toBe("error UNAUTHORIZED");
});

function Profile({ id, ...options }: ReadOptions & { id?: number }) {
  return words(useMember(user, "profile", id ? { user_id: id } : undefined, options));
}

test("while the parameters are unknown, or skipped, nothing is read", async () => {
  const { answer, fresh, mizan, render } = world();
  const page = await render(<Profile />);
  await settle(() => mizan.invalidate(["user"]));
  expect([page.text(), fresh()]).toEqual(["idle", ""]);
  await page.rerender(<Profile id={5} skip />);
  expect([page.text(), fresh()]).toEqual(["idle", ""]);
  await page.rerender(<Profile id={5} />);
  expect([page.text(), fresh()]).toEqual(["loading …", READ]);
  await answer({ orders: 1, profile: "ann" });
  expect(page.text()).toBe('success "ann"');
  await page.rerender(<Profile />);
  expect(page.text()).toBe("idle");
});

test("keepPrevious shows the last data until the new arrives, whatever came in between", async () => {
  const { answer, render } = world();
  const page = await render(<Profile id={5} keepPrevious />);
  await answer({ orders: 1, profile: "ann" });
  await page.rerender(<Profile id={6} keepPrevious />);
  expect(page.text()).toBe('loading "ann" previous');
  await page.rerender(<Profile keepPrevious />);
  await page.rerender(<Profile id={7} keepPrevious />);
  expect(page.text()).toBe('loading "ann" previous');
  await answer({ orders: 1, profile: "bob" });
  await answer({ orders: 1, profile: "cyd" });
  expect(page.text()).toBe('success "cyd"');
  await page.rerender(<Profile id={8} keepPrevious />);
  expect(page.text()).toBe('loading "cyd" previous');
  await answer({ error: { code: "NOT_FOUND", message: "no" } }, 404);
  expect(page.text()).toBe("error NOT_FOUND");
});

test("keepPrevious shows nothing of a session that is over", async () => {
  const { answer, mizan, render } = world();
  const page = await render(<Profile id={5} keepPrevious />);
  await answer({ orders: 1, profile: "ann" });
  await page.rerender(<Profile id={6} keepPrevious />);
  const [calling] = await settle(() => mizan.call(rename, { user_id: 5, name: "bob" }));
  await answer({ orders: 1, profile: "bob" });
  await answer({ result: "bob", session: "changed" });
  await calling;
  await page.rerender(<Profile id={7} keepPrevious />);
  expect(page.text()).toBe("loading …");
});

test("a server renders the loading state, asks nothing and leaves nothing behind", () => {
  const client = createMizan({ transport: { send: () => expect.unreachable() } });
  const page = (
    <MizanProvider client={client}>
      <Whole />
    </MizanProvider>
  );
  expect(renderToString(page)).toBe("loading …");
});

test("the provider makes one instance and keeps it; a client given goes first", async () => {
  const { mizan, render } = world();
  const seen = new Set<unknown>();
  const Probe = () => {
    seen.add(useMizan());
    return null;
  };
  const page = await render(
    <MizanProvider baseUrl="/api">
      <Probe />
    </MizanProvider>,
  );
  await page.rerender(
    <MizanProvider baseUrl="/api">
      <Probe />
    </MizanProvider>,
  );
  expect(seen.size).toBe(1);
  await page.rerender(<Probe />);
  expect([...seen][1]).toBe(mizan);
});

test("onError of the provider receives what no component shows", async () => {
  const noted: unknown[] = [];
  const { render } = world();
  let mizan: Mizan;
  const Probe = () => {
    mizan = useMizan();
    return null;
  };
  await render(
    <MizanProvider onError={(error) => noted.push(error)}>
      <Probe />
    </MizanProvider>,
  );
  const error = new MizanError(0);
  mizan!.report(error, rename);
  expect(noted).toEqual([error]);
});

test("without a provider the hooks report it", () => {
  expect(() => renderToString(<Whole />)).toThrow("no <MizanProvider>");
});

test("usePrefetch reads what is missing, once, and nothing that is fresh", async () => {
  const { answer, fresh, mizan, render } = world();
  const made = new Set<(params: { user_id: number } | undefined) => void>();
  function Page() {
    made.add(usePrefetch(user));
    return null;
  }
  const page = await render(<Page />);
  await page.rerender(<Page />);
  const [ahead] = made;
  expect(made.size).toBe(1);
  ahead!(undefined);
  ahead!({ user_id: 5 });
  ahead!({ user_id: 5 });
  await settle(() => {});
  await answer({ orders: 1, profile: "ann" });
  ahead!({ user_id: 5 });
  await settle(() => {});
  expect(fresh()).toBe(READ);
  await page.rerender(<Whole />);
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
  await page.rerender(<Page />);
  mizan.invalidate(["user"]);
  ahead!({ user_id: 5 });
  await settle(() => {});
  expect(fresh()).toBe(READ);
});

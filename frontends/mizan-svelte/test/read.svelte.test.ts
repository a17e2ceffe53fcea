// @vitest-environment happy-dom
/** Functions that read: mount, update, unmount, errors, and what does not render again. */
import { MizanError, signOut, type Mizan } from "@mizan/base";
import { expect, test } from "vitest";
import { useContextEntry, useMember, useMizan, usePrefetch, type ReadState } from "../src/index.js";
import { mounted, rename, settle, user, world, type Setup, type UserData } from "./harness.svelte.js";

const READ = "GET ctx/user/?user_id=5";

function words({ data, status, error, isLoading, isPrevious }: ReadState<unknown>): string {
  return [status, isLoading && "…", JSON.stringify(data), isPrevious && "previous", error?.code]
    .filter(Boolean)
    .join(" ");
}

const whole: Setup = () => {
  const state = useContextEntry(user, () => ({ user_id: 5 }));
  return () => words(state);
};

test("loading from the first render, then data, then the data after a mutation", async () => {
  const { answer, fresh, mizan, mount } = world();
  const page = await mount(whole);
  expect([page.text(), fresh()]).toEqual(["loading …", READ]);
  await answer({ orders: 1, profile: "ann" });
  expect(page.text()).toBe('success {"orders":1,"profile":"ann"}');
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await settle();
  await answer({ result: "bob", invalidate: [{ context: "user", params: { user_id: 5 } }] });
  await calling;
  expect(fresh()).toBe(`POST call/, ${READ}`);
  await answer({ orders: 1, profile: "bob" });
  expect(page.text()).toBe('success {"orders":1,"profile":"bob"}');
});

test("params are compared by value: a new object of equal values asks nothing, another value does", async () => {
  const { answer, fresh, mount } = world();
  let params = $state.raw({ user_id: 5 });
  const page = await mount(() => {
    const state = useContextEntry(user, () => params);
    return () => words(state);
  });
  await answer({ orders: 1, profile: "ann" });
  params = { user_id: 5 };
  await settle();
  expect(fresh()).toBe(READ);
  params = { user_id: 6 };
  await settle();
  expect([page.text(), fresh()]).toEqual(["loading …", "GET ctx/user/?user_id=6"]);
  await answer({ orders: 2, profile: "cyd" });
  expect(page.text()).toBe('success {"orders":2,"profile":"cyd"}');
  params = { user_id: 5 };
  await settle();
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
});

test("a new value is seen at once, before anything is rendered", async () => {
  const { answer, mount } = world();
  let id = $state(5);
  let state: ReadState<string>;
  await mount(() => {
    state = useMember(user, "profile", () => ({ user_id: id }));
    return () => "";
  });
  await answer({ orders: 1, profile: "ann" });
  expect([state!.data, state!.status]).toEqual(["ann", "success"]);
  id = 6;
  expect([state!.data, state!.status]).toEqual([undefined, "loading"]);
});

test("two components of one entry read once, and a component that shows nothing reads too", async () => {
  const { fresh, mount } = world();
  await mount(
    () => whole(),
    () => whole(),
    () => {
      useMember(user, "orders", () => ({ user_id: 5 }));
      return () => "";
    },
  );
  expect(fresh()).toBe(READ);
});

test("unmounting keeps the entry; what changed meanwhile is read on mount, with the old data shown", async () => {
  const { answer, fresh, mizan, mount } = world();
  const page = await mount(whole);
  await answer({ orders: 1, profile: "ann" });
  await page.show();
  fresh();
  await page.show(whole);
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
  await page.show();
  mizan.invalidate(["user"]);
  expect(fresh()).toBe("");
  await page.show(whole);
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', READ]);
  await page.unmount();
});

test("an error is a state, and refetch recovers", async () => {
  const { answer, fresh, mount } = world();
  let state: ReadState<string>;
  const page = await mount(() => {
    state = useMember(user, "profile", () => ({ user_id: 5 }));
    return () => words(state);
  });
  await answer({ error: { code: "NOT_FOUND", message: "no such user" } }, 404);
  expect([page.text(), fresh()]).toEqual(["error NOT_FOUND", READ]);
  const refetching = state!.refetch();
  await settle();
  expect(page.text()).toBe("loading …");
  await answer({ orders: 1, profile: "ann" });
  await refetching;
  expect(page.text()).toBe('success "ann"');
});

test("useMember renders only for its member and its status", async () => {
  const { answer, mizan, mount } = world();
  const renders: Record<string, string[]> = { orders: [], profile: [], looking: [] };
  const note = (list: string, text: string) => {
    renders[list]!.push(text);
    return text;
  };
  const member = (name: keyof UserData) => () => {
    const state = useMember(user, name, () => ({ user_id: 5 }));
    return () => note(name, words(state));
  };
  await mount(member("orders"), member("profile"), () => {
    const state = useMember(user, "profile", () => ({ user_id: 5 }));
    return () => note("looking", `${state.data} ${state.isFetching}`);
  });
  await answer({ orders: 1, profile: "ann" });
  for (const list of Object.values(renders)) list.length = 0;
  mizan.invalidate([{ context: "user", function: "orders" }]);
  await settle();
  await answer({ orders: 2 });
  expect(renders).toEqual({ orders: ["success 2"], profile: [], looking: ["ann true", "ann false"] });
});

test("after a change of session the page loads again, and shows nothing of before", async () => {
  const { answer, mizan, mount } = world();
  const page = await mount(whole);
  await answer({ orders: 1, profile: "ann" });
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await settle();
  await answer({ result: "bob", session: "changed" });
  await calling;
  expect(page.text()).toBe("loading …");
  await answer({ orders: 2, profile: "bob" });
  expect(page.text()).toBe('success {"orders":2,"profile":"bob"}');
  const leaving = signOut(mizan);
  await settle();
  await answer({});
  await leaving;
  await settle();
  expect(page.text()).toBe("loading …");
  await answer({ error: { code: "UNAUTHORIZED", message: "no" } }, 401);
  expect(page.text()).toBe("error UNAUTHORIZED");
});

/** A page whose parameters and options change. */
function profile(keepPrevious = false) {
  let id = $state<number | undefined>();
  let skip = $state(false);
  const setup: Setup = () => {
    const params = () => (id ? { user_id: id } : undefined);
    const state = useMember(user, "profile", params, () => ({ skip, keepPrevious }));
    return () => words(state);
  };
  const go = async (next: number | undefined, skips = false) => {
    id = next;
    skip = skips;
    await settle();
  };
  return { setup, go };
}

test("while the parameters are unknown, or skipped, nothing is read", async () => {
  const { answer, fresh, mizan, mount } = world();
  const { setup, go } = profile();
  const page = await mount(setup);
  mizan.invalidate(["user"]);
  await settle();
  expect([page.text(), fresh()]).toEqual(["idle", ""]);
  await go(5, true);
  expect([page.text(), fresh()]).toEqual(["idle", ""]);
  await go(5);
  expect([page.text(), fresh()]).toEqual(["loading …", READ]);
  await answer({ orders: 1, profile: "ann" });
  expect(page.text()).toBe('success "ann"');
  await go(undefined);
  expect(page.text()).toBe("idle");
});

test("keepPrevious shows the last data until the new arrives, whatever came in between", async () => {
  const { answer, mount } = world();
  const { setup, go } = profile(true);
  const page = await mount(setup);
  await go(5);
  await answer({ orders: 1, profile: "ann" });
  await go(6);
  expect(page.text()).toBe('loading "ann" previous');
  await go(undefined);
  await go(7);
  expect(page.text()).toBe('loading "ann" previous');
  await answer({ orders: 1, profile: "bob" });
  await answer({ orders: 1, profile: "cyd" });
  expect(page.text()).toBe('success "cyd"');
  await go(8);
  expect(page.text()).toBe('loading "cyd" previous');
  await answer({ error: { code: "NOT_FOUND", message: "no" } }, 404);
  expect(page.text()).toBe("error NOT_FOUND");
});

test("keepPrevious shows nothing of a session that is over", async () => {
  const { answer, mizan, mount } = world();
  const { setup, go } = profile(true);
  const page = await mount(setup);
  await go(5);
  await answer({ orders: 1, profile: "ann" });
  await go(6);
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await settle();
  await answer({ orders: 1, profile: "bob" });
  await answer({ result: "bob", session: "changed" });
  await calling;
  await go(7);
  expect(page.text()).toBe("loading …");
});

test("the provider makes one instance and keeps it", async () => {
  const seen = new Set<Mizan>();
  const probe = () => () => {
    seen.add(useMizan());
    return () => "";
  };
  const page = await mounted({ baseUrl: "/api" }, [probe(), probe()]);
  await page.show(probe());
  expect(seen.size).toBe(1);
});

test("onError of the provider receives what no component shows", async () => {
  const noted: unknown[] = [];
  let mizan: Mizan;
  await mounted({ onError: (error) => void noted.push(error) }, [
    () => {
      mizan = useMizan();
      return () => "";
    },
  ]);
  const error = new MizanError(0);
  mizan!.report(error, rename);
  expect(noted).toEqual([error]);
});

test("without a provider the functions report it", async () => {
  const { mount } = await import("svelte");
  const { default: Host } = await import("./host.svelte");
  const target = document.createElement("div");
  expect(() => mount(Host, { target, props: { setup: whole } })).toThrow("no provideMizan()");
});

test("usePrefetch reads what is missing, once, and nothing that is fresh", async () => {
  const { answer, fresh, mizan, mount } = world();
  let ahead: (params: { user_id: number } | undefined) => void;
  const link: Setup = () => {
    ahead = usePrefetch(user);
    return () => "";
  };
  const page = await mount(link);
  ahead!(undefined);
  ahead!({ user_id: 5 });
  ahead!({ user_id: 5 });
  await settle();
  await answer({ orders: 1, profile: "ann" });
  ahead!({ user_id: 5 });
  await settle();
  expect(fresh()).toBe(READ);
  await page.show(whole);
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
  await page.show(link);
  mizan.invalidate(["user"]);
  ahead!({ user_id: 5 });
  await settle();
  expect(fresh()).toBe(READ);
});

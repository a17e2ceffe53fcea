// @vitest-environment happy-dom
/** Reading composables: mount, update, unmount, errors, and what does not render again. */
import { createMizan, MizanError, signOut, type Mizan } from "@mizan/base";
import {
  effectScope,
  defineComponent,
  h,
  nextTick,
  reactive,
  ref,
  shallowRef,
  type PropType,
  type Ref,
} from "vue";
import { expect, test } from "vitest";
import {
  MizanPlugin,
  MizanProvider,
  useContextEntry,
  useMember,
  useMizan,
  usePrefetch,
  type ReadState,
} from "../src/index.js";
import { rename, settle, user, world, type UserData } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";

function words({ data, status, error, isLoading, isPrevious }: ReadState<unknown>): string {
  return [
    status.value,
    isLoading.value && "…",
    JSON.stringify(data.value),
    isPrevious.value && "previous",
    error.value?.code,
  ]
    .filter(Boolean)
    .join(" ");
}

const Whole = defineComponent({
  props: { id: { type: Number, default: 5 } },
  setup(props) {
    const state = useContextEntry(user, () => ({ user_id: props.id }));
    return () => words(state);
  },
});

test("loading from the first render, then data, then the data after a mutation", async () => {
  const { answer, fresh, mizan, mount } = world();
  const page = await mount(() => h(Whole));
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
  const id = ref(5);
  const page = await mount(() => h(Whole, { id: id.value }));
  await answer({ orders: 1, profile: "ann" });
  await page.show(() => h(Whole, { id: id.value, key: "same" }));
  expect(fresh()).toBe(READ);
  id.value = 6;
  await settle();
  expect([page.text(), fresh()]).toEqual(["loading …", "GET ctx/user/?user_id=6"]);
  await answer({ orders: 2, profile: "cyd" });
  expect(page.text()).toBe('success {"orders":2,"profile":"cyd"}');
  id.value = 5;
  await settle();
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
});

test("params may be a value, a ref, a reactive object or a getter", async () => {
  const { fresh, mount } = world();
  const boxed = shallowRef<{ user_id: number } | undefined>();
  const live = reactive({ user_id: 7 });
  const Page = defineComponent(() => {
    const states = [user, user, user].map((context, at) =>
      useContextEntry(context, [{ user_id: 6 }, boxed, live][at]),
    );
    return () => states.map((state) => state.status.value).join();
  });
  const page = await mount(() => h(Page));
  expect([page.text(), fresh()]).toEqual([
    "loading,idle,loading",
    "GET ctx/?e=user%3Buser_id%3D6&e=user%3Buser_id%3D7",
  ]);
  boxed.value = { user_id: 8 };
  live.user_id = 9;
  await settle();
  expect([page.text(), fresh()]).toEqual([
    "loading,loading,loading",
    "GET ctx/?e=user%3Buser_id%3D8&e=user%3Buser_id%3D9",
  ]);
});

test("a new value is seen at once, before anything is rendered", async () => {
  const { answer, mount } = world();
  const id = ref(5);
  let state: ReadState<string>;
  const Page = defineComponent(() => {
    state = useMember(user, "profile", () => ({ user_id: id.value }));
    return () => null;
  });
  await mount(() => h(Page));
  await answer({ orders: 1, profile: "ann" });
  id.value = 6;
  expect([state!.data.value, state!.status.value]).toEqual([undefined, "loading"]);
});

test("two components of one entry read once", async () => {
  const { fresh, mount } = world();
  await mount(() => [h(Whole), h(Whole)]);
  expect(fresh()).toBe(READ);
});

test("unmounting keeps the entry; what changed meanwhile is read on mount, with the old data shown", async () => {
  const { answer, fresh, mizan, mount } = world();
  const page = await mount(() => h(Whole));
  await answer({ orders: 1, profile: "ann" });
  await page.show(() => null);
  fresh();
  await page.show(() => h(Whole));
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
  await page.show(() => null);
  mizan.invalidate(["user"]);
  expect(fresh()).toBe("");
  await page.show(() => h(Whole));
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', READ]);
  await page.unmount();
});

test("an error is a state, and refetch recovers", async () => {
  const { answer, fresh, mount } = world();
  let refetch: () => Promise<void>;
  const Page = defineComponent(() => {
    const state = useMember(user, "profile", { user_id: 5 });
    ({ refetch } = state);
    return () => words(state);
  });
  const page = await mount(() => h(Page));
  await answer({ error: { code: "NOT_FOUND", message: "no such user" } }, 404);
  expect([page.text(), fresh()]).toEqual(["error NOT_FOUND", READ]);
  const refetching = refetch!();
  await settle();
  expect(page.text()).toBe("loading …");
  await answer({ orders: 1, profile: "ann" });
  await refetching;
  expect(page.text()).toBe('success "ann"');
});

test("useMember renders only for its member and its status", async () => {
  const { answer, mizan, mount } = world();
  const renders: Record<string, string[]> = { orders: [], profile: [], looking: [] };
  const Member = defineComponent({
    props: { member: { type: String as PropType<keyof UserData>, required: true } },
    setup({ member }) {
      const state = useMember(user, member, { user_id: 5 });
      return () => void renders[member]!.push(words(state));
    },
  });
  const Looking = defineComponent(() => {
    const { data, isFetching } = useMember(user, "profile", { user_id: 5 });
    return () => void renders.looking!.push(`${data.value} ${isFetching.value}`);
  });
  await mount(() => [h(Member, { member: "orders" }), h(Member, { member: "profile" }), h(Looking)]);
  await answer({ orders: 1, profile: "ann" });
  for (const list of Object.values(renders)) list.length = 0;
  mizan.invalidate([{ context: "user", function: "orders" }]);
  await settle();
  await answer({ orders: 2 });
  expect(renders).toEqual({ orders: ["success 2"], profile: [], looking: ["ann true", "ann false"] });
});

test("after a change of session the page loads again, and shows nothing of before", async () => {
  const { answer, mizan, mount } = world();
  const page = await mount(() => h(Whole));
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
  const id: Ref<number | undefined> = ref();
  const skip = ref(false);
  const Page = defineComponent(() => {
    const params = () => (id.value ? { user_id: id.value } : undefined);
    const state = useMember(user, "profile", params, { skip, keepPrevious });
    return () => words(state);
  });
  const go = async (next: number | undefined, skips = false) => {
    id.value = next;
    skip.value = skips;
    await settle();
  };
  return { Page, go };
}

test("while the parameters are unknown, or skipped, nothing is read", async () => {
  const { answer, fresh, mizan, mount } = world();
  const { Page, go } = profile();
  const page = await mount(() => h(Page));
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
  const { Page, go } = profile(true);
  const page = await mount(() => h(Page));
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
  const { Page, go } = profile(true);
  const page = await mount(() => h(Page));
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

test("a scope outside of components reads too, and leaves when it stops", async () => {
  const { answer, fresh, mizan } = world();
  const scope = effectScope();
  const { createApp } = await import("vue");
  const app = createApp({ render: () => null }).use(MizanPlugin, { client: mizan });
  const state = app.runWithContext(() => scope.run(() => useMember(user, "profile", { user_id: 5 })))!;
  await settle();
  await answer({ orders: 1, profile: "ann" });
  expect([state.data.value, fresh()]).toEqual(["ann", READ]);
  scope.stop();
  mizan.invalidate(["user"]);
  await settle();
  expect(fresh()).toBe("");
});

test("the provider makes one instance and keeps it; the nearest one is used", async () => {
  const { mizan, mount } = world();
  const seen = new Set<Mizan>();
  const Probe = defineComponent(() => {
    seen.add(useMizan());
    return () => null;
  });
  const inside = () => h(MizanProvider, { baseUrl: "/api" }, () => [h(Probe), h(Probe)]);
  const page = await mount(inside);
  await page.show(inside);
  expect(seen.size).toBe(1);
  await page.show(() => h(Probe));
  expect([...seen][1]).toBe(mizan);
});

test("onError of the provider receives what no component shows", async () => {
  const noted: unknown[] = [];
  const { mount } = world();
  let mizan: Mizan;
  const Probe = defineComponent(() => {
    mizan = useMizan();
    return () => null;
  });
  await mount(() => h(MizanProvider, { onError: (error) => void noted.push(error) }, () => h(Probe)));
  const error = new MizanError(0);
  mizan!.report(error, rename);
  expect(noted).toEqual([error]);
});

test("without a provider the composables report it", async () => {
  const { createApp } = await import("vue");
  const app = createApp(Whole);
  app.config.warnHandler = () => {};
  expect(() => app.mount(document.createElement("div"))).toThrow("no MizanPlugin");
  expect(createMizan).toBeTypeOf("function");
});

test("usePrefetch reads what is missing, once, and nothing that is fresh", async () => {
  const { answer, fresh, mizan, mount } = world();
  let ahead: (params: { user_id: number } | undefined) => void;
  const Page = defineComponent(() => {
    ahead = usePrefetch(user);
    return () => null;
  });
  const page = await mount(() => h(Page));
  ahead!(undefined);
  ahead!({ user_id: 5 });
  ahead!({ user_id: 5 });
  await nextTick();
  await answer({ orders: 1, profile: "ann" });
  ahead!({ user_id: 5 });
  await settle();
  expect(fresh()).toBe(READ);
  await page.show(() => h(Whole));
  expect([page.text(), fresh()]).toEqual(['success {"orders":1,"profile":"ann"}', ""]);
  await page.show(() => h(Page));
  mizan.invalidate(["user"]);
  ahead!({ user_id: 5 });
  await settle();
  expect(fresh()).toBe(READ);
});

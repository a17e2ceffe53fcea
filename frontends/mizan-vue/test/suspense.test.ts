// @vitest-environment happy-dom
/** Async setup below `<Suspense>`, failures that reach an error boundary, and rendering on a server. */
import { createMizan } from "@mizan/base";
import { createSSRApp, defineComponent, h, onErrorCaptured, ref, Suspense } from "vue";
import { renderToString } from "vue/server-renderer";
import { expect, test } from "vitest";
import { MizanPlugin, useMember } from "../src/index.js";
import { server, user, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";

const Profile = defineComponent(async () => {
  const { data, ready } = useMember(user, "profile", { user_id: 5 });
  await ready();
  return () => data.value;
});

const waiting = () => h(Suspense, null, { default: () => h(Profile), fallback: () => "waiting" });

/** Shows the code of what is thrown below it. */
const Boundary = defineComponent((_, { slots }) => {
  const code = ref("");
  onErrorCaptured((error) => {
    code.value = (error as { code?: string }).code ?? "other";
    return false;
  });
  return () => code.value || slots.default?.();
});

test("an async setup waits for the data, and reads once", async () => {
  const { answer, fresh, mount } = world();
  const page = await mount(waiting);
  expect([page.text(), fresh()]).toEqual(["waiting", READ]);
  await answer({ orders: 1, profile: "ann" });
  expect([page.text(), fresh()]).toEqual(["ann", ""]);
});

test("data that is there is not waited for", async () => {
  const { answer, fresh, mount } = world();
  const page = await mount(waiting);
  await answer({ orders: 1, profile: "ann" });
  await page.show(() => null);
  await page.show(waiting);
  expect([page.text(), fresh()]).toEqual(["ann", READ]);
});

test("a failure of the first read reaches the error boundary", async () => {
  const { answer, mount } = world();
  const page = await mount(() => h(Boundary, null, waiting));
  await answer({ error: { code: "NOT_FOUND", message: "no" } }, 404);
  expect(page.text()).toBe("NOT_FOUND");
});

/** A server's page, and how its instance is asked. */
function rendering(Page: Parameters<typeof createSSRApp>[0]) {
  const { log, waiting, transport } = server();
  const client = createMizan({ transport, gcTime: 0 });
  const html = renderToString(createSSRApp(Page).use(MizanPlugin, { client }));
  return { log, waiting, html };
}

const body = (name: string) => ({ status: 200, body: JSON.stringify({ orders: 1, profile: name }) });
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

const Plain = defineComponent(() => {
  const { data, status } = useMember(user, "profile", { user_id: 5 });
  return () => h("p", [status.value, " ", data.value]);
});

test("a server waits for what its components read, in an instance for each request", async () => {
  const one = rendering(Plain);
  const other = rendering(Plain);
  await turn();
  other.waiting[0]!(body("bob"));
  one.waiting[0]!(body("ann"));
  expect([await one.html, await other.html]).toEqual(["<p>success ann</p>", "<p>success bob</p>"]);
  expect([one.log, other.log]).toEqual([["GET ctx/user/?user_id=5"], ["GET ctx/user/?user_id=5"]]);
});

test("a server renders a failure as a state", async () => {
  const { html, waiting } = rendering(Plain);
  await turn();
  waiting[0]!({ status: 404, body: JSON.stringify({ error: { code: "NOT_FOUND", message: "no" } }) });
  expect(await html).toMatch(/^<p>error /);
});

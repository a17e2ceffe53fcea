// @vitest-environment happy-dom
/** The provider that the generator writes for a client with a global context. */
import { createMizan, defineContext } from "@mizan/base";
import { mount, unmount } from "svelte";
import { expect, test } from "vitest";
import Global from "./global.svelte";
import { server, settle } from "./harness.svelte.js";

const context = defineContext<Record<string, never>, { me: string }>({
  name: "global",
  params: [],
  functions: ["me"],
});

test("a provider reads the global context in the component that provides, and keeps it mounted", async () => {
  const { log, transport, waiting } = server();
  const client = createMizan({ transport });
  const root = mount(Global, {
    target: document.createElement("div"),
    props: { context, provider: { client } },
  });
  await settle();
  expect(log).toEqual(["GET ctx/global/"]);
  waiting.shift()!({ status: 200, body: '{"me":"ann"}' });
  await settle();
  expect(client.entry(context, {}).snapshot().data).toEqual({ me: "ann" });
  client.invalidate(["global"]);
  await settle();
  expect(log).toEqual(["GET ctx/global/", "GET ctx/global/"]);
  await unmount(root);
});

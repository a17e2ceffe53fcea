// @vitest-environment happy-dom
/** The provider that the generator writes for a client with a global context, as it writes it. */
import { createMizan, defineContext } from "@mizan/base";
import { expect, test } from "vitest";
import { createApp, defineComponent, h } from "vue";
import { MizanProvider, useContextEntry, useMember, type MizanProviderProps } from "../src/index.js";
import { server, settle } from "./harness.js";

const globalContext = defineContext<Record<string, never>, { me: string }>({
  name: "global",
  params: [],
  functions: ["me"],
});

const MizanContext = /* @__PURE__ */ defineComponent(
  (props: MizanProviderProps, { slots }) =>
    () =>
      h(MizanProvider, props, () => [h(GlobalContext), slots.default?.()]),
  { props: ["client", "baseUrl", "onError"] },
);

const GlobalContext = /* @__PURE__ */ defineComponent(() => {
  useContextEntry(globalContext, {});
  return () => null;
});

test("a provider reads the global context, once, and what is in its slot shows it", async () => {
  const { log, transport, waiting } = server();
  const client = createMizan({ transport });
  const Me = defineComponent(() => {
    const { data } = useMember(globalContext, "me", {});
    return () => data.value ?? "…";
  });
  const container = document.createElement("div");
  const app = createApp({ render: () => h(MizanContext, { client }, () => h(Me)) });
  app.mount(container);
  await settle();
  expect([container.textContent, log]).toEqual(["…", ["GET ctx/global/"]]);
  waiting.shift()!({ status: 200, body: '{"me":"ann"}' });
  await settle();
  expect(container.textContent).toBe("ann");
  client.invalidate(["global"]);
  await settle();
  expect(log).toEqual(["GET ctx/global/", "GET ctx/global/"]);
  app.unmount();
});

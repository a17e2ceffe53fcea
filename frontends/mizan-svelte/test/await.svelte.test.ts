// @vitest-environment happy-dom
/** `await` in a template, `{#await}`, and failures that reach an error boundary. */
import { createMizan } from "@mizan/base";
import { mount, tick } from "svelte";
import { expect, test } from "vitest";
import Boundary from "./boundary.svelte";
import { server, settle } from "./harness.svelte.js";

const read = (id: number) => `GET ctx/user/?user_id=${id}`;

async function page(blocks: boolean) {
  const { log, waiting, transport } = server();
  const shown = $state({ id: 5, blocks });
  const target = document.createElement("div");
  mount(Boundary, { target, props: { provider: { client: createMizan({ transport }) }, shown } });
  const quiet = async () => {
    await settle();
    await tick();
    await settle();
  };
  await quiet();
  return {
    shown,
    fresh: () => log.splice(0).join(", "),
    text: () => target.textContent?.trim(),
    async answer(body: unknown, status = 200) {
      waiting.shift()!({ status, body: JSON.stringify(body) });
      await quiet();
    },
    quiet,
  };
}

for (const [name, blocks] of [
  ["{#await}", true],
  ["await in a template", false],
] as const) {
  test(`${name} waits for the data, reads once, and follows the parameters`, async () => {
    const { answer, fresh, quiet, shown, text } = await page(blocks);
    expect([text(), fresh()]).toEqual(["waiting", read(5)]);
    await answer({ orders: 1, profile: "ann" });
    expect([text(), fresh()]).toEqual(["ann", ""]);
    shown.id = 6;
    await quiet();
    expect(fresh()).toBe(read(6));
    await answer({ orders: 1, profile: "bob" });
    expect([text(), fresh()]).toEqual(["bob", ""]);
  });

  test(`${name}: a failure of the first read is shown by what catches it`, async () => {
    const { answer, text } = await page(blocks);
    await answer({ error: { code: "NOT_FOUND", message: "no" } }, 404);
    expect(text()).toBe("failed NOT_FOUND");
  });
}

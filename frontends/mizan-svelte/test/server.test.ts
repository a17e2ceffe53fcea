/** Rendering on a server. */
import { createMizan, hydrate } from "@mizan/base";
import { render } from "svelte/server";
import { expect, test } from "vitest";
import { server, user } from "./harness.svelte.js";
import { mizanContext } from "../src/index.js";
import Plain from "./plain.svelte";
import Served from "./served.svelte";

const words = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, " ")
    .split(/\s+/)
    .filter(Boolean)
    .join(" ");

/** Renders a page in an instance of its own, whose reads bring `name`. */
async function rendered(waits: boolean, name: string) {
  const { log, waiting, transport } = server();
  const client = createMizan({ transport, gcTime: 0 });
  const page = Promise.resolve(render(Served, { props: { provider: { client }, waits } }));
  await new Promise((resolve) => setTimeout(resolve, 5));
  waiting[0]?.({ status: 200, body: JSON.stringify({ orders: 1, profile: name }) });
  return [words((await page).body), log.join()];
}

test("a server waits for what a component awaits, in an instance for each request", async () => {
  expect(await Promise.all(["ann", "bob"].map((name) => rendered(true, name)))).toEqual([
    ["success ann", "GET ctx/user/?user_id=5"],
    ["success bob", "GET ctx/user/?user_id=5"],
  ]);
});

test("a server that waits for nothing renders the loading state, and asks nothing", async () => {
  expect(await rendered(false, "ann")).toEqual(["loading", ""]);
});

test("an instance for the whole application needs no component that provides it", async () => {
  const client = createMizan({ gcTime: 0 });
  hydrate(client, [{ context: user, params: { user_id: 5 }, data: { profile: "ann", orders: 1 } }]);
  expect(words((await render(Plain, { context: mizanContext(client) })).body)).toBe("success ann");
});

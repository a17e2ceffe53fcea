/** What development tools see of an instance, and do with its entries. */
import { expect, test } from "vitest";
import { inspect } from "../src/inspect.js";
import { flush, user, world } from "./harness.js";

const ann = { profile: "ann", orders: [] };

test("entries are listed as they are held, with their age and their subscribers", async () => {
  const { clock, mizan, server } = world();
  expect(inspect(mizan)).toEqual([]);
  await clock.advance(10);
  const stop = mizan.entry(user, { user_id: 5 }).subscribe(() => {});
  mizan.entry(user, { user_id: 6 }).subscribe(() => {});
  // A handle that no one subscribes to is not held.
  mizan.entry(user, { user_id: 7 });
  await flush();
  server.pending[0]!.answer(200, ann);
  await clock.advance(100);
  stop();
  const [five, six, ...others] = inspect(mizan);
  expect(others).toEqual([]);
  expect(five).toMatchObject({ context: "user", key: "ctx/user/?user_id=5", params: { user_id: 5 } });
  expect(five).toMatchObject({ age: 100, subscribers: 0, state: { status: "success", data: ann } });
  expect(six).toMatchObject({ subscribers: 1, state: { status: "loading" } });
});

test("one entry is marked, and read where it is mounted, alone", async () => {
  const { mizan, server } = world();
  const stops = [5, 6].map((user_id) => mizan.entry(user, { user_id }).subscribe(() => {}));
  await flush();
  for (const { answer } of [...server.pending]) answer(200, ann);
  await flush();
  inspect(mizan)[0]!.invalidate();
  await flush();
  expect(server.pending.map(({ request }) => request.url)).toEqual(["/api/mizan/ctx/user/?user_id=5"]);
  server.pending[0]!.answer(200, ann);
  await flush();
  stops[1]!();
  inspect(mizan)[1]!.invalidate();
  await flush();
  expect(server.pending).toEqual([]);
  expect(inspect(mizan)[1]!.state).toMatchObject({ isStale: true, isFetching: false });
  const refetched = inspect(mizan)[1]!.refetch();
  await flush();
  server.pending[0]!.answer(200, { ...ann, profile: "bob" });
  await refetched;
  expect(inspect(mizan)[1]!.state.data).toMatchObject({ profile: "bob" });
});

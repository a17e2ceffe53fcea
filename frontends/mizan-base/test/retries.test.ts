/** Reads are tried twice more, after 200 and 400 ms, on network failure and 5xx; nothing else is, and calls never. */
import { expect, test } from "vitest";
import { check, flush, rename, user, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";

for (const failure of ["fail", "status 500", "status 503"]) {
  const code = failure === "fail" ? "NETWORK_ERROR" : failure.replace("status ", "E");
  test(`${failure}: three times in all, with exact delays`, () =>
    check([
      ["mount", "loading fetching", READ],
      [failure, "loading fetching"],
      ["wait 199", "loading fetching"],
      ["wait 1", "loading fetching", READ],
      [failure, "loading fetching"],
      ["wait 399", "loading fetching"],
      ["wait 1", "loading fetching", READ],
      [failure, `error !${code}`],
      ["wait 10000", `error !${code}`],
    ]));
}

for (const status of [400, 401, 403, 404, 422, 429]) {
  test(`${status} is final`, () =>
    check([
      ["mount", "loading fetching", READ],
      [`status ${status}`, `error !E${status}`],
      ["wait 10000", `error !E${status}`],
    ]));
}

test("a retry that succeeds leaves no trace", () =>
  check([
    ["mount", "loading fetching", READ],
    ["fail", "loading fetching"],
    ["wait 200", "loading fetching", READ],
    ["answer ann", "success ann []"],
  ]));

test("an invalidation while waiting reads at once, and the old read stops trying", () =>
  check([
    ["mount", "loading fetching", READ],
    ["fail", "loading fetching"],
    ["wait 100", "loading fetching"],
    ['invalidate ["user"]', "loading fetching", READ],
    ["wait 100", "loading fetching"],
    ["wait 10000", "loading fetching"],
    ["answer ann", "success ann []"],
  ]));

for (const [body, status, code] of [
  ["<html>", 200, "BAD_RESPONSE"],
  ["null", 200, "BAD_RESPONSE"],
  ["7", 200, "BAD_RESPONSE"],
  ["", 204, "BAD_RESPONSE"],
  ["<html>", 404, "BAD_RESPONSE"],
  ["null", 404, "BAD_RESPONSE"],
  ['{"detail":"no"}', 404, "BAD_RESPONSE"],
  ['{"error":"no"}', 404, "BAD_RESPONSE"],
  ['{"error":null}', 404, "BAD_RESPONSE"],
  ['{"error":{"code":"NOT_FOUND","message":"no"}}', 404, "NOT_FOUND"],
] as const) {
  test(`${status} ${body || "(empty)"} is ${code}`, async () => {
    const { mizan, server } = world();
    const reading = mizan.fetch(user, {});
    await flush();
    server.pending[0]!.answer(status, body);
    await expect(reading).rejects.toMatchObject({ name: "MizanError", code, status });
  });
}

test("a 502 that is not Mizan's JSON is tried again", async () => {
  const { clock, mizan, server } = world();
  const reading = mizan.fetch(user, {});
  await flush();
  for (const delay of [200, 400]) {
    server.pending[0]!.answer(502, "<html>");
    await clock.advance(delay);
  }
  server.pending[0]!.answer(502, "<html>");
  await expect(reading).rejects.toMatchObject({ code: "BAD_RESPONSE", status: 502 });
  expect(server.log).toHaveLength(3);
});

for (const failure of ["network", 500, 503]) {
  test(`a call is never tried again: ${failure}`, async () => {
    const { clock, mizan, server } = world();
    const calling = mizan.call(rename, { user_id: 5, name: "bob" });
    calling.catch(() => {});
    await flush();
    server.fresh();
    if (failure === "network") server.pending[0]!.fail();
    else server.pending[0]!.answer(Number(failure), { error: { code: "UNAVAILABLE", message: "later" } });
    await expect(calling).rejects.toMatchObject({
      code: failure === "network" ? "NETWORK_ERROR" : "UNAVAILABLE",
    });
    await clock.advance(10_000);
    expect(server.fresh()).toBe("");
  });
}

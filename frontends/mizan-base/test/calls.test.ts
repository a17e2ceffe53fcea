/** Calls: what travels, what their responses invalidate (errors too), and the CSRF token. */
import { expect, test } from "vitest";
import { createMizan, defineCall, MizanError } from "../src/index.js";
import { check, flush, rename, world } from "./harness.js";

const READ = "GET ctx/user/?user_id=5";
const CALL = "POST call/";
const FIRST = `GET session/, ${CALL}`;
const args = { user_id: 5, name: "bob" };
const refusal = { error: { code: "FORBIDDEN", message: "csrf", details: { reason: "csrf" } } };

test("answers invalidate by context, parameter and function", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    ['call {"result":"x"}', "success ann []", FIRST],
    ['call {"result":"x","invalidate":["user"]}', "success ann [] fetching stale", `${CALL}, ${READ}`],
    ["answer bob", "success bob []"],
    ['call {"result":"x","invalidate":[{"context":"user","params":{"user_id":6}}]}', "success bob []", CALL],
    [
      'call {"result":"x","invalidate":[{"context":"user","params":{"user_id":5},"function":"profile"}]}',
      "success bob [] fetching stale",
      `${CALL}, ${READ}&mizan.only=profile`,
    ],
  ]));

test("error answers invalidate too", () =>
  check([
    ["mount", "loading fetching", READ],
    ["answer ann", "success ann []"],
    [
      'refused 500 {"error":{"code":"INTERNAL_ERROR","message":"no"},"invalidate":["user"]}',
      "success ann [] fetching stale",
      `${FIRST}, ${READ}`,
    ],
  ]));

test("what travels: the envelope, the headers, bigint as text", async () => {
  const { mizan, server } = world();
  const count = defineCall<{ by: bigint; of: { n: bigint }[] }, bigint>({ name: "count", decode: BigInt });
  const calling = mizan.call(count, { by: 9007199254740993n, of: [{ n: 1n }] });
  await flush();
  expect(server.log).toEqual([
    {
      method: "GET",
      url: "/api/mizan/session/",
      headers: { Accept: "application/json" },
      signal: expect.any(AbortSignal),
    },
    {
      method: "POST",
      url: "/api/mizan/call/",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": "token-1" },
      body: '{"fn":"count","args":{"by":"9007199254740993","of":[{"n":"1"}]}}',
      signal: expect.any(AbortSignal),
    },
  ]);
  server.pending[0]!.answer(200, { result: "18014398509481986" });
  expect(await calling).toBe(18014398509481986n);
});

test("half of a surrogate pair travels as U+FFFD, as it does in a read", async () => {
  const { mizan, server } = world();
  void mizan.call(defineCall<{ text: string }, null>({ name: "say" }), { text: "\ud800a\u{1f600}" });
  await flush();
  expect(server.log[1]?.body).toBe('{"fn":"say","args":{"text":"\ufffda\u{1f600}"}}');
});

for (const [definition, body] of [
  [defineCall<object, unknown>({ name: "plain" }), {}],
  [defineCall<object, unknown>({ name: "decoded", decode: BigInt }), { result: "not a number" }],
] as const) {
  test(`the response ${JSON.stringify(body)} to ${definition.name} is BAD_RESPONSE`, async () => {
    const { mizan, server } = world();
    const calling = mizan.call(definition, {});
    await flush();
    server.pending[0]!.answer(200, body);
    await expect(calling).rejects.toMatchObject({ code: "BAD_RESPONSE" });
  });
}

test("null is a result", async () => {
  const { mizan, server } = world();
  const calling = mizan.call(rename, args);
  await flush();
  server.pending[0]!.answer(200, { result: null });
  expect(await calling).toBeNull();
});

test("an error has the server's code, message, status, details and fields", async () => {
  const { mizan, server } = world();
  const calling = mizan.call(rename, args);
  await flush();
  const details = { fields: { name: ["too long"], "tags.1": ["not a number"] } };
  server.pending[0]!.answer(422, { error: { code: "VALIDATION_ERROR", message: "no", details } });
  const error = await calling.catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(MizanError);
  expect(error).toMatchObject({ code: "VALIDATION_ERROR", message: "no", status: 422, details });
  expect({ ...(error as MizanError).fields }).toEqual(details.fields);
  expect({ ...new MizanError(0).fields }).toEqual({});
});

test("the token is asked for before the first call, once, and kept", async () => {
  const { mizan, server } = world();
  server.answersSession = false;
  expect(server.fresh()).toBe("");
  const calls = [mizan.call(rename, args), mizan.call(rename, args)];
  await flush();
  expect(server.fresh()).toBe("GET session/");
  server.pending[0]!.answer(200, { csrfToken: "one" });
  await flush();
  expect(server.log.map(({ headers }) => headers["X-CSRFToken"])).toEqual(["one", "one"]);
  for (const pending of [...server.pending]) pending.answer(200, { result: "bob" });
  await Promise.all(calls);
  server.fresh();
  void mizan.call(rename, args);
  await flush();
  expect(server.fresh()).toBe(CALL);
});

test("the token is asked for again like a read, and the call waits", async () => {
  const { clock, mizan, server } = world();
  server.answersSession = false;
  void mizan.call(rename, args);
  server.pending[0]!.fail();
  await clock.advance(200);
  server.pending[0]!.answer(503, "");
  await clock.advance(400);
  server.pending[0]!.answer(200, { csrfToken: "late" });
  await flush();
  expect(server.fresh()).toBe("GET session/, GET session/, GET session/, POST call/");
});

for (const [answer, code, status] of [
  ["unreachable", "NETWORK_ERROR", 0],
  ["{}", "BAD_RESPONSE", 200],
  ['{"csrfToken":5}', "BAD_RESPONSE", 200],
] as const) {
  test(`without a session (${answer}) the call rejects with ${code}, and the next asks again`, async () => {
    const { clock, mizan, server } = world();
    server.answersSession = false;
    const calling = mizan.call(rename, args);
    calling.catch(() => {});
    if (answer === "unreachable") {
      for (const delay of [200, 400, 0]) {
        server.pending[0]!.fail();
        await clock.advance(delay);
      }
    } else server.pending[0]!.answer(200, answer);
    await expect(calling).rejects.toMatchObject({ code, status });
    server.fresh();
    void mizan.call(rename, args).catch(() => {});
    await flush();
    expect(server.fresh()).toBe("GET session/");
  });
}

test("a refused token is replaced and the call sent once more", async () => {
  const { mizan, server } = world();
  const calls = [mizan.call(rename, args), mizan.call(rename, args)];
  await flush();
  server.fresh();
  server.pending[1]!.answer(403, refusal);
  server.pending[0]!.answer(403, refusal);
  await flush();
  expect(server.log.map(({ headers }) => headers["X-CSRFToken"])).toEqual([undefined, "token-2", "token-2"]);
  for (const pending of [...server.pending]) pending.answer(200, { result: "bob" });
  expect(await Promise.all(calls)).toEqual(["bob", "bob"]);
});

test("refused twice, or forbidden for another reason, is final", async () => {
  const { mizan, server } = world();
  const twice = mizan.call(rename, args);
  await flush();
  server.pending[0]!.answer(403, refusal);
  await flush();
  server.pending[0]!.answer(403, refusal);
  await expect(twice).rejects.toMatchObject({ code: "FORBIDDEN", status: 403 });
  server.fresh();
  const other = mizan.call(rename, args);
  await flush();
  server.pending[0]!.answer(403, { error: { code: "FORBIDDEN", message: "not yours" } });
  await expect(other).rejects.toMatchObject({ message: "not yours" });
  expect(server.fresh()).toBe(CALL);
});

test("the default transport is fetch, to the same origin, below baseUrl", async () => {
  const seen: unknown[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    seen.push(request);
    return new Response('{"csrfToken":"t","result":1}');
  };
  try {
    await createMizan({ baseUrl: "/elsewhere" }).call(rename, args);
  } finally {
    globalThis.fetch = original;
  }
  expect(seen).toMatchObject([
    [
      "/elsewhere/session/",
      { method: "GET", credentials: "same-origin", headers: { Accept: "application/json" } },
    ],
    [
      "/elsewhere/call/",
      {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": "t" },
      },
    ],
  ]);
});

// @vitest-environment happy-dom
/** Messages between tabs: any script of the origin can post to the channel, and only what a tab sends has an effect. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { flush, look, user, world } from "./harness.js";

/** The channel of the one instance of a test; `hear` hands it a message as the browser would. */
class Channel {
  static hear: (message: unknown) => void;
  onmessage?: (event: { data: unknown }) => void;
  constructor() {
    Channel.hear = (message) => this.onmessage?.({ data: structuredClone(message) });
  }
  postMessage() {}
  close() {}
}

/** A tab that shows user 5. It answers with what it has sent and shows after a message. */
async function tab() {
  const Original = BroadcastChannel;
  globalThis.BroadcastChannel = Channel as never;
  look(true);
  const { clock, mizan, server } = world();
  const entry = mizan.entry(user, { user_id: 5 });
  entry.subscribe(() => {});
  globalThis.BroadcastChannel = Original;
  await flush();
  server.pending[0]!.answer(200, { profile: "ann", orders: [] });
  await flush();
  server.fresh();
  const { hear } = Channel;
  return async (message: unknown) => {
    const before = entry.snapshot();
    hear(message);
    await clock.advance(50);
    const isSame = entry.snapshot() === before;
    const sent = server.fresh();
    for (const { answer } of [...server.pending]) answer(200, { profile: "ann", orders: [] });
    await flush();
    return isSame && sent === "" ? "nothing" : sent;
  };
}

/** The message of a tab. */
const told = (target: object) => JSON.stringify({ session: "s", targets: [target] });

const cyclic: unknown[] = [];
cyclic.push(cyclic);
const KEYS = "context params targets session user_id __proto__ constructor toString length".split(" ");

/** Any JSON, with names that mean something in places where others are expected. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, 0, true, "", "user", "session", "5", "[object Object]"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 4 }),
  ),
})).value;
/** What is not text at all. */
const other = fc.oneof(
  fc.constantFrom<unknown>(undefined, Number.NaN, 5n, cyclic, new Date(0), /user/, new Error("user")),
  fc.constantFrom<unknown>(new Uint8Array(2), Array(2), new Map([["context", "user"]]), new Set(["user"])),
  json.filter((value) => typeof value !== "string"),
);

const TARGET = { context: "user", params: { user_id: 5 } };
const isObject = (value: unknown) => Object(value) === value && !Array.isArray(value);
/** What is not in its place; the rest of the message is as a tab sends it. */
const wrongTarget = fc.oneof(
  json.filter((value) => !isObject(value)),
  json.filter((value) => typeof value !== "string").map((context) => ({ ...TARGET, context })),
  json.filter((value) => !isObject(value)).map((params) => ({ ...TARGET, params })),
  fc.constant({ context: "user" }),
  fc.constant({ params: {} }),
);
const wrongMessage = fc.oneof(
  json.filter((value) => !isObject(value)),
  json.filter((value) => !Array.isArray(value)).map((targets) => ({ session: "s", targets })),
  json.filter((value) => typeof value !== "string").map((session) => ({ session, targets: [TARGET] })),
  fc.constant({ targets: [TARGET] }),
  fc.tuple(wrongTarget, fc.boolean()).map(([wrong, isFirst]) => ({
    session: "s",
    targets: isFirst ? [wrong, TARGET] : [TARGET, wrong],
  })),
);
const cut = fc.nat(told(TARGET).length - 1).map((length) => told(TARGET).slice(0, length));
const malformed = fc.oneof(
  wrongMessage.map((message) => JSON.stringify(message)),
  other,
  cut,
  fc.string().filter((text) => text !== "session"),
  fc.constant({ session: "s", targets: [TARGET] }),
);

test("a malformed message neither throws nor marks anything", async () => {
  const send = await tab();
  await fc.assert(
    fc.asyncProperty(malformed, async (message) => {
      expect(await send(message)).toBe("nothing");
    }),
    { numRuns: 5000 },
  );
  expect(await send(told(TARGET))).toBe("GET ctx/user/?user_id=5");
});

/** Parameters as no tab sends them, which the covering rule reads like any others. */
test("hostile parameters of a target never throw", async () => {
  const send = await tab();
  const params = fc.dictionary(fc.constantFrom(...KEYS), json, { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(params, async (params) => {
      expect(await send(told({ context: "user", params }))).toBeOneOf(["nothing", "GET ctx/user/?user_id=5"]);
    }),
    { numRuns: 2000 },
  );
});

test.each<[string, object, string]>([
  ["its own parameters", TARGET, "GET ctx/user/?user_id=5"],
  ["a context alone", { context: "user", params: {} }, "GET ctx/user/?user_id=5"],
  ["other parameters too", { context: "user", params: { user_id: 5, a: ["x"] } }, "GET ctx/user/?user_id=5"],
  ["fields of a later version", { ...TARGET, later: [null] }, "GET ctx/user/?user_id=5"],
  ["another entry", { context: "user", params: { user_id: 6 } }, "nothing"],
])("a message with %s", async (_, target, wanted) => {
  expect(await (await tab())(told(target))).toBe(wanted);
});

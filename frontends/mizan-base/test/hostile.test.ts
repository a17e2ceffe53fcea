/** Names that mean something to JavaScript mean nothing here: `Object.prototype` stays as it was. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineContext, MizanError } from "../src/index.js";
import { flush, rename, world } from "./harness.js";

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "a"];
const name = fc.constantFrom(...NAMES);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 1, "x", true),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
/** As text, so that `__proto__` arrives as the own property that `JSON.parse` makes of it. */
const object = fc
  .array(fc.tuple(name, json), { maxLength: 4 })
  .map(
    (pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
  );

const shape = (prototype: object) => JSON.stringify(Object.getOwnPropertyNames(prototype).sort());

test("no response, parameter or merge reaches a prototype", async () => {
  const before = [Object.prototype, Array.prototype, Function.prototype].map(shape);
  await fc.assert(
    fc.asyncProperty(object, object, name, name, async (bundle, params, slot, key) => {
      const { mizan, server } = world();
      const context = defineContext<object, object>({
        name: "hostile",
        params: [...NAMES].sort(),
        functions: NAMES,
      });
      const entry = mizan.entry(context, JSON.parse(params));
      entry.subscribe(() => {});
      await flush();
      server.pending[0]!.answer(200, bundle);
      const calling = mizan.call(rename, { user_id: 5, name: "bob" }).catch((error: unknown) => error);
      await flush();
      const merge = `[{"context":"hostile","slot":"${slot}","params":${params},"value":${bundle},"mode":"upsert","key":"${key}"}]`;
      const invalidate = `[{"context":"hostile","params":${bundle},"function":"${slot}"},"${slot}"]`;
      server.pending[0]!.answer(200, `{"result":1,"merge":${merge},"invalidate":${invalidate}}`);
      expect(await calling).toBe(1);
      for (const pending of [...server.pending]) pending.answer(200, bundle);
      await flush();
      const { data } = entry.snapshot();
      if (data) expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
      void new MizanError(422, { details: { fields: JSON.parse(bundle) } });
      expect(({} as { a?: unknown }).a).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
  expect([Object.prototype, Array.prototype, Function.prototype].map(shape)).toEqual(before);
});

test("what a prototype has is no parameter, and no field", () => {
  const { mizan } = world();
  const context = defineContext<object, object>({
    name: "hostile",
    params: ["constructor", "toString"],
    functions: [],
  });
  expect(mizan.entry(context, {}).key).toBe("ctx/hostile/");
  const { fields } = new MizanError(422, { details: JSON.parse('{"fields":{"__proto__":["bad"]}}') });
  expect(Object.getPrototypeOf(fields)).toBeNull();
  // biome-ignore lint/suspicious/noProto: an own field of that name is what is tested
  expect(fields.__proto__).toEqual(["bad"]);
  expect(fields.constructor).toBeUndefined();
});

/** What did not change stays the same object, and the value is the new one whatever was held. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { keep } from "../src/keep.js";

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, undefined, 0, 1, "x", true, 10n),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("__proto__", "toString", "length", "0", "1", "a"), tie("value"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value;

/** A copy that shares no object. */
const copy = <T>(value: T): T => structuredClone(value);

/** Every place of `kept` that is equal to its place in `held` is the object that is held. */
function shared(held: any, kept: any): void {
  if (Object(kept) !== kept || Object(held) !== held) return;
  let equal = true;
  try {
    expect(kept).toStrictEqual(held);
  } catch {
    equal = false;
  }
  if (equal) expect(kept).toBe(held);
  else if (Array.isArray(held) === Array.isArray(kept))
    for (const name of Object.keys(kept)) if (Object.hasOwn(held, name)) shared(held[name], kept[name]);
}

test("the result is equal to the new value, and shares with the held one all that is equal", () =>
  fc.assert(
    fc.property(json, json, (held, next) => {
      const before = copy(held);
      const kept = keep(held, next);
      expect(kept).toStrictEqual(copy(next));
      shared(held, kept);
      expect(keep(held, copy(held))).toBe(held);
      expect(held).toStrictEqual(before);
    }),
    { numRuns: 5000 },
  ));

for (const [what, make] of [
  ["a date", (n: number) => new Date(n)],
  ["a map", (n: number) => new Map([[1, n]])],
  ["an object without prototype", (n: number) => Object.assign(Object.create(null), { n })],
] as const) {
  test(`what a decoder made is taken as it is: ${what}`, () => {
    const next = { at: make(2), rest: [1] };
    const held = { at: make(1), rest: [1] };
    const kept = keep(held, next);
    expect(kept.at).toBe(next.at);
    expect(kept.rest).toBe(held.rest);
  });
}

test("a name that is not held is none that holds nothing", () => {
  const next = { b: undefined };
  expect(keep({ a: 1 }, next)).toStrictEqual(next);
});

/** The covering rule for elements, on the vectors of the header. */
import { expect, test } from "vitest";
import vectors from "../../../protocol/conformance/vectors/invalidate_header.json" with { type: "json" };
import { covers } from "../src/stale.js";

interface Vector {
  readonly id: string;
  readonly header: string;
  readonly invalidate: readonly (string | { context: string; params?: Record<string, [string, string]> })[];
  readonly judgement?: string;
}
const cases = vectors.cases as unknown as Vector[];
const encoded = (text: string) => encodeURIComponent(text);

let ran = 0;
for (const { id, header, invalidate, judgement } of cases) {
  // A judgement replaces what the vector writes: no server sends that.
  if (judgement) continue;
  ran++;
  test(`${id}: ${header.slice(0, 60)} covers what it names and nothing else`, () => {
    for (const target of invalidate) {
      const { context, params = {} } = typeof target === "string" ? { context: target } : target;
      const pairs = Object.entries(params).map(([name, [, text]]) => [encoded(name), encoded(text)]);
      const shown = (change: (text: string) => string) =>
        [encoded(context), ...pairs.map(([name, text = ""]) => `${name}=${change(text)}`)].join(";");
      expect(
        covers(
          header,
          shown((text) => text),
        ),
      ).toBe(true);
      // A parameter that the element does not name is absent, and every target covers it.
      expect(covers(header, encoded(context))).toBe(true);
      expect(covers(header, `${shown((text) => text)};other=1`)).toBe(true);
      if (pairs.length)
        expect(
          covers(
            header,
            shown((text) => `${text}x`),
          ),
        ).toBe(false);
      expect(covers(header, `x${shown((text) => text)}`)).toBe(false);
    }
  });
}

test("the vectors ran", () => expect(ran).toBe(22));

for (const [header, shown, expected] of [
  ["stall;stall_id=1", "stall;stall_id=1", true],
  ["stall;stall_id=1", "stall;stall_id=2", false],
  ["stall;stall_id=1", "stall;stall_id=01", false],
  ["stall;stall_id=1", "stall", true],
  ["stall", "stall;stall_id=2", true],
  ["stall;stall_id=1", "stall;user_id=1", true],
  ["card;user_id=2;stall_id=1", "card;stall_id=1;user_id=2", true],
  ["card;user_id=2", "card;stall_id=1;user_id=3", false],
  ["stall;stall_id=1, profile;user_id=7", "profile;user_id=7", true],
  ["stall;stall_id=1,profile", "basket , profile;user_id=7", true],
  ["stall;stall_id=1", "basket, stall;stall_id=2", false],
  ["stall;name=a%2Cb%3Bc%3Dd", "stall;name=a%2Cb%3Bc%3Dd", true],
  ["stall;name=", "stall;name=x", false],
  ["stall;name=", "stall;name=", true],
  ["stall;constructor=1", "stall", true],
  ["stall;__proto__=1", "stall;__proto__=2", false],
  ["stall;name=%zz", "stall;name=x", true],
  ["stall;name=x", "stall;name=%zz", true],
  ["%zz;name=x", "stall", false],
  ["", "stall", false],
] as const) {
  test(`${JSON.stringify(header)} ${expected ? "covers" : "does not cover"} ${shown}`, () => {
    expect(covers(header, shown)).toBe(expected);
  });
}

/** Which entries a target covers: examples, and the rule by brute force. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineContext, type Target } from "../src/index.js";
import { path, text } from "../src/keys.js";
import { flush, world } from "./harness.js";

type Params = Record<string, unknown>;

const page = defineContext<Params, object>({
  name: "page",
  params: ["id", "kind", "labels", "tags"],
  sets: ["labels"],
  functions: ["body"],
});
const shop = defineContext<Params, object>({ name: "shop", params: ["id"], functions: ["body"] });

/** Keys of those of `entries` (of the context page) that `target` makes stale. */
async function covered(entries: readonly Params[], target: Target): Promise<string[]> {
  const { mizan, server } = world();
  const mounted = [...entries.map((params) => mizan.entry(page, params)), mizan.entry(shop, { id: 1 })];
  for (const entry of mounted) entry.subscribe(() => {});
  await flush();
  for (const pending of [...server.pending]) pending.answer(200, { body: 1 });
  await flush();
  mizan.invalidate([target]);
  return mounted.filter((entry) => entry.snapshot().isStale).map(({ key }) => key.replace("ctx/", ""));
}

for (const [target, expected] of [
  ["page", "page/?id=1&kind=a page/?id=2&tags=x&tags=y page/"],
  [{ context: "page" }, "page/?id=1&kind=a page/?id=2&tags=x&tags=y page/"],
  [{ context: "page", params: { id: "1" } }, "page/?id=1&kind=a page/"],
  [{ context: "page", params: { id: 1, kind: "b" } }, "page/"],
  [{ context: "page", params: { id: null } }, "page/"],
  [{ context: "page", params: { id: undefined } }, "page/?id=1&kind=a page/?id=2&tags=x&tags=y page/"],
  [{ context: "page", params: { kind: "b" } }, "page/?id=2&tags=x&tags=y page/"],
  [{ context: "page", params: { tags: ["x", "y"] } }, "page/?id=1&kind=a page/?id=2&tags=x&tags=y page/"],
  [{ context: "page", params: { tags: ["y", "x"] } }, "page/?id=1&kind=a page/"],
  [{ context: "page", params: { labels: [2, 10, 2] } }, "page/?id=1&kind=a page/?id=2&tags=x&tags=y page/"],
  [{ context: "page", params: { unknown: 7, id: 2 } }, "page/?id=2&tags=x&tags=y page/"],
  [{ context: "page", params: { unknown: 7 } }, "page/?id=1&kind=a page/?id=2&tags=x&tags=y page/"],
  [{ context: "shop", params: { id: 1 } }, "shop/?id=1"],
  ["nowhere", ""],
  ["__proto__", ""],
] as const) {
  test(`${JSON.stringify(target)} covers ${expected || "nothing"}`, async () => {
    const entries = [{ id: 1, kind: "a" }, { id: 2n, tags: ["x", "y"] }, { kind: null }];
    expect((await covered(entries, target)).join(" ")).toBe(expected);
  });
}

test("a set is covered whatever the order of its elements, and an empty list is not an absent one", async () => {
  const entries = [{ labels: [10, 2] }, { labels: [2] }, { labels: [] }, { tags: [] }, { tags: ["x"] }];
  const cover = (params: Params) => covered(entries, { context: "page", params });
  const tags = ["page/?tags%5B%5D=", "page/?tags=x"];
  expect(await cover({ labels: [2, 10, 2] })).toEqual(["page/?labels=10&labels=2", ...tags]);
  expect(await cover({ labels: [] })).toEqual(["page/?labels%5B%5D=", ...tags]);
  const labels = ["page/?labels=10&labels=2", "page/?labels=2", "page/?labels%5B%5D="];
  expect(await cover({ tags: [] })).toEqual([...labels, "page/?tags%5B%5D="]);
});

const scalar = fc.constantFrom<unknown>(
  undefined,
  null,
  "",
  "1",
  1,
  1n,
  true,
  "true",
  "null",
  "undefined",
  "a b&c=d",
  "é",
);
const params = fc.record(
  { id: scalar, kind: scalar, tags: fc.oneof(scalar, fc.array(fc.constantFrom("x", 5), { maxLength: 2 })) },
  { requiredKeys: [] },
);

test("the covering rule, against brute force", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(params, { maxLength: 6 }),
      fc.record(
        {
          id: scalar,
          kind: scalar,
          tags: fc.array(fc.constantFrom("x", 5), { maxLength: 2 }),
          unknown: scalar,
        },
        { requiredKeys: [] },
      ),
      async (entries, target) => {
        // The rule of the contract, word by word.
        const rule = (entry: Params) =>
          Object.entries(target).every(
            ([name, value]) =>
              value === undefined ||
              text(entry[name]) === undefined ||
              text(entry[name]) === text(value) ||
              !page.params.includes(name),
          );
        const expected = entries.filter(rule).map((entry) => path(page, entry).replace("ctx/", ""));
        expect(new Set(await covered(entries, { context: "page", params: target }))).toEqual(
          new Set(expected),
        );
      },
    ),
    { numRuns: 1000 },
  ));

for (const [value, expected] of [
  [null, undefined],
  [undefined, undefined],
  [[], "[]"],
  [[null], "[]"],
  ["\ud800a", "\ufffda"],
  ["", ""],
  [5, "5"],
  [-0, "0"],
  [1.5, "1.5"],
  [9007199254740993n, "9007199254740993"],
  [false, "false"],
  [["a", 5, true], '["a","5","true"]'],
] as const) {
  test(`the text of ${typeof value === "bigint" ? value : JSON.stringify(value)} is ${expected}`, () => {
    expect(text(value)).toBe(expected);
  });
}

for (const [given, expected] of [
  [{}, "ctx/page/"],
  [{ tags: ["y", "x"], id: 5, kind: undefined }, "ctx/page/?id=5&tags=y&tags=x"],
  [{ tags: [], id: null }, "ctx/page/?tags%5B%5D="],
  [{ labels: [], tags: undefined }, "ctx/page/?labels%5B%5D="],
  [
    { labels: [3, 20, 3, "\u{10000}", "\uff5e"] },
    "ctx/page/?labels=20&labels=3&labels=%EF%BD%9E&labels=%F0%90%80%80",
  ],
  [{ kind: "a b+c&d=é/?#%" }, "ctx/page/?kind=a%20b%2Bc%26d%3D%C3%A9%2F%3F%23%25"],
  [{ kind: "" }, "ctx/page/?kind="],
  [{ kind: "\ud800" }, "ctx/page/?kind=%EF%BF%BD"],
  [{ id: 5, surplus: 1 }, "ctx/page/?id=5"],
] as const) {
  test(`the path of ${JSON.stringify(given)} is ${expected}`, () => {
    expect(path(page, given)).toBe(expected);
  });
}

test("the key ignores the order and the identity of the parameters", () =>
  fc.assert(
    fc.property(params, (given) => {
      const turned = Object.fromEntries(Object.entries(given).reverse());
      expect(path(page, turned)).toBe(path(page, given));
    }),
  ));

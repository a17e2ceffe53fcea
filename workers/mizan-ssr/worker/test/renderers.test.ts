/** What each framework makes of a page: content, head, and what was missing. */
import { afterAll, describe, expect, test } from "vitest";
import { PAGES, shown, STALL } from "./data.js";
import { RUNTIMES } from "./runtimes.js";
import { start } from "./worker.js";

const PROPS = { stall_id: 1, note: "</main> & more" };
const CART = { context: "cart", params: {} };

const count = (text: unknown, what: RegExp) => String(text).match(what)?.length ?? 0;

describe.each(RUNTIMES)("%s", (_, program) => {
  const worker = start(program);
  afterAll(() => worker.process.kill("SIGKILL"));

  describe.each(PAGES)("%s", (page) => {
    test("it shows the data that it is given, and reports what it lacks", async () => {
      const { html, missed } = await worker.render(page, PROPS, [STALL]);
      expect(shown(html)).toMatch(
        /^Saffron &amp; &lt;Sons(&gt;|>) &lt;\/main(&gt;|>) &amp; more pen ink loading 0$/,
      );
      expect(missed).toEqual([CART]);
    });

    test("title and metas are in the head alone", async () => {
      const { html, head } = await worker.render(page, PROPS, [STALL]);
      expect([count(head, /<title>/g), count(head, /<meta name="description"/g)]).toEqual([1, 1]);
      expect(head).toMatch(/<title>Stall Saffron &amp; &lt;Sons(&gt;|>)<\/title>/);
      expect(count(html, /<title|<meta/g)).toBe(0);
    });

    test("without data it shows that it is loading, and reports all entries", async () => {
      const { html, head, missed } = await worker.render(page, PROPS);
      expect(shown(html)).toMatch(/^loading .* loading 0$/);
      expect(head).not.toContain("<title>");
      expect(missed).toEqual([{ context: "stall", params: { stall_id: 1 } }, CART]);
    });

    test("data of other parameters is not shown; with all data nothing is reported", async () => {
      const other = { ...STALL, params: { stall_id: 2 } };
      expect((await worker.render(page, PROPS, [other])).missed).toHaveLength(2);
      const all = await worker.render(page, PROPS, [other, STALL, { ...CART, data: { cart: 7 } }]);
      expect(shown(all.html)).toMatch(/pen ink 7 0$/);
      expect(all).not.toHaveProperty("missed");
    });
  });

  test("a part that waits for data shows its fallback", async () => {
    const { html, head, missed } = await worker.render("Waiting");
    expect([shown(html), head, missed]).toEqual(["Cart waiting", undefined, [CART]]);
  });
});

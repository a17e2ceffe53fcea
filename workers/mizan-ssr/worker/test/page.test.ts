// @vitest-environment happy-dom
/** A page in the browser, before any framework has a part in it. */
import { createMizan, defineCall, defineContext } from "@mizan/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Opened, openPage, type PageOptions } from "../src/page/open.js";

const user = defineContext<{ id: number }, { name: string }>({
  name: "user",
  params: ["id"],
  functions: ["name"],
});
const rename = defineCall<object, null>({ name: "rename", affects: [] });
const GIVEN = [1, 2].map((id) => ({ context: "user", params: { id }, data: { name: `user ${id}` } }));

let requests: string[] = [];
const transport = {
  send({ url }: { url: string }) {
    requests.push(url);
    return new Promise<never>(() => {});
  },
};

/** Writes a document as a server does. */
function write(data: unknown, html = ""): void {
  document.body.innerHTML = `<div id="mizan-page">${html}</div>`;
  const script = document.createElement("script");
  script.type = "application/json";
  script.id = "mizan-page-data";
  script.textContent = JSON.stringify(data);
  document.body.append(script);
}

/** Opens the page with components that are what they are called, and returns what a framework gets. */
async function opened(components: object = { Page: { is: "page" } }, options: PageOptions = {}) {
  let page: Opened<object> | undefined;
  await openPage({ ...components } as Record<string, object>, options, (found) => {
    page = found;
    return () => {};
  });
  return page as Opened<object>;
}

const name = ({ mizan }: Opened<object>, id: number) => mizan.entry(user, { id }).snapshot().data?.name;

beforeEach(() => {
  requests = [];
  write({ component: "Page", props: { a: 1 }, data: GIVEN });
});
afterEach(() => document.body.replaceChildren());

test("a framework gets the component with its props", async () => {
  expect(await opened()).toMatchObject({ component: { is: "page" }, props: { a: 1 }, isRendered: false });
});

test("a component is shown at once, and one that is loaded after that", async () => {
  let isShown = false;
  const show = () => {
    isShown = true;
    return () => {};
  };
  void openPage({ Page: {} }, {}, show);
  expect(isShown).toBe(true);
  expect((await opened({ Page: { load: async () => ({ default: { is: "loaded" } }) } })).component).toEqual({
    is: "loaded",
  });
});

test.each<[name: string, html: string, isRendered: boolean]>([
  ["nothing", "", false],
  ["white space", " \n ", false],
  ["text", "x", true],
  ["an element", "\n<p></p>", true],
  ["a comment, as frameworks write for nothing", "<!---->", true],
])("whether it is rendered: %s", async (_, html, isRendered) => {
  write({ component: "Page" }, html);
  expect((await opened()).isRendered).toBe(isRendered);
});

test.each([["Hall"], ["__proto__"], ["constructor"], [""]])(
  "a component that is not known is an error: %s",
  async (name) => {
    write({ component: name });
    await expect(opened()).rejects.toThrow(
      `mountPage: unknown component "${name}"; add it to the components (Page)`,
    );
  },
);

test("a document without the element or the data is an error", async () => {
  document.getElementById("mizan-page")?.remove();
  await expect(opened()).rejects.toThrow('mountPage: no element with the id "mizan-page" in this document');
  document.body.replaceChildren();
  await expect(opened({}, { element: document.body })).rejects.toThrow('"mizan-page-data"');
});

test("the data is there for what asks for it, without a request", async () => {
  const page = await opened(undefined, { mizan: createMizan({ transport }) });
  page.mizan.entry(user, { id: 1 }).subscribe(() => {});
  await Promise.resolve();
  expect([name(page, 1), name(page, 2), name(page, 3), requests]).toEqual([
    "user 1",
    "user 2",
    undefined,
    [],
  ]);
});

test.each<[name: string, change: (page: Opened<object>) => unknown]>([
  ["a call", ({ mizan }) => void mizan.call(rename, {})],
  ["an invalidation", ({ mizan }) => mizan.invalidate(["other"])],
  ["a second", () => new Promise((resolve) => setTimeout(resolve, 1_050))],
])("what no one has asked for is dropped by %s", async (_, change) => {
  const mizan = createMizan({ transport });
  const own = { ...mizan };
  const page = await opened(undefined, { mizan });
  await change(page);
  expect([name(page, 1), { ...mizan }]).toEqual([undefined, own]);
});

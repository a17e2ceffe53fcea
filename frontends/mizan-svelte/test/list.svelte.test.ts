// @vitest-environment happy-dom
/** The function that reads lists: pages, what is pending, failures, and what does not render again. */
import { defineList, type Page } from "@mizan/base";
import { expect, test } from "vitest";
import { useList, type ListState } from "../src/index.js";
import { rename, settle, world, type Setup } from "./harness.svelte.js";

interface Row {
  id: number;
}

const rows = defineList<{ list_id: number }, { rows: Page<Row> }>({
  name: "rows",
  params: ["list_id"],
  functions: ["rows"],
  key: "id",
});

const page = (ids: number[], next: string | null) => ({ rows: { items: ids.map((id) => ({ id })), next } });
const FIRST = "GET ctx/rows/?list_id=1";

/** A page with a list, and the number of its renders. */
function listed() {
  let id = $state(1);
  let skip = $state(false);
  const it = { list: undefined as unknown as ListState<Row>, renders: 0 };
  const setup: Setup = () => {
    it.list = useList(
      rows,
      () => (id ? { list_id: id } : undefined),
      () => ({ skip }),
    );
    return () => {
      it.renders++;
      const { items, more, pending, error, status } = it.list;
      return [status, items.map((item) => item.id).join(), more && "more", pending && "…", error?.code]
        .filter(Boolean)
        .join(" ");
    };
  };
  const go = async (next: number, skips = false) => {
    id = next;
    skip = skips;
    await settle();
  };
  return { setup, go, it };
}

test("the first page, then more, to the end", async () => {
  const { answer, fresh, mount } = world();
  const { setup, it } = listed();
  const shown = await mount(setup);
  expect([shown.text(), fresh()]).toEqual(["loading …", FIRST]);
  await answer(page([1, 2], "c2"));
  expect(shown.text()).toBe("success 1,2 more");
  const loading = it.list.loadMore();
  await settle();
  expect([shown.text(), fresh()]).toEqual(["success 1,2 more …", `${FIRST}&after=c2`]);
  await answer(page([3], null));
  await loading;
  expect(shown.text()).toBe("success 1,2,3");
});

test("a mutation reads what is shown by one request, and nothing is pending meanwhile", async () => {
  const { answer, fresh, mizan, mount } = world();
  const { setup, it } = listed();
  const shown = await mount(setup);
  await answer(page([1, 2], "c2"));
  fresh();
  const before = it.renders;
  const calling = mizan.call(rename, { user_id: 5, name: "bob" });
  await settle();
  await answer({ result: "bob", invalidate: ["rows"] });
  await calling;
  expect([shown.text(), fresh()]).toEqual(["success 1,2 more", `POST call/, ${FIRST}&limit=500&until=c2`]);
  expect(it.renders).toBe(before);
  await answer(page([9, 1, 2], "c2"));
  expect(shown.text()).toBe("success 9,1,2 more");
});

test("a failure is shown next to what is there, and loadMore tries again", async () => {
  const { answer, mount } = world();
  const { setup, it } = listed();
  const shown = await mount(setup);
  await answer(page([1], "c1"));
  void it.list.loadMore();
  await settle();
  await answer({ error: { code: "BAD_REQUEST", message: "no" } }, 400);
  expect(shown.text()).toBe("error 1 more BAD_REQUEST");
  void it.list.loadMore();
  await settle();
  await answer(page([2], null));
  expect(shown.text()).toBe("success 1,2");
});

test("a first page that fails is read again by loadMore and by refetch", async () => {
  const { answer, fresh, mount } = world();
  const { setup, it } = listed();
  const shown = await mount(setup);
  for (const again of ["loadMore", "refetch"] as const) {
    await answer({ error: { code: "BAD_REQUEST", message: "no" } }, 400);
    expect(shown.text()).toBe("error BAD_REQUEST");
    void it.list[again]();
    await settle();
    expect(shown.text()).toBe("loading …");
  }
  await answer(page([1], null));
  expect([shown.text(), fresh()]).toEqual(["success 1", [FIRST, FIRST, FIRST].join(", ")]);
});

test("a component whose list has not changed is not rendered again", async () => {
  const { answer, mizan, mount } = world();
  const { setup, it } = listed();
  await mount(setup);
  await answer(page([1], null));
  const before = it.renders;
  mizan.invalidate(["rows"]);
  await settle();
  await answer(page([1], null));
  expect(it.renders).toBe(before);
});

test("other parameters are another list; without parameters and with skip nothing is read", async () => {
  const { answer, fresh, mount } = world();
  const { setup, go, it } = listed();
  await go(0);
  const shown = await mount(setup);
  expect(shown.text()).toBe("idle");
  await it.list.loadMore();
  await go(1, true);
  expect([shown.text(), fresh()]).toEqual(["idle", ""]);
  await go(1);
  await answer(page([1], "c1"));
  await go(2);
  expect([shown.text(), fresh()]).toEqual(["loading …", `${FIRST}, GET ctx/rows/?list_id=2`]);
});

// @vitest-environment happy-dom
/** The composable of lists: pages, what is pending, failures, and what does not render again. */
import { defineList, type Page } from "@mizan/base";
import { defineComponent, h, ref } from "vue";
import { expect, test } from "vitest";
import { useList, type ListState } from "../src/index.js";
import { rename, settle, world } from "./harness.js";

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
  const id = ref(1);
  const skip = ref(false);
  const it = { list: undefined as unknown as ListState<Row>, renders: 0 };
  const List = defineComponent(() => {
    it.list = useList(rows, () => (id.value ? { list_id: id.value } : undefined), { skip });
    const { items, more, pending, error, status } = it.list;
    return () => {
      it.renders++;
      const shown = [status.value, items.value.map((item) => item.id).join(), more.value && "more"];
      return [...shown, pending.value && "…", error.value?.code].filter(Boolean).join(" ");
    };
  });
  return { List, id, skip, it };
}

test("the first page, then more, to the end", async () => {
  const { answer, fresh, mount } = world();
  const { List, it } = listed();
  const shown = await mount(() => h(List));
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
  const { List, it } = listed();
  const shown = await mount(() => h(List));
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
  const { List, it } = listed();
  const shown = await mount(() => h(List));
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
  const { List, it } = listed();
  const shown = await mount(() => h(List));
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
  const { List, it } = listed();
  await mount(() => h(List));
  await answer(page([1], null));
  const before = it.renders;
  mizan.invalidate(["rows"]);
  await settle();
  await answer(page([1], null));
  expect(it.renders).toBe(before);
});

test("other parameters are another list; without parameters and with skip nothing is read", async () => {
  const { answer, fresh, mount } = world();
  const { List, id, skip, it } = listed();
  id.value = 0;
  const shown = await mount(() => h(List));
  expect(shown.text()).toBe("idle");
  await it.list.loadMore();
  [id.value, skip.value] = [1, true];
  await settle();
  expect([shown.text(), fresh()]).toEqual(["idle", ""]);
  skip.value = false;
  await settle();
  await answer(page([1], "c1"));
  id.value = 2;
  await settle();
  expect([shown.text(), fresh()]).toEqual(["loading …", `${FIRST}, GET ctx/rows/?list_id=2`]);
});

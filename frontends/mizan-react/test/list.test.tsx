// @vitest-environment happy-dom
/** The hook of lists: pages, what is pending, failures, and what does not render again. */
import { StrictMode } from "react";
import { expect, test } from "vitest";
import { defineList, type Page } from "@mizan/base";
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

let list: ListState<Row>;
let renders = 0;

function List({ id = 1, skip = false }: { id?: number | undefined; skip?: boolean }) {
  renders++;
  list = useList(rows, id ? { list_id: id } : undefined, { skip });
  const { items, more, pending, error, status } = list;
  return [status, items.map(({ id }) => id).join(), more && "more", pending && "…", error?.code]
    .filter(Boolean)
    .join(" ");
}

test("the first page, then more, to the end", async () => {
  const { answer, fresh, render } = world();
  const shown = await render(
    <StrictMode>
      <List />
    </StrictMode>,
  );
  expect([shown.text(), fresh()]).toEqual(["loading …", FIRST]);
  await answer(page([1, 2], "c2"));
  expect(shown.text()).toBe("success 1,2 more");
  const [loading] = await settle(() => list.loadMore());
  expect([shown.text(), fresh()]).toEqual(["success 1,2 more …", `${FIRST}&after=c2`]);
  await answer(page([3], null));
  await loading;
  expect(shown.text()).toBe("success 1,2,3");
});

test("a mutation reads what is shown by one request, and nothing is pending meanwhile", async () => {
  const { answer, fresh, mizan, render } = world();
  const shown = await render(<List />);
  await answer(page([1, 2], "c2"));
  fresh();
  const before = list;
  const [calling] = await settle(() => mizan.call(rename, { user_id: 5, name: "bob" }));
  await answer({ result: "bob", invalidate: ["rows"] });
  await calling;
  expect([shown.text(), fresh()]).toEqual(["success 1,2 more", `POST call/, ${FIRST}&limit=500&until=c2`]);
  expect(list).toBe(before);
  await answer(page([9, 1, 2], "c2"));
  expect(shown.text()).toBe("success 9,1,2 more");
});

test("a failure is shown next to what is there, and loadMore tries again", async () => {
  const { answer, render } = world();
  const shown = await render(<List />);
  await answer(page([1], "c1"));
  await settle(() => void list.loadMore());
  await answer({ error: { code: "BAD_REQUEST", message: "no" } }, 400);
  expect(shown.text()).toBe("error 1 more BAD_REQUEST");
  await settle(() => void list.loadMore());
  await answer(page([2], null));
  expect(shown.text()).toBe("success 1,2");
});

test("a first page that fails is read again by loadMore and by refetch", async () => {
  const { answer, fresh, render } = world();
  const shown = await render(<List />);
  for (const again of ["loadMore", "refetch"] as const) {
    await answer({ error: { code: "BAD_REQUEST", message: "no" } }, 400);
    expect(shown.text()).toBe("error BAD_REQUEST");
    await settle(() => void list[again]());
    expect(shown.text()).toBe("loading …");
  }
  await answer(page([1], null));
  expect([shown.text(), fresh()]).toEqual(["success 1", [FIRST, FIRST, FIRST].join(", ")]);
});

test("a component whose list has not changed is not rendered again, and its functions are stable", async () => {
  const { answer, mizan, render } = world();
  const shown = await render(<List />);
  await answer(page([1], null));
  const [before, { loadMore, refetch }] = [renders, list];
  await settle(() => mizan.invalidate(["rows"]));
  await answer(page([1], null));
  expect(renders).toBe(before);
  await shown.rerender(<List />);
  expect([list.loadMore, list.refetch]).toEqual([loadMore, refetch]);
});

test("other parameters are another list; without parameters and with skip nothing is read", async () => {
  const { answer, fresh, render } = world();
  const shown = await render(<List id={0} />);
  expect(shown.text()).toBe("idle");
  await list.loadMore();
  await shown.rerender(<List skip />);
  expect([shown.text(), fresh()]).toEqual(["idle", ""]);
  await shown.rerender(<List />);
  await answer(page([1], "c1"));
  await shown.rerender(<List id={2} />);
  expect([shown.text(), fresh()]).toEqual(["loading …", `${FIRST}, GET ctx/rows/?list_id=2`]);
});

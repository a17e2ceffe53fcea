/** Lists that grow: what users of other clients complain about, one test each. */
import { expect, test } from "vitest";
import { loadMore, signOut } from "../src/index.js";
import { flush } from "./harness.js";
import { change, cursor, listWorld, rows } from "./list-server.js";

/** A list of which `pages` pages of three rows are loaded. */
async function list(ats: readonly number[], pages = 1) {
  const it = listWorld(ats);
  const { mizan, server } = it;
  const entry = mizan.entry(rows, { list_id: 1 });
  /** Answers everything, and what follows from it. */
  const settle = async () => {
    for (let steps = 0; steps < 50; steps++) {
      await flush();
      server.answer();
    }
  };
  const unmount = entry.subscribe(() => {});
  await settle();
  for (let page = 1; page < pages; page++) {
    void loadMore(entry);
    await settle();
  }
  server.fresh();
  const ids = () => entry.snapshot().data?.rows.items.map(({ id }) => id);
  const more = () => entry.snapshot().data?.rows.next != null;
  return { ...it, entry, ids, more, settle, unmount };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => 10 * (at + 1));
const end = (id: number) => cursor({ id, at: 10 * (id + 1) });
const STALE = [{ context: "rows", params: { list_id: 1 } }];

test("the first page is asked for without cursors and limit, and more comes after it until the end", async () => {
  const { entry, ids, more, server, settle } = await list(numbers(7));
  expect([ids(), more()]).toEqual([[0, 1, 2], true]);
  void loadMore(entry);
  await settle();
  expect([ids(), more(), server.fresh()]).toEqual([[0, 1, 2, 3, 4, 5], true, [`after=${end(2)}`]]);
  void loadMore(entry);
  await settle();
  expect([ids(), more(), server.fresh()]).toEqual([[0, 1, 2, 3, 4, 5, 6], false, [`after=${end(5)}`]]);
  await loadMore(entry);
  expect(server.fresh()).toEqual([]);
});

test("a stale list is one request, however many pages are shown", async () => {
  const { ids, mizan, server, settle } = await list(numbers(20), 5);
  mizan.invalidate(STALE);
  await settle();
  expect([server.fresh(), ids()?.length]).toEqual([[`limit=500&until=${end(14)}`], 15]);
});

test("the row at a cursor may be deleted", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9), 2);
  server.rows = server.rows.filter(({ id }) => id !== 5 && id !== 2);
  mizan.invalidate(STALE);
  await settle();
  expect(ids()).toEqual([0, 1, 3, 4]);
  void loadMore(entry);
  await settle();
  expect(ids()).toEqual([0, 1, 3, 4, 6, 7, 8]);
});

test("no row falls off the end when one comes in at the top, and it is there once", async () => {
  const { ids, mizan, server, settle } = await list(numbers(9), 2);
  server.rows.push({ id: 50, at: 1 });
  mizan.invalidate(STALE);
  await settle();
  expect(ids()).toEqual([50, 0, 1, 2, 3, 4, 5]);
});

test("more that is asked for during a refresh waits for it, and starts at its end", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9), 2);
  server.rows.push({ id: 50, at: 1 });
  mizan.invalidate(STALE);
  await flush();
  const loading = loadMore(entry);
  await flush();
  expect([server.fresh(), entry.snapshot().isLoadingMore]).toEqual([[`limit=500&until=${end(5)}`], true]);
  await settle();
  await loading;
  expect([server.fresh(), ids()]).toEqual([[`after=${end(5)}`], [50, 0, 1, 2, 3, 4, 5, 6, 7, 8]]);
  expect(entry.snapshot().isLoadingMore).toBeUndefined();
});

test("an invalidation while more is loading reads the list first, and then more", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9));
  void loadMore(entry);
  await flush();
  server.rows = server.rows.filter(({ id }) => id !== 4);
  mizan.invalidate(STALE);
  await settle();
  expect(server.fresh()).toEqual([`after=${end(2)}`, `limit=500&until=${end(2)}`, `after=${end(2)}`]);
  expect(ids()).toEqual([0, 1, 2, 3, 5, 6]);
});

test("the first row of an empty list appears", async () => {
  const { ids, mizan, more, server, settle } = await list([]);
  expect([ids(), more()]).toEqual([[], false]);
  server.rows.push({ id: 7, at: 1 });
  mizan.invalidate(STALE);
  await settle();
  expect([ids(), more(), server.fresh()]).toEqual([[7], false, ["limit=500"]]);
});

test("a list that was read to its end gets new rows at its end", async () => {
  const { ids, mizan, more, server, settle } = await list(numbers(5), 2);
  server.rows.push({ id: 9, at: 1000 });
  mizan.invalidate(STALE);
  await settle();
  expect([ids(), more(), server.fresh()]).toEqual([[0, 1, 2, 3, 4, 9], false, ["limit=500"]]);
});

test("a window of more than 500 rows ends after 500, and its tail is loaded again", async () => {
  const { entry, ids, mizan, more, server, settle } = await list(numbers(9), 3);
  server.rows.push(...numbers(600).map((_, at) => ({ id: 1000 + at, at: 1 })));
  mizan.invalidate(STALE);
  await settle();
  expect([ids()?.length, ids()?.at(-1), more()]).toEqual([500, 1499, true]);
  void loadMore(entry);
  await settle();
  expect(ids()?.slice(499)).toEqual([1499, 1500, 1501, 1502]);
});

test("a row that moved down meanwhile is shown once, and the list is read again", async () => {
  const { entry, ids, server, settle } = await list(numbers(9), 2);
  const seen: boolean[] = [];
  entry.subscribe(() => seen.push(new Set(ids()).size === ids()?.length));
  server.rows = server.rows.map((row) => (row.id === 1 ? { id: 1, at: 65 } : row));
  void loadMore(entry);
  await settle();
  expect([ids(), seen.every(Boolean)]).toEqual([[0, 2, 3, 4, 5, 1, 6, 7], true]);
  expect(server.fresh()).toEqual([`after=${end(5)}`, `limit=500&until=${end(7)}`]);
});

test("a cursor that the server does not read any more starts the list again", async () => {
  for (const start of ["stale", "more"]) {
    const { entry, ids, mizan, server, settle } = await list(numbers(9), 2);
    server.failures.push(422);
    if (start === "stale") mizan.invalidate(STALE);
    else void loadMore(entry);
    await settle();
    expect([ids(), server.fresh().at(-1), entry.snapshot().status]).toEqual([[0, 1, 2], "", "success"]);
  }
});

test("a page that fails leaves what is shown, and can be asked for again", async () => {
  const { entry, ids, server, settle } = await list(numbers(9));
  server.failures.push(400);
  const loading = loadMore(entry);
  await settle();
  await loading;
  const { error, isLoadingMore } = entry.snapshot();
  expect([ids(), error?.code, isLoadingMore]).toEqual([[0, 1, 2], "E400", undefined]);
  void loadMore(entry);
  await settle();
  expect([ids(), entry.snapshot().error]).toEqual([[0, 1, 2, 3, 4, 5], undefined]);
});

test("a refresh that fails leaves what is shown, and more tries again from there", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9));
  server.rows.push({ id: 50, at: 1 });
  server.failures.push(400);
  mizan.invalidate(STALE);
  await settle();
  expect([ids(), entry.snapshot().error?.code]).toEqual([[0, 1, 2], "E400"]);
  void loadMore(entry);
  await settle();
  expect(ids()).toEqual([50, 0, 1, 2, 3, 4, 5]);
});

test("other parameters are another list, from its first page", async () => {
  const { mizan, server, settle } = await list(numbers(9), 3);
  const other = mizan.entry(rows, { list_id: 2 });
  other.subscribe(() => {});
  await settle();
  expect([server.fresh(), other.snapshot().data?.rows.items.length]).toEqual([[""], 3]);
});

test("who comes back to a list finds what was shown, and whether there is more", async () => {
  const { entry, ids, mizan, more, server, settle, unmount } = await list(numbers(5), 2);
  expect(more()).toBe(false);
  unmount();
  server.rows.push(...[20, 21, 22].map((id) => ({ id, at: 1000 + id })));
  mizan.invalidate(STALE);
  await settle();
  expect(server.fresh()).toEqual([]);
  entry.subscribe(() => {});
  await settle();
  expect([ids(), more(), server.fresh()]).toEqual([[0, 1, 2, 3, 4, 20, 21, 22], false, ["limit=500"]]);
});

test("a call sends the window that is shown, and brings it without a read", async () => {
  const { ids, mizan, more, server, settle } = await list(numbers(9), 2);
  server.work = () => server.rows.push({ id: 50, at: 1 });
  void mizan.call(change, {});
  await settle();
  expect(server.mounted.map(({ params }) => params)).toEqual([{ list_id: 1, limit: 500, until: end(5) }]);
  expect([ids(), more(), server.fresh()]).toEqual([[50, 0, 1, 2, 3, 4, 5], true, []]);
});

test("what a call brings for a window that has grown since is read instead", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9));
  void mizan.call(change, {});
  await flush();
  server.answer();
  await flush();
  void loadMore(entry);
  await flush();
  // The page first, then the call.
  server.answer(1);
  await flush();
  expect(ids()?.length).toBe(6);
  await settle();
  expect([ids()?.length, server.fresh()]).toEqual([6, [`after=${end(2)}`, `limit=500&until=${end(5)}`]]);
});

test("more that is loading when a call brings the list is asked for after it", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9));
  server.work = () => server.rows.push({ id: 50, at: 1 });
  void mizan.call(change, {});
  await flush();
  server.answer();
  await flush();
  void loadMore(entry);
  await flush();
  server.answer();
  await settle();
  expect(ids()).toEqual([50, 0, 1, 2, 3, 4, 5]);
});

test("signing out empties a list, and reads its first page", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9), 3);
  void loadMore(entry);
  void signOut(mizan);
  await flush();
  server.answer(0);
  await flush();
  server.answer(server.waiting.length - 1);
  await flush();
  expect([ids(), entry.snapshot().isLoadingMore]).toEqual([undefined, undefined]);
  await settle();
  expect([ids(), server.fresh().at(-1)]).toEqual([[0, 1, 2], ""]);
});

test("rows that have not changed stay the same objects, wherever they have moved", async () => {
  const { entry, mizan, server, settle } = await list(numbers(9), 2);
  const before = entry.snapshot().data!.rows.items;
  mizan.invalidate(STALE);
  await settle();
  expect(entry.snapshot().data!.rows.items).toBe(before);
  server.rows.push({ id: 50, at: 1 });
  mizan.invalidate(STALE);
  await settle();
  const after = entry.snapshot().data!.rows.items;
  expect(before.every((row, at) => row === after[at + 1])).toBe(true);
});

test("two lists that are stale are one request, each up to its own end", async () => {
  const { entry, ids, mizan, server, settle } = await list(numbers(9), 2);
  const other = mizan.entry(rows, { list_id: 2 });
  other.subscribe(() => {});
  await settle();
  server.fresh();
  mizan.invalidate(["rows"]);
  await settle();
  expect(server.fresh()).toEqual([
    `e=rows;list_id=1;limit=500;until=${end(5)} e=rows;list_id=2;limit=500;until=${end(2)}`,
  ]);
  expect([ids()?.length, other.snapshot().data?.rows.items.length]).toEqual([6, 3]);
  expect(entry.snapshot().isStale).toBe(false);
});

test("without parameters nothing is loaded", async () => {
  const { mizan, server } = await list(numbers(3));
  await loadMore(mizan.entry(rows, undefined));
  expect(server.fresh()).toEqual([]);
});

/**
 * Random lists under random changes, reads in any order: at no time is a row there twice, and once everything has
 * arrived a list holds exactly the server's rows of its window. `MIZAN_LISTS` sets how many lists.
 */
import { expect, test } from "vitest";
import { loadMore } from "../src/index.js";
import { flush } from "./harness.js";
import { change, cursor, listWorld, rows } from "./list-server.js";

const LISTS = Number(process.env.MIZAN_LISTS ?? 200);

/** A generator of numbers below a bound, the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

async function play(seed: number): Promise<void> {
  const below = random(seed);
  const { mizan, server } = listWorld(Array.from({ length: below(14) }, () => below(40)));
  const entry = mizan.entry(rows, { list_id: 1 });
  const say = (text: string) => `list ${seed}: ${text}`;
  const items = () => entry.snapshot().data?.rows.items ?? [];
  const check = () => {
    const ids = items().map(({ id }) => id);
    if (new Set(ids).size < ids.length) throw new Error(say(`a row is there twice: ${ids}`));
  };
  let unmount = entry.subscribe(check);
  let nextId = 100;
  /** One change of a row, or none. */
  const mutate = () => {
    const { rows } = server;
    const at = below(rows.length + 1);
    const row = rows[at];
    if (!row || below(3) === 0) rows.push({ id: nextId++, at: below(40) });
    else if (below(2)) rows.splice(at, 1);
    else rows[at] = { id: row.id, at: below(40) };
  };
  server.work = mutate;
  for (let step = 0; step < 30; step++) {
    server.readsEarly = below(2) === 0;
    server.refreshes = below(2) === 0;
    const what = below(10);
    if (what < 2) void mizan.call(change, {}).catch(() => {});
    else if (what === 2) {
      mutate();
      // Another client has done it, and this one hears of it later.
      if (below(2)) mizan.invalidate(["rows"]);
    } else if (what === 3) mizan.invalidate(["rows"]);
    else if (what < 6) void loadMore(entry);
    else if (what === 6) {
      unmount();
      unmount = entry.subscribe(check);
    } else server.answer(below(Math.max(1, server.waiting.length)));
    if (below(3)) await flush();
    check();
  }
  mizan.invalidate(["rows"]);
  do {
    await flush();
    server.answer();
    await flush();
  } while (server.waiting.length);
  const { data, isFetching, isLoadingMore } = entry.snapshot();
  const end = data?.rows.next;
  const expected = server.sorted().filter((row) => !end || cursor(row) <= end);
  expect([items(), isFetching, isLoadingMore], say("after all")).toEqual([expected, false, undefined]);
}

test(`${LISTS} lists hold no row twice, and in the end the rows of the server`, async () => {
  for (let seed = 1; seed <= LISTS; seed++) await play(seed);
}, 3_600_000);

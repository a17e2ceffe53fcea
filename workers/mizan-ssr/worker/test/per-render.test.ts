/** Values that renders do not share. */
import { expect, test } from "vitest";
import { perRender } from "../src/per-render.js";
import { renderScope } from "../src/scope.js";

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

test("each render has a value of its own, also after it has waited, and a browser has one", async () => {
  let made = 0;
  const list = perRender((): string[] => {
    made++;
    return [];
  });
  const other = perRender((): string[] => []);
  const render = (user: string) =>
    renderScope.run(new Map(), async () => {
      for (let turn = 0; turn < 3; turn++) {
        list().push(user);
        await pause();
      }
      return [list().join(), other().join()];
    });
  list().push("page");
  expect(await Promise.all(["ann", "bob", "eve"].map(render))).toEqual([
    ["ann,ann,ann", ""],
    ["bob,bob,bob", ""],
    ["eve,eve,eve", ""],
  ]);
  expect([list().join(), made]).toEqual(["page", 4]);
});

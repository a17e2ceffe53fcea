// Every row of the table, for every framework.

import { test } from "node:test";
import { openStage } from "./stage.js";
import { TABLE } from "./table.js";

const FRAMEWORKS = ["react", "vue", "svelte"];

test("scenarios", { concurrency: FRAMEWORKS.length }, async (all) => {
  const stage = await openStage();
  all.after(() => stage.stop());
  const named = process.env.SCENARIOS_FRAMEWORKS?.split(" ") ?? FRAMEWORKS;
  // The frameworks run beside each other, each with pages, networks and ids of its own.
  await Promise.all(
    named.map((framework, nth) =>
      all.test(framework, async (its) => {
        for (const [place, [name, row]] of Object.entries(TABLE).entries())
          await its.test(name, () => stage.play(framework, 10_000 * (nth + 1) + 10 * place, row));
      }),
    ),
  );
});

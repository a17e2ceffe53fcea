/** How a worker ends: with its stdin, and with its parent. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { RUNTIMES } from "./runtimes.js";
import { start } from "./worker.js";

const FILE = fileURLToPath(new URL("fixture/dist/worker/worker.js", import.meta.url));

/** A process that starts a worker, sends it one render, and prints its id. It is killed without a chance to clean up. */
const PARENT = `
const child = require("node:child_process").spawn(process.argv[1], [process.argv[2]], {
  env: { MIZAN_SSR_PARENT: String(process.pid) },
  stdio: ["pipe", "pipe", "ignore"],
  detached: true,
});
child.stdout.once("data", () => {
  child.stdin.write(JSON.stringify({ id: 1, method: "render", params: { component: process.argv[3] } }) + "\\n");
  setTimeout(() => console.log(child.pid), 100);
});
setTimeout(() => {}, 60_000);
`;

/** Whether a process runs. One that has ended and that no one has waited for does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.each(RUNTIMES)("%s", (_, program) => {
  test("at the end of stdin it writes what is running, and ends", async () => {
    const worker = start(program);
    const responses = [
      worker.render("Slow"),
      worker.render("StallPage", { stall_id: 1 }),
      worker.render("Slow"),
    ];
    worker.process.stdin?.end();
    expect((await Promise.all(responses)).map(({ html }) => typeof html)).toEqual(Array(3).fill("string"));
    expect(await worker.ended).toBe(0);
  });

  test("at the end of stdin a page of 7 MiB is written whole", async () => {
    const worker = start(program);
    await worker.ready;
    const size = 7 * 1024 * 1024;
    const large = worker.render("Large", { size });
    worker.process.stdin?.end();
    expect((await large).html).toHaveLength(size);
    expect(await worker.ended).toBe(0);
  });

  test("when no one reads its log it goes on", async () => {
    const worker = start(program);
    await worker.ready;
    worker.process.stderr?.destroy();
    for (const component of ["Loud", "Rejects", "Loud", "Loud"]) await worker.render(component);
    expect(await worker.render("Lazy")).toMatchObject({ html: "lazy" });
    worker.process.stdin?.end();
    expect(await worker.ended).toBe(0);
  });

  test("at the end of stdin a render that does not end is waited for 1 s", async () => {
    const worker = start(program);
    await worker.ready;
    void worker.render("Never");
    worker.process.stdin?.end();
    const from = Date.now();
    expect(await worker.ended).toBe(0);
    expect(Date.now() - from).toBeGreaterThan(900);
  });

  test("when no one reads its responses it ends", async () => {
    const worker = start(program);
    await worker.ready;
    worker.process.stdout?.destroy();
    const timer = setInterval(() => worker.write('{"id":1,"method":"ping"}\n'), 50);
    worker.process.stdin?.on("error", () => {});
    expect(await worker.ended).toBe(0);
    clearInterval(timer);
  });

  test.skipIf(process.platform !== "linux").each(["Never", "Endless"])(
    "when its parent is killed it is gone within 1 s, also during %s",
    async (component) => {
      const parent = spawn(process.execPath, ["-e", PARENT, program, FILE, component], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const pid = await new Promise<number>((resolve) =>
        parent.stdout.once("data", (chunk) => resolve(Number(chunk))),
      );
      expect(runs(pid)).toBe(true);
      parent.kill("SIGKILL");
      const until = Date.now() + 1_000;
      while (runs(pid) && Date.now() < until) await sleep(20);
      const isLeft = runs(pid);
      if (isLeft) process.kill(pid, "SIGKILL");
      expect(isLeft).toBe(false);
    },
  );
});

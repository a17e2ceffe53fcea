// Prints how many renders of React a worker does in a second, with 32 in flight, next to a bare loop of `renderToString` in the
// same process. Rounds of both take turns, and the median counts. Seconds are those of the worker's processor where Linux
// counts them, so that other programs matter less.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROUNDS = 5;
/** Milliseconds of one round. */
const TIME = 1_000;
const IN_FLIGHT = 32;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const WORKER = here("../test/fixture/dist/worker/worker.js");
const BUNS = here("../../../../node_modules/@oven/");
const buns = existsSync(BUNS) ? readdirSync(BUNS).map((name) => [`bun`, `${BUNS}${name}/bin/bun`]) : [];

const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `row ${id}`, price: id * 1.5 }));
const CASES = [
  { name: "a list of 100 rows", component: "Rows", props: { rows }, aim: 0.8 },
  { name: "ten elements", component: "Small", props: { name: "Saffron" }, aim: 0.6 },
];

/** Starts a worker. `take` gets the bytes of stdout, and the number of lines that end in them. */
function start(program) {
  const child = spawn(program, [WORKER], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env.PATH, NODE_ENV: "production" },
  });
  const worker = {
    write: (text) => child.stdin.write(text),
    stop: () => child.kill(),
    take: () => {},
    /** Milliseconds of the processor, or else of the clock. */
    spent() {
      if (process.platform !== "linux") return performance.now();
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
  };
  child.stdout.on("data", (chunk) => {
    let lines = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    worker.take(lines, chunk);
  });
  return new Promise((resolve) => {
    worker.take = () => resolve(worker);
  });
}

const request = (component, props) =>
  `${JSON.stringify({ id: 1, method: "render", params: { component, props } })}\n`;

/** Renders with 32 in flight for a time, and resolves with how many in a second. */
function inFlight(worker, { component, props }) {
  const line = request(component, props);
  const from = performance.now();
  const spent = worker.spent();
  let done = 0;
  let under = IN_FLIGHT;
  worker.write(line.repeat(IN_FLIGHT));
  return new Promise((resolve) => {
    worker.take = (lines) => {
      done += lines;
      under -= lines;
      if (performance.now() - from < TIME) {
        under += lines;
        worker.write(line.repeat(lines));
      } else if (!under) resolve((done / (worker.spent() - spent)) * 1_000);
    };
  });
}

/** The bare loop in the same process. */
function bare(worker, { component, props }) {
  const spent = worker.spent();
  return new Promise((resolve) => {
    worker.take = (_, chunk) => {
      const count = Number(JSON.parse(chunk).html);
      resolve((count / (worker.spent() - spent)) * 1_000);
    };
    worker.write(request(`Bare${component}`, { time: TIME, props }));
  });
}

const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

const table = [];
for (const [runtime, program] of [["node", process.execPath], ...buns])
  for (const one of CASES) {
    const worker = await start(program);
    const figures = { served: [], bare: [] };
    for (let round = 0; round < 2; round++) await inFlight(worker, one);
    for (let round = 0; round < ROUNDS; round++) {
      figures.served.push(await inFlight(worker, one));
      figures.bare.push(await bare(worker, one));
    }
    worker.stop();
    const [served, loop] = [median(figures.served), median(figures.bare)];
    table.push({
      runtime,
      page: one.name,
      served: Math.round(served),
      bare: Math.round(loop),
      ratio: Math.round((served / loop) * 100) / 100,
      aim: one.aim,
    });
  }
console.table(table);

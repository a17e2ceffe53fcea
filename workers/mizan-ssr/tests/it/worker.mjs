// A worker that follows the protocol and, on demand, everything that goes wrong. Runs on Node and Bun.

import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

const mode = process.env.TEST_MODE ?? "";
const tag = process.env.MIZAN_SSR_TAG;
delete process.env.MIZAN_SSR_TAG;
const prefix = tag === undefined ? "" : `${tag} `;

// Ends the process when its parent is gone, also while a component runs in a loop.
new Worker(
  `const parent = Number(process.env.MIZAN_SSR_PARENT);
   setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 250);`,
  { eval: true },
).unref();

if (mode === "broken") {
  console.error("SyntaxError: this bundle is broken");
  process.exit(1);
}

/** All of it, also where the pipe is full. */
function write(descriptor, text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

const respond = (response) => write(1, `${prefix}${JSON.stringify(response)}\n`);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const spin = (ms) => {
  for (const end = performance.now() + ms; performance.now() < end; );
};
const leaked = [];

const components = {
  Echo: ({ text }) => ({ html: `<p>${text}</p>`, head: "<title>echo</title>" }),
  Missing: () => ({ html: "", missed: [{ context: "stall", params: { stall_id: 5 } }] }),
  Bundles: (_, data) => ({ html: JSON.stringify(data) }),
  Say: ({ text }) => {
    console.error(text);
    return { html: "" };
  },
  Version: () => ({ html: process.env.TEST_VERSION ?? "" }),
  Environment: () => ({ html: Object.keys(process.env).sort().join(" ") }),
  Pid: () => ({ html: String(process.pid) }),
  Throw: ({ text }) => {
    throw new Error(text);
  },
  Size: ({ bytes }) => ({ html: "x".repeat(bytes) }),
  Spin: ({ ms, text }) => {
    spin(ms);
    return { html: `<p>${text}</p>` };
  },
  Wait: async ({ ms, text }) => {
    await sleep(ms);
    return { html: `<p>${text}</p>` };
  },
  Never: () => new Promise(() => {}),
  Hang: () => {
    for (;;);
  },
  // The same, and leaves the processor to others.
  Block: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  Stubborn: () => {
    process.on("SIGTERM", () => {});
    for (;;);
  },
  Die: () => process.kill(process.pid, "SIGKILL"),
  Exit: () => process.exit(7),
  Leak: ({ bytes, text }) => {
    leaked.push(Buffer.alloc(bytes, 1));
    return { html: `<p>${text}</p>` };
  },
  Flood: ({ bytes, text }) => {
    const line = `${"x".repeat(99)}\n`.repeat(100);
    for (let left = bytes; left > 0; left -= line.length) write(2, line);
    return { html: `<p>${text}</p>` };
  },
  // What a component that wants to speak for others would write.
  Forge: ({ text }) => {
    for (let id = 1; id <= 40; id += 1) {
      const line = JSON.stringify({ id, html: "forged" });
      write(1, `${line}\n${"0".repeat(32)} ${line}\n ${line}\n`);
      write(2, `${line}\n`);
    }
    return { html: `<p>${text}</p>` };
  },
  Child: () => {
    const child = spawn("sleep", ["600"], { stdio: "inherit" });
    return { html: String(child.pid) };
  },
};

async function render(id, { component, props, data }) {
  try {
    const run = Object.hasOwn(components, component) ? components[component] : undefined;
    if (run === undefined) throw new Error(`no component ${component}`);
    const rendered = await run(props, data);
    respond({ id, ...rendered });
  } catch (error) {
    const stack = process.env.NODE_ENV === "development" ? { stack: error.stack } : {};
    respond({ id, error: error.message, ...stack });
  }
}

function request(line) {
  const { id, method, params } = JSON.parse(line);
  if (method === "ping") respond({ id, pong: true, rss: process.memoryUsage().rss });
  else if (method === "render") void render(id, params);
  else respond({ id, error: `no method ${method}` });
}

// Each request in a turn of its own: a response is written before a component that never ends can begin.
const waiting = [];
function turn() {
  request(waiting.shift());
  if (waiting.length > 0) setImmediate(turn);
}

let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  if (waiting.length === 0 && lines.length > 0) setImmediate(turn);
  waiting.push(...lines);
});
process.stdin.on("end", () => setTimeout(() => process.exit(0), 50));

if (mode === "slow") await sleep(300);
if (mode !== "mute") respond({ id: 0, ready: true, components: Object.keys(components) });
if (mode === "idle loop") setTimeout(() => components.Hang(), 50);

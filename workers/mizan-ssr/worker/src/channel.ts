/**
 * The channel to the supervisor. Importing this module takes stdout over: whatever else writes to it, `console` and
 * `process.stdout` included, writes to stderr from here on.
 */
import { Console } from "node:console";
import { watchParent } from "./watchdog.js";

/** The length, in UTF-16 units, from which responses are written at once. Shorter ones of one tick are one write. */
const BATCH = 16_384;

const { stdout, stderr, env } = process;
const { MIZAN_SSR_TAG: tag, MIZAN_SSR_PARENT: parent } = env;
// A component that knew the tag could forge a response.
delete env.MIZAN_SSR_TAG;
const prefix = tag ? `${tag} ` : "";
let waiting = "";
/** The writes that are not done. */
let writing = 0;
let whenEmpty: (() => void) | undefined;

Object.defineProperty(process, "stdout", { configurable: true, enumerable: true, get: () => stderr });
// Bun's own console writes to the descriptor, and Node's keeps the stream of its first use.
const redirected: object = new Console(stderr, stderr);
for (const [name, method] of Object.entries(redirected)) {
  if (typeof method === "function") Object.assign(console, { [name]: method.bind(redirected) });
}
if ("write" in console) {
  Object.assign(console, { write: (...parts: unknown[]) => stderr.write(parts.join("")) });
}

// The supervisor is gone.
stdout.on("error", () => process.exit(0));
// A log that no one reads ends nothing.
stderr.on("error", () => {});
if (parent) watchParent(Number(parent));

/** Sends one response. */
export function send(json: string): void {
  if (!waiting) queueMicrotask(flush);
  waiting += `${prefix}${json}\n`;
  if (waiting.length >= BATCH) flush();
}

function flush(): void {
  if (!waiting) return;
  writing++;
  stdout.write(waiting, written);
  waiting = "";
}

function written(): void {
  if (!--writing) whenEmpty?.();
}

/** Calls `done` once, when every response is written. */
export function whenWritten(done: () => void): void {
  flush();
  whenEmpty = done;
  if (!writing) done();
}

/** A worker of the fixture, as a supervisor starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("fixture/dist/worker/worker.js", import.meta.url));

export const TAG = "0123456789abcdef0123456789abcdef";

/** What a worker sends. */
export interface Response {
  readonly id: number;
  readonly [name: string]: unknown;
}

export interface Started {
  readonly process: ChildProcess;
  /** The ready line. */
  readonly ready: Promise<Response>;
  /** Lines of stdout without the tag. */
  readonly foreign: string[];
  /** Lines of stderr. */
  readonly log: string[];
  /** Resolves with the exit code, or the signal, once the process has ended and all its lines are read. */
  readonly ended: Promise<number | string>;
  /** Writes a line, and resolves with the response of this id. */
  send(request: { id: number; method?: string; params?: unknown }): Promise<Response>;
  /** The same, for a render with the next free id. */
  render(component: string, props?: unknown, data?: unknown): Promise<Response>;
  write(text: string): void;
}

/** Starts a worker; `env` adds to its environment, which has nothing else of this process but the path. */
export function start(program: string, env: Record<string, string | undefined> = {}): Started {
  const settings = { MIZAN_SSR_TAG: TAG, MIZAN_SSR_PARENT: `${process.pid}`, NODE_ENV: "production", ...env };
  const child = spawn(program, [FILE], { env: { PATH: process.env.PATH, ...settings } });
  const prefix = settings.MIZAN_SSR_TAG ? `${settings.MIZAN_SSR_TAG} ` : "";
  const waiting = new Map<number, (response: Response) => void>();
  const foreign: string[] = [];
  const log: string[] = [];
  let last = 0;

  const ready = new Promise<Response>((resolve) => waiting.set(0, resolve));
  const out = createInterface({ input: child.stdout });
  out.on("line", (line) => {
    if (!line.startsWith(prefix)) return foreign.push(line);
    const response: Response = JSON.parse(line.slice(prefix.length));
    const take = waiting.get(response.id);
    if (!take) throw new Error(`a response that no one waits for: ${line}`);
    waiting.delete(response.id);
    return take(response);
  });
  createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? "?"));
  });

  const write = (text: string) => void child.stdin.write(text);
  const send: Started["send"] = (request) => {
    write(`${JSON.stringify(request)}\n`);
    return new Promise<Response>((resolve) => waiting.set(request.id, resolve));
  };
  const render = (component: string, props?: unknown, data?: unknown) =>
    send({ id: ++last, method: "render", params: { component, props, data } });
  return { process: child, ready, foreign, log, ended, send, render, write };
}

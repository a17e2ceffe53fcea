/** Serves renders over stdin and stdout. */
import type { Given } from "@mizan/base/server";
import { send, whenWritten } from "./channel.js";
import { describe } from "./failure.js";
import { splitLines } from "./lines.js";
import type { Component, RenderedPage, Renderer } from "./renderer.js";
import { renderScope } from "./scope.js";

/** The most bytes of a request where the supervisor names no other number: props and data of 1 MiB each, and what is around them. */
const MAX_REQUEST = 2 * 1024 * 1024 + 65_536;
/** The most bytes of a response where the supervisor names no other number. */
const MAX_RESPONSE = 8 * 1024 * 1024;
/** How long, in milliseconds, renders that are running may take after the end of stdin. */
const GRACE = 1_000;

/** Settings of {@link serveWorker}. */
export interface WorkerOptions {
  /**
   * The components that can be rendered, by the names that the server uses. There are no others: a name is never a path.
   * @example { StallPage: react(StallPage), Counter: async () => vue((await import("./counter.vue")).default) }
   */
  readonly components: Readonly<Record<string, Component>>;
  /**
   * Whether errors are sent with their stacks, in positions of the source where there are source maps.
   * @defaultValue whether `NODE_ENV` is `development`
   * @example serveWorker({ components, development: true })
   */
  readonly development?: boolean | undefined;
}

/** What the supervisor sends. Nothing about it is certain. */
interface Request {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: {
    readonly component?: unknown;
    readonly props?: unknown;
    readonly data?: unknown;
  } | null;
}

/**
 * Loads the components, reports that the worker is ready, and renders until stdin ends. A component that throws fails its own
 * render alone.
 *
 * Import `@mizan/ssr` before the components: importing it is what keeps their output off the channel.
 * @example await serveWorker({ components: { StallPage: react(StallPage) } })
 */
export async function serveWorker({ components, development }: WorkerOptions): Promise<void> {
  const { NODE_ENV, MIZAN_SSR_REQUEST_LIMIT, MIZAN_SSR_RESPONSE_LIMIT } = process.env;
  const maxRequest = Number(MIZAN_SSR_REQUEST_LIMIT) || MAX_REQUEST;
  const maxResponse = Number(MIZAN_SSR_RESPONSE_LIMIT) || MAX_RESPONSE;
  const isDevelopment = development ?? NODE_ENV === "development";
  // What a component leaves behind fails no other render.
  process.on("unhandledRejection", (reason) => console.error("unhandled rejection:", reason));
  process.on("uncaughtException", (error) => console.error("uncaught exception:", error));

  const renderers = new Map<string, Renderer>();
  for (const [name, component] of Object.entries(components)) renderers.set(name, await loaded(component));

  let running = 0;
  let isOver = false;
  const end = () => whenWritten(() => process.exit(0));

  const fail = (id: number, error: unknown) =>
    send(`{"id":${id},${JSON.stringify(describe(error, isDevelopment)).slice(1)}`);

  const respond = (id: number, page: RenderedPage) => {
    const json = written(id, page);
    const bytes = json.length * 3 > maxResponse ? Buffer.byteLength(json) : 0;
    if (bytes <= maxResponse) send(json);
    else fail(id, new Error(`the page has ${bytes} bytes; the most is ${maxResponse}`));
  };

  const render = (id: number, params: Request["params"]) => {
    const { component, props = {}, data } = params ?? {};
    if (typeof component !== "string") throw new Error("`component` must be a string");
    const renderer = renderers.get(component);
    if (!renderer) {
      const name = JSON.stringify(component.slice(0, 100));
      throw new Error(`unknown component ${name}; this worker knows ${renderers.size}`);
    }
    if (!isObject(props)) throw new Error("`props` must be an object");
    if (data !== undefined && !isGiven(data))
      throw new Error("`data` must be a list of { context, params, data }");
    const page = renderScope.run(new Map(), () => renderer.render(props, data ?? []));
    if (!(page instanceof Promise)) return respond(id, page);
    running++;
    void page
      .then((done) => respond(id, done))
      .catch((error) => fail(id, error))
      .finally(() => {
        running--;
        if (isOver && !running) end();
      });
  };

  const take = (line: string) => {
    const request = parsed(line);
    const id = idOf(request?.id);
    if (!id) return console.error("not a request:", line.slice(0, 200));
    try {
      if (request?.method === "render") render(id, request.params);
      else if (request?.method === "ping")
        send(`{"id":${id},"pong":true,"rss":${process.memoryUsage.rss()}}`);
      else throw new Error("unknown method; there are `render` and `ping`");
    } catch (error) {
      fail(id, error);
    }
  };
  const refuse = (head: string, length: number) => {
    const id = idOf(Number(/^\s*\{\s*"id"\s*:\s*(\d{1,15})\s*[,}]/.exec(head)?.[1]));
    const message = `the request has ${length} bytes; the most is ${maxRequest}`;
    if (id) fail(id, new Error(message));
    else console.error(message);
  };

  send(JSON.stringify({ id: 0, ready: true, components: [...renderers.keys()] }));
  process.stdin.on("data", splitLines(maxRequest, take, refuse));
  process.stdin.on("end", () => {
    isOver = true;
    if (!running) return end();
    setTimeout(end, GRACE);
  });
}

async function loaded(component: Component): Promise<Renderer> {
  if (typeof component !== "function") return component;
  const found = await component();
  return "default" in found ? found.default : found;
}

function written(id: number, { html, head, missed }: RenderedPage): string {
  const headPart = head ? `,"head":${JSON.stringify(head)}` : "";
  // A parameter may be a bigint.
  const texts = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
  const missedPart = missed?.length ? `,"missed":${JSON.stringify(missed, texts)}` : "";
  return `{"id":${id},"html":${JSON.stringify(html)}${headPart}${missedPart}}`;
}

function parsed(line: string): Request | undefined {
  try {
    const value = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return;
  }
}

/** An id, or 0 where it is not one. */
function idOf(id: unknown): number {
  return Number.isSafeInteger(id) && (id as number) > 0 ? (id as number) : 0;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isGiven(data: unknown): data is Given[] {
  const isOne = (one: unknown) =>
    isObject(one) &&
    "context" in one &&
    typeof one.context === "string" &&
    "params" in one &&
    isObject(one.params);
  return Array.isArray(data) && data.every(isOne);
}

/** What a worker sends for what it receives, under each runtime. */
import { afterAll, describe, expect, test, vi } from "vitest";
import { STALL } from "./data.js";
import { RUNTIMES } from "./runtimes.js";
import { type Response, start, TAG } from "./worker.js";

const NAMES = [
  ...[
    "StallPage",
    "Counter",
    "Board",
    "Waiting",
    "Rows",
    "Small",
    "BareRows",
    "BareSmall",
    "Loud",
    "Throws",
    "Odd",
    "Rejects",
    "Endless",
    "Never",
  ],
  ...["Slow", "Large", "Environment", "Lazy", "Owner"],
];
const LIMIT = 8 * 1024 * 1024;
/** The bytes around the html of a response with a one-digit id. */
const FRAME = '{"id":1,"html":""}'.length;

/** A request without its id, and what it brings without the id. */
const ROWS: readonly (readonly [name: string, request: object, response: object])[] = [
  ["a ping", { method: "ping" }, { pong: true, rss: expect.any(Number) }],
  ["a component that is loaded lazily", render("Lazy"), { html: "lazy" }],
  ["a component that prints", render("Loud"), { html: "loud" }],
  ["a component that throws", render("Throws"), { error: "the kettle is empty" }],
  ["a component that rejects with a text", render("Rejects"), { error: "a text" }],
  [
    "a component that throws an object without a prototype",
    render("Odd"),
    { error: "[Object: null prototype] {}" },
  ],
  [
    "a name that is not known",
    render("Hall"),
    { error: `unknown component "Hall"; this worker knows ${NAMES.length}` },
  ],
  ["a name that is not a text", render(5), { error: "`component` must be a string" }],
  ["no parameters", { method: "render" }, { error: "`component` must be a string" }],
  ["props that are a list", render("Lazy", []), { error: "`props` must be an object" }],
  [
    "data without a context",
    render("Lazy", {}, [{ params: {} }]),
    { error: expect.stringMatching(/^`data` must be a list/) },
  ],
  ["a method that is not known", { method: "eval" }, { error: expect.stringMatching(/^unknown method/) }],
  [
    "a page of the most bytes",
    render("Large", { size: LIMIT - FRAME }),
    { html: expect.stringMatching(/^x+$/) },
  ],
  [
    "a page of one byte more",
    render("Large", { size: LIMIT - FRAME + 1 }),
    { error: `the page has ${LIMIT + 1} bytes; the most is ${LIMIT}` },
  ],
];

function render(component: unknown, props?: unknown, data?: unknown): object {
  return { method: "render", params: { component, props, data } };
}

describe.each(RUNTIMES)("%s", (_, program) => {
  const worker = start(program);
  afterAll(() => worker.process.kill("SIGKILL"));

  test("it is ready with the names of its components", async () => {
    expect(await worker.ready).toEqual({ id: 0, ready: true, components: NAMES });
  });

  test.each(ROWS)("%s", async (_, request, response) => {
    expect(await worker.send({ id: 1, ...request })).toEqual({ id: 1, ...response });
  });

  test("what is not a request is logged, and nothing ends the worker", async () => {
    const lines = [
      "nonsense",
      "[]",
      "null",
      "5",
      '{"id":0}',
      '{"id":"1"}',
      '{"id":-1}',
      '{"id":1.5}',
      "\u0000",
      "",
    ];
    worker.write(`${lines.join("\n")}\n`);
    expect(await worker.send({ id: 2, method: "ping" })).toMatchObject({ pong: true });
    const refused = () => worker.log.filter((line) => line.startsWith("not a request:"));
    await vi.waitFor(() => expect(refused()).toHaveLength(9), 10_000);
    expect(worker.log.join("\n")).toMatch(/unhandled rejection: .*left behind/);
    expect(worker.log.join("\n")).toMatch(/uncaught exception: .*thrown later/);
  });

  test("1,000 names that are paths or properties load nothing", async () => {
    const stems = [
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "../x",
      "../../x",
      "/etc/passwd",
    ];
    const more = [
      "./StallPage",
      "StallPage.js",
      "file:///x",
      "node:fs",
      "stallpage",
      "StallPage\u0000",
      "StallPage ",
    ];
    const names = Array.from({ length: 1_000 }, (_, at) => {
      const stem = [...stems, ...more][at % 14] ?? "";
      return at < 14 ? stem : "../".repeat(at % 9) + stem + at;
    });
    const responses = await Promise.all(names.map((name) => worker.render(name)));
    expect(responses.filter(({ error }) => !String(error).startsWith("unknown component"))).toEqual([]);
  });

  test("requests that are too long are refused by id, and the next is served", async () => {
    const sizes = [3, 16, 64].map((mebibytes) => mebibytes * 1024 * 1024);
    for (const size of sizes) {
      const response = await worker.send({ id: 7, method: "render", params: "x".repeat(size) });
      expect(response).toEqual({
        id: 7,
        error: expect.stringMatching(/^the request has \d+ bytes; the most is 2162688$/),
      });
    }
    expect(await worker.render("Lazy")).toMatchObject({ html: "lazy" });
  });

  test("renders of 100 users at once each end with their own user", async () => {
    const users = Array.from({ length: 3_000 }, (_, at) => `user-${at % 100}`);
    const responses = await Promise.all(users.map((user) => worker.render("Owner", { user })));
    expect(responses.map(({ html }) => html)).toEqual(users);
  });

  test("pages of 100 users at once contain nothing of another user", async () => {
    const page = async (at: number) => {
      const name = `<user-${at % 100}>`;
      const data = { ...STALL, data: { stall: { name, rows: [name] } } };
      const component = ["StallPage", "Counter", "Board"][at % 3] ?? "";
      const { html, head } = await worker.render(component, { stall_id: 1, note: name }, [data]);
      const found = `${html}${head}`.match(/user-\d+/g) ?? [];
      return (
        found.filter((one) => one === name.slice(1, -1)).length >= 5 &&
        found.every((one) => name.includes(one))
      );
    };
    const results = await Promise.all(Array.from({ length: 3_000 }, (_, at) => page(at)));
    expect(results.filter((isOwn) => !isOwn)).toEqual([]);
  });

  test("10,000 lines that look like responses never reach the channel", async () => {
    const before = worker.log.length;
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 200 }, () => worker.render("Loud")));
    expect(worker.foreign).toEqual([]);
    await vi.waitFor(() => expect(worker.log.length - before).toBeGreaterThan(10_000), 10_000);
  });

  test("components do not see the tag", async () => {
    const { html } = await worker.render("Environment");
    expect(String(html)).toContain("production");
    expect(String(html)).not.toContain(TAG);
  });

  test("without a tag the lines are bare JSON", async () => {
    const bare = start(program, { MIZAN_SSR_TAG: undefined, MIZAN_SSR_PARENT: undefined });
    expect(await bare.ready).toMatchObject({ ready: true });
    expect(await bare.send({ id: 1, method: "ping" })).toMatchObject({
      pong: true,
    } satisfies Partial<Response>);
    expect(bare.foreign).toEqual([]);
    bare.process.stdin?.end();
    expect(await bare.ended).toBe(0);
  });

  test("the supervisor may name other limits", async () => {
    const limits = { MIZAN_SSR_REQUEST_LIMIT: "200", MIZAN_SSR_RESPONSE_LIMIT: "50" };
    const small = start(program, limits);
    const rows = [
      [await small.render("Large", { size: 10 }), { html: "x".repeat(10) }],
      [await small.render("Large", { size: 50 }), { error: "the page has 68 bytes; the most is 50" }],
      [
        await small.render("x".repeat(200)),
        { error: expect.stringMatching(/^the request has \d+ bytes; the most is 200$/) },
      ],
    ];
    for (const [response, expected] of rows) expect(response).toMatchObject(expected as object);
    small.process.stdin?.end();
    await small.ended;
  });

  test("in development an error has its place in the source", async () => {
    const development = start(program, { NODE_ENV: "development" });
    const { stack } = await development.render("Throws");
    expect(stack).toMatch(/^ +at .*trials\.ts:23:\d+/m);
    development.process.stdin?.end();
    await development.ended;
  });
});

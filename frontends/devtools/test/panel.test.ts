/** The panel over a real instance, whose server the tests play. */
import { createMizan, defineCall, defineContext, type Transport } from "@mizan/base";
import { afterEach, expect, test, vi } from "vitest";
import { openDevtools } from "../src/index.js";
import { SLOW } from "../src/network.js";

const stall = defineContext<{ stall_id: number }, { name: string }>({
  name: "stall",
  params: ["stall_id"],
  functions: ["name"],
});
const rename = defineCall<{ stall_id: number }, string>({ name: "rename" });

let closes: (() => void)[] = [];
afterEach(() => {
  for (const close of closes) close();
  closes = [];
  vi.useRealTimers();
});

/** An instance with its panel, and a server that responds to everything. */
function shown({ isOpen = true } = {}) {
  const sent: string[] = [];
  const transport: Transport = {
    async send({ method, url, body }) {
      sent.push(`${method} ${url.replace("/api/mizan/", "")}${body ? ` ${JSON.parse(body).fn}` : ""}`);
      const invalidate = [{ context: "stall", params: { stall_id: 1 } }];
      const bodies: Record<string, unknown> = {
        "session/": { csrfToken: "a.b.c" },
        "call/": { result: "ok", invalidate },
      };
      const lines = url
        .split("e=")
        .slice(1)
        .map((_, e) => JSON.stringify({ e, data: { name: "Saffron" } }));
      if (lines.length) return { status: 200, body: `${lines.join("\n")}\n` };
      const content = bodies[url.replace("/api/mizan/", "")] ?? { name: "Saffron" };
      return { status: 200, body: JSON.stringify(content) };
    },
  };
  const mizan = createMizan({ transport });
  const close = openDevtools(mizan, { transport, isOpen });
  closes.push(close, () => mizan.close());
  const root = document.querySelector("mizan-devtools")!.shadowRoot!;
  const texts = (selector: string) => [...root.querySelectorAll(selector)].map((one) => one.textContent);
  return {
    mizan,
    transport,
    sent,
    close,
    root,
    texts,
    /** The cells of an entry: its state, the number of its subscribers, and why it is stale. */
    row: (id: number) => {
      const line = [...root.querySelectorAll("tbody tr")].find((one) =>
        one.textContent?.includes(`stall?stall_id=${id}`),
      );
      const cells = [...(line?.querySelectorAll("td") ?? [])].map((cell) => cell.textContent);
      return line && [cells[0], cells[2], cells[3]];
    },
    timeline: () => texts("li b").reverse(),
    click: (label: string) =>
      [...root.querySelectorAll("button")]
        .find((one) => (one.getAttribute("aria-label") ?? one.textContent)?.includes(label))!
        .click(),
    choose: (value: string) => {
      const select = root.querySelector("select")!;
      select.value = value;
      select.dispatchEvent(new Event("change"));
    },
  };
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

test("entries with their parameters, state and subscribers", async () => {
  const { mizan, row, root, texts } = shown();
  expect(texts(".nothing")).toEqual(["No entry is held."]);
  const stop = mizan.entry(stall, { stall_id: 1 }).subscribe(() => {});
  mizan.entry(stall, { stall_id: 2 }).subscribe(() => {});
  mizan.entry(stall, { stall_id: 2 }).subscribe(() => {});
  await settle();
  expect(row(1)).toEqual(["fresh", "1", ""]);
  expect(row(2)).toEqual(["fresh", "2", ""]);
  expect(root.querySelector<HTMLElement>(".nothing")!.hidden).toBe(true);
  expect(texts("td.number")[0]).toBe("0 s");
  stop();
  mizan.invalidate([{ context: "stall", params: { stall_id: 1 } }]);
  await settle();
  expect(row(1)).toEqual(["stale", "0", "mizan.invalidate"]);
  expect(texts(".count")).toEqual(["2 held, 1 stale"]);
});

test("a call, what it makes stale, and the read that follows, in order", async () => {
  const { mizan, root, row, texts, timeline } = shown();
  mizan.entry(stall, { stall_id: 1 }).subscribe(() => {});
  await settle();
  const stop = mizan.entry(stall, { stall_id: 2 }).subscribe(() => {});
  await settle();
  stop();
  expect(timeline()).toEqual(["read", "response", "read", "response"]);
  await mizan.call(rename, { stall_id: 1 });
  await settle();
  expect(timeline().slice(4)).toEqual(["call", "stale", "read", "response"]);
  const spans = texts("li span");
  expect(spans[3]).toMatch(/^rename: 200, \d+ ms$/);
  expect(spans[2]).toBe("stall?stall_id=1: the call rename");
  expect(row(1)).toEqual(["fresh", "1", ""]);
  [...root.querySelectorAll("button")].find((one) => one.textContent === "Clear timeline")!.click();
  await settle();
  expect(texts("li")).toEqual([]);
});

test("an entry can be made stale and read again from its row", async () => {
  const { mizan, sent, click, texts } = shown();
  mizan.entry(stall, { stall_id: 1 }).subscribe(() => {});
  mizan.entry(stall, { stall_id: 2 }).subscribe(() => {});
  await settle();
  sent.length = 0;
  click("Mark as stale: stall?stall_id=2");
  await settle();
  click("Refetch: stall?stall_id=1");
  await settle();
  expect(sent).toEqual(["GET ctx/stall/?stall_id=2", "GET ctx/stall/?stall_id=1"]);
  click("Mark all as stale");
  await settle();
  expect(sent).toHaveLength(3);
  expect(texts("li span").filter((text) => text?.startsWith("2 reads in one request"))).toEqual([
    "2 reads in one request: stall?stall_id=1, stall?stall_id=2",
    "2 reads in one request: stall?stall_id=1, stall?stall_id=2",
  ]);
});

test("offline and failing requests reach no server, and the state shows why", async () => {
  const { choose, mizan, row, sent, texts } = shown();
  choose("offline");
  mizan.entry(stall, { stall_id: 1 }).subscribe(() => {});
  await expect.poll(() => row(1)?.[0], { timeout: 5_000 }).toBe("failed NETWORK_ERROR");
  expect(sent).toEqual([]);
  expect(texts(".count")).toEqual(["1 held, 1 stale, offline"]);
  expect(texts("li b").filter((kind) => kind === "retry")).toHaveLength(2);
  choose("failing");
  await expect(mizan.call(rename, { stall_id: 1 })).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
  expect(sent).toEqual([]);
  choose("normal");
  await mizan.call(rename, { stall_id: 1 });
  expect(sent).toContain("POST call/ rename");
});

test("a slow request arrives later, and one that is given up does not", async () => {
  vi.useFakeTimers();
  const { choose, mizan, sent } = shown();
  choose("slow");
  mizan.entry(stall, { stall_id: 1 }).subscribe(() => {});
  await vi.advanceTimersByTimeAsync(SLOW - 1);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(2);
  expect(sent).toEqual(["GET ctx/stall/?stall_id=1"]);
  const stop = mizan.entry(stall, { stall_id: 2 }).subscribe(() => {});
  await vi.advanceTimersByTimeAsync(1);
  stop();
  mizan.invalidate(["stall"]);
  mizan.close();
  await vi.advanceTimersByTimeAsync(SLOW);
  expect(sent).not.toContain("GET ctx/stall/?stall_id=2");
});

test("the button opens the panel, Escape closes it, and the focus follows", async () => {
  const { root } = shown({ isOpen: false });
  const section = root.querySelector<HTMLElement>("section")!;
  const toggle = root.querySelector<HTMLElement>(".toggle")!;
  expect([section.hidden, toggle.getAttribute("aria-expanded")]).toEqual([true, "false"]);
  toggle.click();
  expect([section.hidden, toggle.getAttribute("aria-expanded")]).toEqual([false, "true"]);
  expect(root.activeElement?.tagName).toBe("SELECT");
  section.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  expect(section.hidden).toBe(true);
  expect(root.activeElement).toBe(toggle);
});

test("text of the application is text", async () => {
  const { mizan, root } = shown();
  const evil = defineContext<{ name: string }, { name: string }>({
    name: "evil",
    params: ["name"],
    functions: [],
  });
  mizan.entry(evil, { name: "<img src=x onerror=alert(1)>" }).subscribe(() => {});
  await settle();
  expect(root.querySelector("img")).toBeNull();
  expect(root.querySelector("tbody th")!.textContent).toBe("evil?name=<img src=x onerror=alert(1)>");
});

test("closing leaves nothing behind", async () => {
  const { close, mizan, sent, transport } = shown();
  const tapped = transport.send;
  close();
  expect(transport.send).not.toBe(tapped);
  expect(document.querySelector("mizan-devtools")).toBeNull();
  mizan.entry(stall, { stall_id: 1 }).subscribe(() => {});
  await settle();
  expect(sent).toEqual(["GET ctx/stall/?stall_id=1"]);
});

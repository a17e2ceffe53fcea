/** The extension in the real htmx, with requests that the tests respond to. */
import "./xpath.js";
import htmx from "htmx.org";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mizan } from "../src/index.js";

interface Sent {
  readonly line: string;
  readonly headers: Record<string, string>;
  respond(status: number, body?: string, invalidate?: string): void;
}
let sent: Sent[] = [];

/** As much of a request as htmx uses. */
class FakeRequest {
  onload?: () => void;
  status = 0;
  response = "";
  upload = { addEventListener() {} };
  #line = "";
  #headers: Record<string, string> = {};
  #invalidate: string | undefined;
  open(method: string, url: string) {
    this.#line = `${method} ${url}`;
  }
  setRequestHeader(name: string, value: string) {
    this.#headers[name] = value;
  }
  overrideMimeType() {}
  addEventListener() {}
  getAllResponseHeaders() {
    return this.#invalidate === undefined ? "" : "X-Mizan-Invalidate: …";
  }
  getResponseHeader(name: string) {
    return name === "X-Mizan-Invalidate" ? (this.#invalidate ?? null) : null;
  }
  send() {
    const respond: Sent["respond"] = (status, body = "", invalidate) => {
      Object.assign(this, { status, response: body });
      this.#invalidate = invalidate;
      this.onload?.();
    };
    sent.push({ line: this.#line, headers: this.#headers, respond });
  }
}

const show = (html: string) => {
  document.body.innerHTML = `<div hx-ext="mizan">${html}</div>`;
  htmx.process(document.body);
};
const click = (selector: string) => document.querySelector<HTMLElement>(selector)!.click();
const lines = () => sent.map(({ line }) => line);
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const stall = (id: number, more = "") =>
  `<p id="stall-${id}" mizan-context="stall;stall_id=${id}" hx-get="/stalls/${id}" hx-trigger="mizan:stale" hx-swap="outerHTML">${id}${more}</p>`;
const FORM = `<form hx-post="/rename" hx-swap="none"><input name="csrf_token" value="t" /><button>Rename</button></form>`;

mizan(htmx);
beforeEach(() => {
  sent = [];
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});
afterEach(() => vi.unstubAllGlobals());

test("what the response of a form covers is fetched again by its own hx-get, and nothing else", async () => {
  show(
    `${stall(1)}${stall(2)}<p mizan-context="basket" hx-get="/basket" hx-trigger="mizan:stale"></p>${FORM}`,
  );
  click("button");
  await settle();
  expect(lines()).toEqual(["POST /rename"]);
  sent[0]!.respond(200, "", "stall;stall_id=1");
  await settle();
  expect(lines()).toEqual(["POST /rename", "GET /stalls/1"]);
  sent[1]!.respond(200, stall(1, " renamed"));
  await settle();
  expect(document.querySelector("#stall-1")!.textContent).toBe("1 renamed");
  // What has come in follows as what was there.
  click("button");
  await settle();
  sent[2]!.respond(200, "", "stall");
  await settle();
  expect(lines().slice(3).sort()).toEqual(["GET /stalls/1", "GET /stalls/2"]);
});

test("a failed write whose response invalidates counts too", async () => {
  show(stall(1) + FORM);
  click("button");
  await settle();
  vi.spyOn(console, "error").mockImplementation(() => {});
  sent[0]!.respond(500, "", "stall;stall_id=1");
  await settle();
  expect(lines()).toEqual(["POST /rename", "GET /stalls/1"]);
});

test("an element that the response replaces is not fetched", async () => {
  const form = `<form hx-post="/rename" hx-target="closest [mizan-context]" hx-swap="outerHTML"><input name="csrf_token" />
    <button></button></form>`;
  show(
    `<div mizan-context="stall;stall_id=1" hx-get="/stalls/1" hx-trigger="mizan:stale">${form}</div>${stall(2)}`,
  );
  click("button");
  await settle();
  sent[0]!.respond(200, stall(1, " new"), "stall");
  await settle();
  expect(lines()).toEqual(["POST /rename", "GET /stalls/2"]);
  expect(document.querySelector("#stall-1")!.textContent).toBe("1 new");
});

test("an element that is being fetched is fetched once more afterwards", async () => {
  show(stall(1) + FORM);
  click("button");
  await settle();
  sent[0]!.respond(200, "", "stall");
  await settle();
  click("button");
  await settle();
  sent[2]!.respond(200, "", "stall");
  await settle();
  expect(lines().slice(1)).toEqual(["GET /stalls/1", "POST /rename"]);
  sent[1]!.respond(204);
  await settle();
  expect(lines().at(-1)).toBe("GET /stalls/1");
  expect(sent).toHaveLength(4);
});

test("outside of hx-ext nothing happens", async () => {
  show("");
  document.body.innerHTML = stall(1) + FORM;
  htmx.process(document.body);
  click("button");
  await settle();
  sent[0]!.respond(200, "", "stall");
  await settle();
  expect(lines()).toEqual(["POST /rename"]);
});

/** What `GET session/` responds with. */
function session(respond: () => Promise<unknown>) {
  const read = vi.fn((_: string) => respond());
  vi.stubGlobal("fetch", read);
  return read;
}
const token = (csrfToken: string) => async () => ({ json: async () => ({ csrfToken }) });

test("a write without a form carries the token of the session, read for each write", async () => {
  let number = 0;
  const read = session(() => token(`token ${++number}`)());
  show(`<button hx-post="/like" hx-swap="none"></button><a hx-get="/page" hx-swap="none"></a>`);
  for (const expected of ["token 1", "token 2"]) {
    click("button");
    await settle();
    expect(sent.at(-1)).toMatchObject({ line: "POST /like", headers: { "X-CSRFToken": expected } });
    sent.at(-1)!.respond(204);
  }
  expect(read).toHaveBeenCalledWith("/api/mizan/session/");
  click("a");
  await settle();
  expect(sent.at(-1)!.line).toBe("GET /page");
  expect(sent.at(-1)!.headers).not.toHaveProperty("X-CSRFToken");
  expect(read).toHaveBeenCalledTimes(2);
});

test("a form with the field sends that, and no request for a token", async () => {
  const read = session(token("of the session"));
  show(FORM);
  click("button");
  await settle();
  expect(sent[0]!.headers).not.toHaveProperty("X-CSRFToken");
  expect(read).not.toHaveBeenCalled();
});

test("the token goes to no other origin", async () => {
  const read = session(token("secret"));
  htmx.config.selfRequestsOnly = false;
  show(`<button hx-post="https://other.example/like" hx-swap="none"></button>`);
  click("button");
  await settle();
  htmx.config.selfRequestsOnly = true;
  expect(sent[0]!.line).toBe("POST https://other.example/like");
  expect(sent[0]!.headers).not.toHaveProperty("X-CSRFToken");
  expect(read).not.toHaveBeenCalled();
});

test("without a session endpoint the write is sent, for the server to refuse", async () => {
  session(() => Promise.reject(new TypeError("offline")));
  show(`<button hx-post="/like" hx-swap="none"></button>`);
  click("button");
  await settle();
  expect(lines()).toEqual(["POST /like"]);
});

/** The default transport hands on the lines of a batch as they arrive, and everything else whole. */
import { afterEach, expect, test, vi } from "vitest";
import { createMizan, fetchTransport, type TransportRequest } from "../src/index.js";
import { flush, user, words } from "./harness.js";

afterEach(() => void vi.unstubAllGlobals());

const request: TransportRequest = {
  method: "GET",
  url: "/api/mizan/ctx/",
  headers: {},
  signal: new AbortController().signal,
};

/** A `fetch` whose response arrives in pieces of bytes when the test sends them. */
function pieces(type: string) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  vi.stubGlobal("fetch", async () => new Response(readable, { headers: { "Content-Type": type } }));
  return writer;
}

test("lines are shown as they arrive, whatever bytes they are cut at", async () => {
  const writer = pieces("application/x-ndjson");
  const mizan = createMizan();
  const entries = [1, 2].map((user_id) => mizan.entry(user, { user_id }));
  for (const entry of entries) entry.subscribe(() => {});
  const shown = () => entries.map((entry) => words(entry.snapshot()));
  const line = new TextEncoder().encode('{"e":1,"data":{"profile":"ü","orders":[]}}\n');
  for (const byte of line) void writer.write(new Uint8Array([byte]));
  await vi.waitFor(() => expect(shown()).toEqual(["loading fetching", "success ü []"]));
  void writer.write(new TextEncoder().encode('{"e":0,"data":{"profile":"ann","orders":[]}}\n{"end":2}\n'));
  await vi.waitFor(() => expect(shown()).toEqual(["success ann []", "success ü []"]));
  void writer.close();
  await flush();
  mizan.close();
});

test("a body that breaks off is a failure", async () => {
  const writer = pieces("application/x-ndjson; charset=utf-8");
  const { body } = await fetchTransport.send(request);
  void writer.write(new TextEncoder().encode("one"));
  const read: string[] = [];
  const reading = (async () => {
    for await (const part of body as AsyncIterable<string>) read.push(part);
  })();
  await flush();
  void writer.abort(new TypeError("network error"));
  await expect(reading).rejects.toThrow("network error");
  expect(read).toEqual(["one"]);
});

test("another type arrives whole, with its headers", async () => {
  const writer = pieces("application/json");
  void writer.write(new TextEncoder().encode("{}"));
  void writer.close();
  const response = await fetchTransport.send(request);
  expect([response.status, response.body, response.headers?.get("content-type")]).toEqual([
    200,
    "{}",
    "application/json",
  ]);
});

/** The transport of browsers, and of every server runtime that has `fetch`. */
import type { Transport } from "../types.js";

/** Sends with `fetch`; cookies go to the same origin only. The lines of a batch are handed on as they arrive. */
export const fetchTransport: Transport = {
  async send({ url, ...request }) {
    const response = await fetch(url, { credentials: "same-origin", ...request });
    const { body, headers, status } = response;
    const isLines = headers.get("Content-Type")?.startsWith("application/x-ndjson");
    return { status, headers, body: body && isLines ? parts(body) : await response.text() };
  },
};

async function* parts(body: ReadableStream<BufferSource>): AsyncIterable<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

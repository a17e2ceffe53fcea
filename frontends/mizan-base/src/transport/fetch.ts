/** The transport of browsers, and of every server runtime that has `fetch`. */
import type { Transport } from "../types.js";

/** Sends with `fetch`; cookies go to the same origin only. */
export const fetchTransport: Transport = {
  async send({ url, ...request }) {
    const response = await fetch(url, { credentials: "same-origin", ...request });
    return {
      status: response.status,
      body: await response.text(),
      retryAfter: response.headers.get("Retry-After"),
    };
  },
};

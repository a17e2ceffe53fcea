// What a page asks the server, as rows of a log. Requests can be held, so that a picture can show them under way.

/**
 * @import { Page, Route } from "playwright-core"
 *
 * @typedef {object} Row
 * @property {string} method
 * @property {string} text
 * @property {string} status
 * @property {"" | "post" | "stale" | "kept"} look
 */

const API = "/api/mizan/";

/** @param {Page} page */
export async function watch(page) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {(() => void)[]} */
  const held = [];
  let holds = false;

  await page.route(`**${API}**`, async (/** @type {Route} */ route) => {
    const request = route.request();
    const url = new URL(request.url());
    const path = url.pathname.slice(API.length);
    const isCall = request.method() === "POST";
    /** @type {Row} */
    const row = {
      method: request.method(),
      text: isCall ? `${path}  ${request.postDataJSON().fn}` : path + url.search,
      status: "…",
      look: isCall ? "post" : "",
    };
    // The token for calls is read once for a page.
    if (!path.startsWith("session/")) rows.push(row);
    if (holds) await new Promise((resolve) => held.push(() => resolve(undefined)));
    const response = await route.fetch();
    const body = await response.json();
    row.status = String(response.status());
    const targets = isCall ? (body.invalidate ?? []) : [];
    if (targets.length) rows.push(...stale(targets));
    if (body.refresh?.length) rows.push(fresh(request.postDataJSON().mounted, body.refresh));
    await route.fulfill({ response });
  });

  return {
    rows,
    /** Requests wait from here on. */
    hold: () => {
      holds = true;
    },
    /** The requests that wait go on; those that follow do not. */
    next: () => held.splice(0).forEach((go) => void go()),
    waiting: () => held.length,
    /** Nothing waits any more. */
    release: () => {
      holds = false;
      held.splice(0).forEach((go) => void go());
    },
  };
}

/**
 * What the response of a call makes stale, as it is in the response.
 *
 * @param {any[]} targets
 * @returns {Row[]}
 */
function stale(targets) {
  const lines = [""];
  for (const target of targets) {
    const text = typeof target === "string" ? target : name(target);
    const line = lines.at(-1) ?? "";
    if (line.length + text.length > 76) lines.push(text);
    else lines[lines.length - 1] = line ? `${line}, ${text}` : text;
  }
  return lines.map((text, at) => ({ method: at ? "" : "stale", text, status: "", look: "stale" }));
}

/**
 * What the same response brings new values of.
 *
 * @param {{ context: string }[]} mounted
 * @param {{ at: number }[]} refresh
 * @returns {Row}
 */
function fresh(mounted, refresh) {
  const text = refresh.map(({ at }) => mounted[at]?.context ?? "").join(", ");
  return { method: "new", text, status: "", look: "post" };
}

/** @param {{ context?: string, function?: string, params?: Record<string, unknown> }} target */
function name({ context, function: member, params }) {
  const values = Object.entries(params ?? {}).map(([key, value]) => `${key}=${value}`);
  return `${member ?? context}${values.length ? `(${values.join(", ")})` : ""}`;
}

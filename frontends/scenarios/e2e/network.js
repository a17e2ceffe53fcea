// The network between the pages and the server: it counts requests, holds responses and fails as a row says.

import http from "node:http";

const MOUNT = "/api/mizan/";

/**
 * @typedef {"pass" | "cut" | "lose" | "hang"} Mode
 * `cut`: no response, and nothing reaches the server. `lose`: the server does it, and the response is lost. `hang`: no
 * response, and the connection stays open.
 *
 * @typedef {object} Held
 * @property {Promise<void>} arrived the server has responded
 * @property {() => void} release lets the response pass
 * @property {Promise<void>} aborted the page has given the request up
 */

/**
 * What a request asks, in short: `GET user 3`, `GET orders 1 + total 1`, `POST rename`.
 *
 * @param {string} method
 * @param {URL} url
 * @param {string} body
 */
function inShort(method, url, body) {
  const path = url.pathname.slice(MOUNT.length).replace(/\/$/, "");
  if (path === "call") return `${method} ${JSON.parse(body).fn}`;
  if (!path.startsWith("ctx")) return `${method} ${path}`;
  const batch = url.searchParams.getAll("e").map((entry) => decodeURIComponent(entry).split(";"));
  const single = [path.slice("ctx/".length), ...url.search.slice(1).replace("mizan.", "").split("&")];
  const entries = (batch.length ? batch : [single]).map(([context, ...params]) => {
    const values = params.filter(Boolean).map((param) => param.split("="));
    return [
      context,
      ...values.map(([name, value]) => (name?.endsWith("_id") ? value : `${name}=${value}`)),
    ].join(" ");
  });
  return `${method} ${entries.sort().join(" + ")}`;
}

/**
 * Starts a proxy in front of `target`.
 *
 * @param {string} target
 */
export async function openNetwork(target) {
  /** @type {{ mode: Mode, which: RegExp }} */
  let rule = { mode: "pass", which: /./ };
  /** @type {{ which: RegExp, until: Promise<void>, arrive: () => void, abort: () => void }[]} */
  let holds = [];
  /** @type {string[]} */
  let log = [];
  let underWay = 0;

  const proxy = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", target);
    if (!url.pathname.startsWith(MOUNT)) return pass(request, response, "");
    let body = "";
    for await (const chunk of request) body += chunk;
    const line = inShort(request.method ?? "", url, body);
    log.push(line);
    const mode = rule.which.test(line) ? rule.mode : "pass";
    if (mode === "hang") return;
    if (mode === "cut") return void request.socket.destroy();
    const hold = mode === "pass" ? holds.find(({ which }) => which.test(line)) : undefined;
    if (hold) holds = holds.filter((other) => other !== hold);
    else underWay++;
    response.once("close", () => {
      if (!hold) underWay--;
      else if (!response.writableFinished) hold.abort();
    });
    pass(request, response, body, mode === "lose", hold);
  });

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   * @param {string} body
   * @param {boolean} [isLost]
   * @param {(typeof holds)[number]} [hold]
   */
  function pass(request, response, body, isLost, hold) {
    const { method, headers, url } = request;
    const onward = http.request(target + url, { method, headers, agent: false }, async (answer) => {
      if (isLost) return void answer.resume().on("end", () => request.socket.destroy());
      hold?.arrive();
      await hold?.until;
      // Without `close`, the browser would use the connection again, and send a request again where that one is cut.
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: "close" });
      answer.pipe(response);
    });
    onward.on("error", () => request.socket.destroy());
    onward.end(body);
  }

  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (proxy.address());

  return {
    address: `http://127.0.0.1:${port}`,
    /** What was asked since the last `clear`. */
    log: () => [...log],
    clear: () => {
      log = [];
    },
    /** No request is under way, but for those that are held or hang. */
    isQuiet: () => underWay === 0,
    /**
     * What becomes of requests from now on.
     *
     * @param {Mode} mode
     * @param {RegExp} [which] in short
     */
    set(mode, which = /./) {
      rule = { mode, which };
    },
    /**
     * Holds the response of the next request that is like this.
     *
     * @param {RegExp} which in short
     * @returns {Held}
     */
    hold(which) {
      let release = () => {};
      let arrive = () => {};
      let abort = () => {};
      const until = new Promise((resolve) => (release = () => resolve(undefined)));
      const arrived = new Promise((resolve) => (arrive = () => resolve(undefined)));
      const aborted = new Promise((resolve) => (abort = () => resolve(undefined)));
      holds.push({ which, until, arrive, abort });
      return { arrived, release, aborted };
    },
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

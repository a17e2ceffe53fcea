// A network that fails as the test says, between the browser and the server.

import http from "node:http";

/**
 * @typedef {"pass" | "cut" | "lose" | "page" | "hang"} Mode
 * `cut`: no response, and nothing reaches the server. `lose`: the server does it, and the response is lost. `page`: the
 * same, with an error page of a proxy in its place. `hang`: no response, and the connection stays open.
 */

/**
 * Starts a proxy in front of `target`.
 *
 * @param {string} target
 */
export async function openProxy(target) {
  /** How many requests it concerns. */
  let left = Infinity;
  /** @type {(request: http.IncomingMessage) => Mode} */
  let rule = () => "pass";

  const proxy = http.createServer((request, response) => {
    const mode = rule(request);
    if (mode === "hang") return;
    if (mode === "cut") return void request.socket.destroy();
    const { method, headers, url } = request;
    const onward = http.request(target + url, { method, headers, agent: false }, (answer) => {
      if (mode === "lose") return void answer.resume().on("end", () => request.socket.destroy());
      if (mode === "page") {
        response.writeHead(502, { "Content-Type": "text/html", Connection: "close" });
        return void answer.resume().on("end", () => response.end("<h1>Bad Gateway</h1>"));
      }
      // Without `close`, the browser would use the connection again, and send a request again where that one is cut.
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: "close" });
      answer.pipe(response);
    });
    onward.on("error", () => request.socket.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (proxy.address());

  return {
    address: `http://127.0.0.1:${port}`,
    /**
     * What becomes of requests below the mount point from now on.
     *
     * @param {Mode} mode
     * @param {RegExp} [which] method and path
     * @param {number} [times] how many of them, and the others pass
     */
    set(mode, which = /./, times = Infinity) {
      left = times;
      rule = ({ method, url = "" }) =>
        url.startsWith("/api/mizan/") && which.test(`${method} ${url}`) && left-- > 0 ? mode : "pass";
    },
    /** Cuts every connection that is open, those that hang too. */
    end: () => proxy.closeAllConnections(),
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

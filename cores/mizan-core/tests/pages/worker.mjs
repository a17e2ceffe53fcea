// A worker of the protocol with small components, for tests of pages. Each writes what it was given.

const tag = process.env.MIZAN_SSR_TAG;
const prefix = tag === undefined ? "" : `${tag} `;
const respond = (response) => process.stdout.write(`${prefix}${JSON.stringify(response)}\n`);
const escaped = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const components = {
  Stall: ({ note }, data) => ({
    html: `<h1>${escaped(JSON.stringify(data))}</h1><p>${escaped(note)}</p>`,
    head: "<title>Stall</title>",
  }),
  Throw: () => {
    throw new Error("a secret of the component");
  },
  Die: () => process.kill(process.pid, "SIGKILL"),
  Slow: async ({ ms }) => {
    await sleep(ms);
    return { html: "<p>slow</p>" };
  },
};

let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("end", () => process.exit(0));
process.stdin.on("data", async (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    const { id, method, params } = JSON.parse(line);
    if (method === "ping") {
      respond({ id, pong: true, rss: process.memoryUsage().rss });
      continue;
    }
    try {
      respond({ id, ...(await components[params.component](params.props, params.data ?? [])) });
    } catch (error) {
      respond({ id, error: error.message });
    }
  }
});
respond({ id: 0, ready: true, components: Object.keys(components) });

// @vitest-environment happy-dom
/** A page that a server has rendered with data: the browser takes it over without a request. */
import { createMizan, hydrate, type Mizan } from "@mizan/base";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { MizanProvider, useMember } from "../src/index.js";
import { settle, user } from "./harness.js";

function Name() {
  const { data, status } = useMember(user, "profile", { user_id: 5 });
  return <p>{data ?? status}</p>;
}

/** An instance that knows a name, as each request of a server makes one. */
function instance(profile: string, requests: string[] = []): Mizan {
  const transport = {
    send({ url }: { url: string }) {
      requests.push(url);
      return new Promise<never>(() => {});
    },
  };
  const mizan = createMizan({ transport });
  hydrate(mizan, [{ context: user, params: { user_id: 5 }, data: { profile, orders: 1 } }]);
  return mizan;
}

const page = (client: Mizan) => (
  <MizanProvider client={client}>
    <Name />
  </MizanProvider>
);

test("a provider whose data is there renders it on the server, for each request its own", () => {
  const [ann, eve] = [instance("ann"), instance("eve")];
  expect([ann, eve, ann].map((client) => renderToString(page(client)))).toEqual([
    "<p>ann</p>",
    "<p>eve</p>",
    "<p>ann</p>",
  ]);
});

test("the browser takes the page over as it is, and sends no request", async () => {
  const root = document.createElement("div");
  root.innerHTML = renderToString(page(instance("ann")));
  const held = root.firstChild;
  const requests: string[] = [];
  const errors: unknown[] = [];
  const onRecoverableError = (error: unknown) => errors.push(error);
  await settle(() => hydrateRoot(root, page(instance("ann", requests)), { onRecoverableError }));
  expect([root.innerHTML, root.firstChild === held, requests, errors]).toEqual(["<p>ann</p>", true, [], []]);
});

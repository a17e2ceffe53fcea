/**
 * The same data in three libraries: a number for each row. A change is what an application does when the server's number
 * has changed: Mizan and TanStack Query are notified that rows are stale, and read them from a server that answers at once;
 * an atom is set.
 */
import { createMizan, defineContext } from "@mizan/base";
import { atom } from "nanostores";

export const rowContext = defineContext({ name: "row", params: ["id"], functions: ["number"] });

/** Mizan over a transport that answers at once. */
export function mizanStore(count) {
  const server = numbers(count);
  const line = (id, at) => `{"e":${at},"data":{"number":${server.read(id)}}}\n`;
  const send = async ({ url }) => {
    const entries = [...url.matchAll(/id(?:=|%3D)(\d+)/g)].map(([, id]) => Number(id));
    if (!url.includes("/ctx/?")) return { status: 200, body: `{"number":${server.read(entries[0])}}` };
    return { status: 200, body: `${entries.map(line).join("")}{"end":${entries.length}}\n` };
  };
  const mizan = createMizan({ transport: { send }, gcTime: Number.POSITIVE_INFINITY });
  return {
    client: mizan,
    one(id) {
      server.change(id);
      mizan.invalidate([{ context: "row", params: { id } }]);
    },
    all() {
      server.changeAll();
      mizan.invalidate(["row"]);
    },
  };
}

/** The options of a query of a row, for the `QueryClient` of an adapter. */
export function queryStore(QueryClient, count) {
  const server = numbers(count);
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  return {
    client,
    options: (id) => ({ queryKey: ["row", id], queryFn: async () => server.read(id) }),
    one(id) {
      server.change(id);
      void client.invalidateQueries({ queryKey: ["row", id], exact: true });
    },
    all() {
      server.changeAll();
      void client.invalidateQueries({ queryKey: ["row"] });
    },
  };
}

/** An atom for each row. */
export function atomStore(count) {
  const atoms = Array.from({ length: count }, () => atom(0));
  return {
    atoms,
    one: (id) => atoms[id].set(atoms[id].get() + 1),
    all: () => atoms.forEach((one) => void one.set(one.get() + 1)),
  };
}

/** What the server holds. */
function numbers(count) {
  const held = Array.from({ length: count }, () => 0);
  return {
    read: (id) => held[id],
    change: (id) => held[id]++,
    changeAll() {
      for (const id of held.keys()) held[id] += 1;
    },
  };
}

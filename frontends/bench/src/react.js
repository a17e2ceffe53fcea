/** Rows of React, over each library. */
import { MizanProvider, useMember } from "@mizan/react";
import { useStore } from "@nanostores/react";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { atomStore, mizanStore, queryStore, rowContext } from "./stores.js";

const show = (Row, store, wrap) => (target, ids) => {
  const root = createRoot(target);
  root.render(wrap(ids.map((id) => h(Row, { key: id, id, store }))));
  return () => root.unmount();
};

export const mizan = (count) => {
  const store = mizanStore(count);
  const Row = ({ id }) => h("output", null, useMember(rowContext, "number", { id }).data);
  return { ...store, show: show(Row, store, (rows) => h(MizanProvider, { client: store.client }, rows)) };
};

export const tanstack = (count) => {
  const store = queryStore(QueryClient, count);
  const Row = ({ id }) => h("output", null, useQuery(store.options(id)).data);
  return {
    ...store,
    show: show(Row, store, (rows) => h(QueryClientProvider, { client: store.client }, rows)),
  };
};

export const nanostores = (count) => {
  const store = atomStore(count);
  const Row = ({ id }) => h("output", null, useStore(store.atoms[id]));
  return { ...store, show: show(Row, store, (rows) => h("div", null, rows)) };
};

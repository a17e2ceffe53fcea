/** Rows of Vue, over each library. */
import { MizanPlugin, useMember } from "@mizan/vue";
import { useStore } from "@nanostores/vue";
import { QueryClient, useQuery, VueQueryPlugin } from "@tanstack/vue-query";
import { createApp, defineComponent, h } from "vue";
import { atomStore, mizanStore, queryStore, rowContext } from "./stores.js";

const row = (read) =>
  defineComponent(
    ({ id }) => {
      const number = read(id);
      return () => h("output", number.value);
    },
    { props: ["id"] },
  );

const show = (read, install) => (target, ids) => {
  const Row = row(read);
  const app = createApp({ render: () => ids.map((id) => h(Row, { key: id, id })) });
  install?.(app);
  app.mount(target);
  return () => app.unmount();
};

export const mizan = (count) => {
  const store = mizanStore(count);
  const read = (id) => useMember(rowContext, "number", { id }).data;
  return { ...store, show: show(read, (app) => app.use(MizanPlugin, { client: store.client })) };
};

export const tanstack = (count) => {
  const store = queryStore(QueryClient, count);
  const read = (id) => useQuery(store.options(id)).data;
  return { ...store, show: show(read, (app) => app.use(VueQueryPlugin, { queryClient: store.client })) };
};

export const nanostores = (count) => {
  const store = atomStore(count);
  return { ...store, show: show((id) => useStore(store.atoms[id])) };
};

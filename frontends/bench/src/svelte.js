/** Rows of Svelte, over each library. */
import { QueryClient } from "@tanstack/svelte-query";
import { mount, unmount } from "svelte";
import Atoms from "./atoms.svelte";
import Mizan from "./mizan.svelte";
import Queries from "./queries.svelte";
import { atomStore, mizanStore, queryStore } from "./stores.js";

const show = (component, store) => (target, ids) => {
  const shown = mount(component, { target, props: { ids, store } });
  return () => void unmount(shown);
};

const subject = (component, store) => ({ ...store, show: show(component, store) });

export const mizan = (count) => subject(Mizan, mizanStore(count));
export const tanstack = (count) => subject(Queries, queryStore(QueryClient, count));
export const nanostores = (count) => subject(Atoms, atomStore(count));

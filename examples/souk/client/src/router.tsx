import { createContext, useContext, useSyncExternalStore, type ComponentProps, type MouseEvent } from "react";

/** All the routing that seven screens need: the address, a way to change it, and a link. */

const CHANGED = "souk:navigated";

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(CHANGED, listener);
  };
}

/** The address as the hook's snapshot: text, so that equal addresses are equal. */
const address = () => location.pathname + location.search;

/** The address for which the server renders, and at which hydration begins. */
export const ServedAddress = createContext("/");

/** The current path and query; renders again when they change. */
export function useAddress(): { path: string; query: URLSearchParams } {
  const served = useContext(ServedAddress);
  const [path = "/", query] = useSyncExternalStore(subscribe, address, () => served).split("?");
  return { path, query: new URLSearchParams(query) };
}

/** Where to sign in, to come back to this address. */
export function signInFrom({ path, query }: ReturnType<typeof useAddress>): string {
  if (path === "/sign-in") return address();
  const next = query.size > 0 ? `${path}?${query}` : path;
  return `/sign-in?next=${encodeURIComponent(next)}`;
}

/** Goes to another address of this page. */
export function navigate(to: string): void {
  if (to === address()) return;
  const samePath = to.split("?")[0] === location.pathname;
  history.pushState(null, "", to);
  dispatchEvent(new Event(CHANGED));
  if (samePath) return;
  scrollTo(0, 0);
  // As after a load: the keyboard and the screen reader go on at the new screen.
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** An `<a>` that needs no reload. Everything a reader may do with a link still works. */
export function Link({ href, ...rest }: ComponentProps<"a"> & { href: string }) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}

/** Elements of a page with htmx that follow what the responses of Mizan make stale. */
import { covers } from "./stale.js";

/** The parts of htmx that the extension uses; `htmx` of `htmx.org` 2 has them. */
export interface Htmx {
  defineExtension(name: string, extension: { onEvent: (name: string, event: CustomEvent) => boolean }): void;
  trigger(element: Element, event: string): unknown;
}

/** Settings of {@link mizan}. */
export interface MizanHtmxOptions {
  /**
   * Mount point of the backend, from which the CSRF token is read.
   * @defaultValue `"/api/mizan"`
   * @example mizan(htmx, { baseUrl: "/shop/api/mizan" })
   */
  readonly baseUrl?: string | undefined;
}

/**
 * Defines the extension `mizan`. Below `hx-ext="mizan"`
 *
 * - an element that says `mizan-context="stall;stall_id=1"` gets the event `mizan:stale` when a response's `X-Mizan-Invalidate`
 *   covers it. With `hx-trigger="mizan:stale"` it is fetched again by its own `hx-get`;
 * - a write that is in no form with a field `csrf_token` carries the header `X-CSRFToken`.
 *
 * Call it once, before htmx reads the page: in a script of the type `module`.
 * @example mizan(htmx)
 */
export function mizan(htmx: Htmx, { baseUrl = "/api/mizan" }: MizanHtmxOptions = {}): void {
  htmx.defineExtension("mizan", {
    onEvent(name, event) {
      const { elt, etc, issueRequest, path, verb, xhr } = event.detail;
      if (name === "htmx:beforeOnLoad") refresh(htmx, xhr.getResponseHeader("X-Mizan-Invalidate"));
      const needsToken = name === "htmx:confirm" && verb !== "get" && !isSent(elt) && isOwn(path);
      if (!needsToken) return true;
      // htmx waits until `issueRequest` is called.
      event.preventDefault();
      void readToken(baseUrl).then((token) => {
        etc.headers = { "X-CSRFToken": token, ...etc.headers };
        issueRequest();
      });
      return false;
    },
  });
}

/** Notifies the elements that show what `header` names, and that the response itself does not replace. */
function refresh(htmx: Htmx, header: string | null): void {
  if (!header) return;
  const stale = [...document.querySelectorAll("[mizan-context]")].filter((element) =>
    // biome-ignore lint/style/noNonNullAssertion: the selector asks for it
    covers(header, element.getAttribute("mizan-context")!),
  );
  // Once the response is in the page: an element that it has replaced is as new as the change.
  setTimeout(() => {
    for (const element of stale) if (element.isConnected) htmx.trigger(element, "mizan:stale");
  });
}

/** Whether the form of an element sends its token. */
function isSent(element: Element): boolean {
  return !!element.closest("form")?.querySelector("[name=csrf_token]");
}

/** A token goes to this origin only. */
function isOwn(path: string): boolean {
  return new URL(path || "", document.baseURI).origin === location.origin;
}

/** Read for each write: the user may have signed in by a page meanwhile. Empty where it cannot be read; the server refuses the write then. */
async function readToken(baseUrl: string): Promise<string> {
  try {
    return (await (await fetch(`${baseUrl}/session/`)).json()).csrfToken;
  } catch {
    return "";
  }
}

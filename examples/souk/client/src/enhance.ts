import { mizan } from "@mizan/htmx";
import htmx from "htmx.org";

/**
 * The script of the classic pages, which work without it: htmx sends their forms, and what a response makes stale is
 * fetched again.
 */

// The policy of the pages allows neither evaluation nor styles that a script writes.
Object.assign(htmx.config, { allowEval: false, includeIndicatorStyles: false, historyEnabled: false });
mizan(htmx);

addEventListener("htmx:beforeSwap", ({ detail }: CustomEventInit) => {
  if (detail.xhr.status === 422) {
    // The form with its faults.
    Object.assign(detail, { shouldSwap: true, isError: false });
  } else if (detail.isError && detail.requestConfig.verb !== "get") {
    // The page that the form would have led to.
    Object.assign(detail, {
      shouldSwap: true,
      target: document.body,
      swapOverride: "innerHTML",
      selectOverride: "unset",
    });
  }
});

addEventListener("htmx:sendError", ({ detail }: CustomEventInit) => {
  const trouble = detail.elt.querySelector("#trouble");
  if (trouble) trouble.textContent = "The market cannot be reached. Try again.";
});

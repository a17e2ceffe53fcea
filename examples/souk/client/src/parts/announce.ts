import { useSyncExternalStore } from "react";

/** What was just done, for the eye and the ear: "Saved", "Added". Shown by <Announcer>. */

const STAYS_MS = 5000;
const listeners = new Set<() => void>();
let message: { readonly text: string } | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

function show(next: typeof message): void {
  message = next;
  for (const listener of listeners) listener();
}

/** Says something, in place of what was said before. */
export function announce(text: string): void {
  clearTimeout(timer);
  timer = setTimeout(silence, STAYS_MS);
  show({ text });
}

/** Removes what is there. */
export function silence(): void {
  clearTimeout(timer);
  show(undefined);
}

/** The message of the moment; another object for the same words said twice. */
export const useAnnouncement = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => message,
    () => undefined,
  );

import { useEffect } from "react";
import type { ReadState } from "@mizan/react";

const RETRY = "souk:retry";

/** Tries everything on the page again that failed. */
export const retryAll = (): void => void dispatchEvent(new Event(RETRY));

/** Lets a read that failed be tried again by any retry button of the page. Coming back online does it without one. */
export function useRetry({ error, refetch }: Pick<ReadState<unknown>, "error" | "refetch">): void {
  useEffect(() => {
    if (!error) return;
    addEventListener(RETRY, refetch);
    return () => removeEventListener(RETRY, refetch);
  }, [error, refetch]);
}

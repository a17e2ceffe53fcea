import type { ReactNode } from "react";
import type { ReadState } from "@mizan/react";
import { Failure, StaleNotice } from "./failure.js";
import { useRetry } from "./retry.js";

interface ReadingProps<T> {
  of: Pick<ReadState<T>, "data" | "error" | "refetch">;
  /** Stands where the data will: as large, and as quiet. */
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}

/**
 * The four states of a read, in one place: loading, failed, there, and there but a later read failed. What belonged to
 * somebody who is signed out by now is shown no longer.
 */
export function Reading<T>({ of, skeleton, children }: ReadingProps<T>) {
  useRetry(of);
  const { data, error } = of;
  if (data === undefined || error?.code === "UNAUTHORIZED")
    return error ? <Failure error={error} /> : <Loading>{skeleton}</Loading>;
  return (
    <>
      {error && <StaleNotice />}
      {children(data)}
    </>
  );
}

function Loading({ children }: { children: ReactNode }) {
  return (
    <div className="loading" aria-busy="true">
      <p className="unseen">Loading…</p>
      <div aria-hidden="true">{children}</div>
    </div>
  );
}

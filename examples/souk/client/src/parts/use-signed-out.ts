import { useEffect } from "react";
import type { SoukError } from "../mizan/index.js";
import { useMizan } from "../mizan/react.js";

/** A session may have been ended elsewhere. A part that notices this has the header ask who is signed in. */
export function useSignedOut(error: SoukError | undefined): void {
  const mizan = useMizan();
  useEffect(() => {
    if (error?.code === "UNAUTHORIZED") mizan.invalidate(["global"]);
  }, [mizan, error]);
}

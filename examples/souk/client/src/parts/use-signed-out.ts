import { useEffect } from "react";
import { type SoukError, useMizan } from "../mizan/index.js";

/** A session may have been ended elsewhere. Whoever hears of it has the header ask who is signed in. */
export function useSignedOut(error: SoukError | undefined): void {
  const mizan = useMizan();
  useEffect(() => {
    if (error?.code === "UNAUTHORIZED") mizan.invalidate(["global"]);
  }, [mizan, error]);
}

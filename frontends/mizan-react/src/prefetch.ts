/** The hook that reads ahead. */
import type { ContextDefinition } from "@mizan/base";
import { prefetch } from "@mizan/base/adapter";
import { useCallback } from "react";
import { useMizan } from "./provider.js";

/**
 * Reads what a page will show soon, where its data is not there or stale: for links that a pointer or the focus enters.
 * The function is stable.
 * @example const ahead = usePrefetch(userContext); // <a onPointerEnter={() => ahead({ user_id: 5 })}>
 */
export function usePrefetch<P extends object, D extends object>(
  definition: ContextDefinition<P, D>,
): (params: NoInfer<P> | undefined) => void {
  const mizan = useMizan();
  return useCallback((params) => prefetch(mizan, definition, params), [mizan, definition]);
}

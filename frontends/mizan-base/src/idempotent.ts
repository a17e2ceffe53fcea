/** Idempotent calls: sent again, with the same key, while their response is lost. A page without one does not load this. */
import { isLost } from "./call.js";
import type { JsonResponse, Repeat } from "./types.js";

/** Where the server asks for a longer wait than this, in milliseconds, a call is not sent again. */
const MAX_WAIT = 10_000;

/**
 * Sends a call twice more, after 200 and 400 ms or when the server says, if its response is lost: the server gives it one
 * effect. For the definition of a call; written by the generator.
 */
export const idempotent: Repeat = (clock, isSame) => {
  // Random, so that no one can guess it.
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return async function sent(attempt, delay = 200): Promise<JsonResponse> {
    const response = await attempt({ "Idempotency-Key": `"${key}"` });
    const { error, retryAfter = 0 } = response;
    const mayRepeat = error && isLost(error) && error.code !== "TIMEOUT" && delay < 800;
    if (!mayRepeat || retryAfter > MAX_WAIT) return response;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, Math.max(delay, retryAfter || 0)));
    // The session of now may be that of another user.
    return isSame() ? sent(attempt, delay * 2) : response;
  };
};

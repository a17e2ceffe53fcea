import type { SoukError } from "../mizan/index.js";

/** What a person reads about a failure. The codes are those of the client; everything else comes with words of the server. */
export function words({ code, message }: SoukError): string {
  switch (code) {
    case "NETWORK_ERROR":
      return "The market cannot be reached.";
    case "TIMEOUT":
      return "The market takes too long to respond.";
    case "BAD_RESPONSE":
      return "The response of the market cannot be read.";
    default:
      return message;
  }
}

/** The same for a call, which may have reached the market although its response did not come back. */
export function wordsOfCall(error: SoukError): string {
  const mayBeDone = ["NETWORK_ERROR", "TIMEOUT", "BAD_RESPONSE"].includes(error.code);
  return mayBeDone ? `${words(error)} Check whether it was done before you try again.` : words(error);
}

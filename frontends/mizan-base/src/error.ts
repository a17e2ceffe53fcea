/** The one error class of the client, and the three codes that no server sends. */
import { own } from "./keys.js";

/** The error that the server sends. */
export interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  readonly details?: unknown;
}

/**
 * Why a read or a call failed.
 *
 * `code` and `message` are the server's; `NETWORK_ERROR` (status 0) means that the server cannot be reached,
 * `TIMEOUT` (status 0) that it did not respond within the time limit, `BAD_RESPONSE` that the response was not Mizan's JSON.
 */
export class MizanError extends Error {
  /** Of the server, or `NETWORK_ERROR` or `BAD_RESPONSE`. */
  declare readonly code: string;
  /** HTTP status; 0 without a response. */
  declare readonly status: number;
  /** What the server added to the message: any JSON, or `undefined`. */
  declare readonly details: unknown;
  /** Messages of a `VALIDATION_ERROR`, by the wire path of the argument; otherwise empty. Without prototype. */
  declare readonly fields: Readonly<Record<string, readonly string[]>>;

  constructor(
    status: number,
    {
      code = status ? "BAD_RESPONSE" : "NETWORK_ERROR",
      message = status ? "the response cannot be read" : "the server cannot be reached",
      details,
    }: ErrorBody = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = "MizanError";
    this.code = code;
    this.status = status;
    this.details = details;
    this.fields = Object.assign(Object.create(null), own(details, "fields"));
  }
}

/** Runs the decoder of a definition, if it has one. */
export function decoded<T>(definition: { readonly decode?: (raw: any) => T }, raw: unknown): T {
  try {
    return definition.decode ? definition.decode(raw) : (raw as T);
  } catch (cause) {
    throw new MizanError(200, {}, cause);
  }
}

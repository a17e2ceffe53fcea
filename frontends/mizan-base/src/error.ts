/** The one error class of the client, and the two codes that no server sends. */
import { own } from "./keys.js";

/** What the server says about a failure. */
export interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  readonly details?: unknown;
}

/**
 * Why a read or a call failed.
 *
 * `code` and `message` are the server's; `NETWORK_ERROR` (status 0) means that no answer came,
 * `BAD_RESPONSE` that the answer was not Mizan's JSON.
 */
export class MizanError extends Error {
  declare readonly code: string;
  /** HTTP status, 0 where no answer came. */
  declare readonly status: number;
  declare readonly details: unknown;
  /** Messages by wire path of the argument, of a `VALIDATION_ERROR`; else empty. Without prototype. */
  declare readonly fields: Readonly<Record<string, readonly string[]>>;

  constructor(
    status: number,
    {
      code = status ? "BAD_RESPONSE" : "NETWORK_ERROR",
      message = "no usable answer",
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

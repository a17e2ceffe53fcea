/** What is sent of an error. */
import { inspect } from "node:util";

/** The most characters of a message, and of a stack. */
const MAX_MESSAGE = 4_096;
const MAX_STACK = 16_384;

/** Describes whatever was thrown; never throws. The stack is there in development only. */
export function describe(error: unknown, isDevelopment: boolean): { error: string; stack?: string } {
  try {
    const isError = error instanceof Error;
    const message = isError ? String(error.message || error.name) : typeof error === "string" ? error : inspect(error);
    const stack = isDevelopment && isError && String(error.stack).slice(0, MAX_STACK);
    return { error: message.slice(0, MAX_MESSAGE), ...(stack && { stack }) };
  } catch {
    return { error: "a value that cannot be shown was thrown" };
  }
}

/** What is sent of an error. */
import { inspect } from "node:util";
import { inSource } from "./positions.js";

/** The most characters of a message, and of a stack. */
const MAX_MESSAGE = 4_096;
const MAX_STACK = 16_384;

/** Describes whatever was thrown; never throws. The stack is there in development only. */
export function describe(error: unknown, isDevelopment: boolean): { error: string; stack?: string } {
  try {
    const message = messageOf(error).slice(0, MAX_MESSAGE);
    if (!isDevelopment || !(error instanceof Error)) return { error: message };
    return { error: message, stack: inSource(String(error.stack)).slice(0, MAX_STACK) };
  } catch {
    return { error: "a value that cannot be shown was thrown" };
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return String(error.message || error.name);
  return typeof error === "string" ? error : inspect(error);
}

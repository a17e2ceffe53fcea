/** Lines out of chunks that end anywhere. */
import { expect, test } from "vitest";
import { splitLines } from "../src/lines.js";

const LIMIT = 100;

/** The lines of `text`, which arrives in chunks of `size` bytes. */
function lines(text: string, size: number): string[] {
  const found: string[] = [];
  const take = splitLines(
    LIMIT,
    (line) => found.push(line),
    (head, length) => found.push(`${length}: ${head}`),
  );
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) take(Buffer.from(bytes.subarray(at, at + size)));
  return found;
}

const ROWS: readonly (readonly [name: string, text: string, lines: string[]])[] = [
  ["none", "", []],
  ["lines", "a\nb\n", ["a", "b"]],
  ["characters of several bytes", "é€\u{1f600}\n\u2028x\n", ["é€\u{1f600}", "\u2028x"]],
  ["empty lines", "\n\n a \r\n\n", [" a \r"]],
  ["a line without an end", "a\nb", ["a"]],
  ["a line of the limit", `${"x".repeat(100)}\n`, ["x".repeat(100)]],
  ["a line above it", `${"x".repeat(101)}\nb\n`, [`101: ${"x".repeat(64)}`, "b"]],
  ["a line far above it", `${"x".repeat(9_999)}\nb\n`, [`9999: ${"x".repeat(64)}`, "b"]],
];

test.each(ROWS)("%s", (_, text, expected) => {
  for (const size of [1, 2, 3, 7, 64, 99, 100, 101, 65_536]) expect(lines(text, size)).toEqual(expected);
});

/** Splits a stream of bytes into lines of a bounded length. */

/** How much of a line that is too long is kept: enough for its id. */
const HEAD = 64;

/**
 * Returns a function that takes chunks, and calls `onLine` with each whole line. Of a line of more than `limit` bytes,
 * `onLong` gets the beginning and the length; its bytes are not kept.
 */
export function splitLines(
  limit: number,
  onLine: (line: string) => void,
  onLong: (head: string, length: number) => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;

  const take = (part: Buffer) => {
    const isWithin = length <= limit;
    length += part.length;
    if (length <= limit) parts.push(part);
    else if (isWithin)
      parts = [Buffer.from(Buffer.concat([...parts, part.subarray(0, HEAD)]).subarray(0, HEAD))];
  };
  const end = () => {
    const [first] = parts;
    const text = (first && parts.length === 1 ? first : Buffer.concat(parts)).toString();
    const bytes = length;
    parts = [];
    length = 0;
    if (bytes > limit) onLong(text, bytes);
    else if (text.trim()) onLine(text);
  };

  return (chunk) => {
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, at));
      end();
      start = at + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  };
}

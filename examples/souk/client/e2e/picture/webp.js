// An animated WebP file, put together from still ones. The format is RIFF: chunks of a name, a length and bytes.

/**
 * @typedef {object} Frame
 * @property {Buffer} image a still WebP file
 * @property {number} x where its left edge is: an even number
 * @property {number} y where its upper edge is: an even number
 * @property {number} width
 * @property {number} height
 * @property {number} duration in milliseconds
 */

const IS_ANIMATED = 0b10;
const HAS_ALPHA = 0b10000;
/** Draw the frame over the one before it, and leave it there for the next. */
const BLEND_AND_KEEP = 0;
/** What a frame consists of. Everything else in a still file describes the file. */
const PIXELS = ["VP8 ", "VP8L", "ALPH"];

/**
 * Each frame is drawn over the one before it, which shows where the frame is transparent. The animation repeats without an end.
 *
 * @param {number} width
 * @param {number} height
 * @param {Frame[]} frames
 */
export function animation(width, height, frames) {
  const header = Buffer.concat([uint(IS_ANIMATED | HAS_ALPHA, 4), uint(width - 1, 3), uint(height - 1, 3)]);
  const anmf = (/** @type {Frame} */ frame) =>
    chunk(
      "ANMF",
      uint(frame.x / 2, 3),
      uint(frame.y / 2, 3),
      uint(frame.width - 1, 3),
      uint(frame.height - 1, 3),
      uint(frame.duration, 3),
      uint(BLEND_AND_KEEP, 1),
      ...pixels(frame.image),
    );
  const forever = chunk("ANIM", uint(0xffffffff, 4), uint(0, 2));
  return chunk("RIFF", Buffer.from("WEBP"), chunk("VP8X", header), forever, ...frames.map(anmf));
}

/**
 * The chunks of a still file that a frame consists of.
 *
 * @param {Buffer} file
 */
function pixels(file) {
  const found = [];
  for (let at = 12; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (PIXELS.includes(file.toString("latin1", at, at + 4))) found.push(file.subarray(at, end));
    at = end;
  }
  return found;
}

/**
 * @param {string} name
 * @param {Buffer[]} parts
 */
function chunk(name, ...parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(name), uint(body.length, 4), body, Buffer.alloc(body.length % 2)]);
}

/**
 * @param {number} value
 * @param {number} bytes
 */
function uint(value, bytes) {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}

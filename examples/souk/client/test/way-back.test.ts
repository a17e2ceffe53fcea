// Where a sign-in may lead: the cases that the server is tested with too, and what a browser makes of each.

import { expect, test } from "vitest";
import rows from "../../tests/ways_back.json";
import { isWayBack } from "../src/way-back.js";

const HERE = "https://souk.example";
const stays = (next: string) => new URL(next, HERE).origin === HERE;

test("a way back is judged as the server judges it", () => {
  for (const [next, expected] of rows as [string, boolean][]) {
    expect(isWayBack(next), JSON.stringify(next)).toBe(expected);
    if (expected) expect(stays(next), JSON.stringify(next)).toBe(true);
  }
});

test("no way back leads a browser to another host, however it is written", () => {
  const parts = ["/", "\\", "\t", "\n", "\r", "\0", " ", ".", ":", "@", "?", "#", "%09", "a", "evil.example"];
  let [taken, refused] = [0, 0];
  const extend = (text: string, left: number): void => {
    if (isWayBack(text)) {
      taken += 1;
      expect(stays(text), JSON.stringify(text)).toBe(true);
    } else {
      refused += 1;
    }
    if (left > 0) for (const part of parts) extend(text + part, left - 1);
  };
  extend("", 4);
  expect(taken).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(10_000);
});

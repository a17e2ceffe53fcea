/** Identity: unchanged values stay the same objects, so that no component renders for unchanged data. */
import { own } from "./keys.js";

/** `next`, with the parts that are equal in `held` taken from `held`. */
export function keep<T>(held: unknown, next: T): T;
export function keep(held: any, next: any): unknown {
  const list = Array.isArray(next);
  if (list ? !Array.isArray(held) : !plain(next) || !plain(held)) return next;
  const pairs = Object.entries(next).map(([name, value]) => [name, keep(own(held, name), value)] as const);
  const same = ([name, value]: readonly [string, unknown]) =>
    Object.hasOwn(held, name) && held[name] === value;
  if (pairs.length === Object.keys(held).length && pairs.every(same)) return held;
  return list ? pairs.map(([, value]) => value) : Object.fromEntries(pairs);
}

/** Whether it is an object as JSON makes it, and not the result of a decoder. */
export function plain(value: unknown): boolean {
  return Object(value) === value && Object.getPrototypeOf(value) === Object.prototype;
}

/** Identity: what did not change stays the same object, so that nobody renders for an unchanged answer. */
import { own } from "./keys.js";

/** `next`, but with `held` in place of whatever in it is equal to what is held there. */
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

/** Whether JSON could have written it: not what a decoder makes of a value. */
function plain(value: unknown): boolean {
  return Object(value) === value && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * Text forms: how a parameter looks in a query, in a key and in a comparison.
 * They are those of the server, so that both sides mean the same entry.
 */
import { readTarget } from "./covering.js";
import type { ContextDefinition, Texts } from "./types.js";

/** The own property `name` of anything, `undefined` if there is none. Prototypes are never read. */
export function own(value: unknown, name: string): unknown {
  return Object.hasOwn(Object(value), name) ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * Text of one parameter; `undefined` where it is absent (null or undefined). A list is the JSON array of
 * its texts, and a set has them sorted, each once.
 */
export function text(value: unknown, isSet?: boolean): string | undefined {
  const texts = elements(value, isSet);
  return Array.isArray(value) ? JSON.stringify(texts) : texts[0];
}

/** Whether the order of a parameter's elements means nothing. */
export function isSet({ sets }: ContextDefinition<any, any>, name: string): boolean {
  return !!sets?.includes(name);
}

/** Path of a context with its parameters, in the order of the definition and without those that are absent. */
export function path(context: ContextDefinition<any, any>, params: object): string {
  const pairs = context.params.flatMap((name) => {
    const value = own(params, name);
    const texts = elements(value, isSet(context, name));
    // A list that is empty is not one that is absent.
    return Array.isArray(value) && !texts.length ? [[`${name}[]`, ""]] : texts.map((text) => [name, text]);
  });
  // Only forms write a space as `+`; `%20` is valid everywhere. A plus sign in a value is `%2B` by now.
  const query = `${new URLSearchParams(pairs)}`.replaceAll("+", "%20");
  return ["ctx", context.name, query && `?${query}`].join("/");
}

/** A context with the texts of its parameters, as a target in a header or an entry in a batch. */
export function targetOf({ name, params }: ContextDefinition<any, any>, texts: Texts): string {
  const pairs = params.flatMap((param, at) => {
    const text = texts[at];
    return text === undefined ? [] : [`${encoded(param)}=${encoded(text)}`];
  });
  return [encoded(name), ...pairs].join(";");
}

/** The texts of the parameters in such a target; empty where it names the context alone, or cannot be read. */
export function textsOf({ params }: ContextDefinition<any, any>, target: string): Texts {
  try {
    const [, ...pairs] = readTarget(target);
    return pairs.length ? params.map((param) => pairs.find(([name]) => name === param)?.[1]) : [];
  } catch {
    return [];
  }
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
}

/** JSON with texts as reads send them, well-formed. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, value) =>
    ["bigint", "string"].includes(typeof value) ? wellFormed(value) : value,
  );
}

function elements(value: unknown, isSet?: boolean): string[] {
  const texts = (Array.isArray(value) ? value : [value])
    .filter((element) => element != null)
    // No parameter is an object, but received values may be objects, with a `toString` of their own.
    .map((element) => (typeof element === "object" ? JSON.stringify(element) : wellFormed(element)));
  return isSet ? [...new Set(texts)].sort((one, other) => (rank(one) < rank(other) ? -1 : 1)) : texts;
}

/** The text of a value. Half of a surrogate pair, which no request can carry, is U+FFFD. */
export function wellFormed(value: unknown): string {
  return `${value}`.replace(/\p{Cs}/gu, "\ufffd");
}

/** Sorts as UTF-8 does, by code points: after U+D7FF what a comparison of UTF-16 would put after the surrogates. */
function rank(text: string): string {
  return text.replace(/[\ue000-\uffff]/g, "\ud7ff$&");
}

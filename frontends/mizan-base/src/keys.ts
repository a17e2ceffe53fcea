/**
 * Text forms: how a parameter looks in a query, in a key and in a comparison.
 * They are those of the server, so that both sides mean the same entry.
 */

/** The own property `name` of anything, `undefined` if there is none. Prototypes are never read. */
export function own(value: unknown, name: string): unknown {
  return Object.hasOwn(Object(value), name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** Text of one parameter; `undefined` where it is absent (null, undefined, an empty list). A list is the JSON array of its texts. */
export function text(value: unknown): string | undefined {
  const texts = elements(value);
  return Array.isArray(value) && texts.length ? JSON.stringify(texts) : texts[0];
}

/** Path of a context with its parameters, in the order of `names` and without those that are absent. */
export function path(context: string, names: readonly string[], params: object): string {
  const pairs = names.flatMap((name) => elements(own(params, name)).map((element) => [name, element]));
  // Only forms write a space as `+`; `%20` is valid everywhere. A plus sign in a value is `%2B` by now.
  const query = `${new URLSearchParams(pairs)}`.replaceAll("+", "%20");
  return ["ctx", context, query && `?${query}`].join("/");
}

function elements(value: unknown): string[] {
  return (
    (Array.isArray(value) ? value : [value])
      .filter((element) => element != null)
      // No parameter is an object, but received values may be objects, with a `toString` of their own.
      .map((element) => (typeof element === "object" ? JSON.stringify(element) : `${element}`))
  );
}

/**
 * The covering rule, and targets as text. For the kernel, and for what refreshes a page without entries (`@mizan/htmx`).
 */

/** The name of a parameter and its text. */
export type Pair = readonly [name: string, text?: string | undefined];

/** Reads `stall;stall_id=1`: the name of the context, then its parameters. Throws where an escape is broken. */
export const readTarget = (target: string) =>
  target.split(";").map((pair) => pair.split("=").map(decodeURIComponent)) as unknown as [
    context: readonly [name: string],
    ...params: Pair[],
  ];

/** Whether each parameter of a target equals that of an entry as text, or is absent there. */
export const fits = (target: readonly Pair[], textOf: (name: string) => string | undefined): boolean =>
  target.every(([name, text]) => [undefined, text].includes(textOf(name)));

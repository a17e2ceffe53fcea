import type { CSSProperties } from "react";

const money = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });
const moment = new Intl.DateTimeFormat("en-IE", { dateStyle: "long", timeStyle: "short" });
const day = new Intl.DateTimeFormat("en-IE", { dateStyle: "long" });

/** Cents as the market writes them: 240 is €2.40. */
export const euros = (cents: number): string => money.format(cents / 100);

/** The day of an RFC 3339 time. */
export const dayOf = (time: string): string => day.format(new Date(time));

/** Day and time of an RFC 3339 time. */
export const momentOf = (time: string): string => moment.format(new Date(time));

/** "1 good", "3 goods". */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** Gives an element, and what is drawn inside of it, the colour of a stall. */
export const hued = (hue: number): CSSProperties => ({ "--hue": hue }) as CSSProperties;

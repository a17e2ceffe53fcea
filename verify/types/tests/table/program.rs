//! The program in TypeScript: it writes every value without a cast, and compares types exactly.

use std::fmt::Write as _;

use crate::row::Row;

const HEAD: &str = r#"
import assert from "node:assert/strict";
import { createMizan } from "@mizan/base";
import * as c from "./mizan/index.js";

/** True where two types are one. */
type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function holds<_ extends true>(): void {}

/** A type with its names and intersections written out. */
type Deep<T> =
  unknown extends T ? unknown
  : T extends string | number | bigint | boolean | null | undefined ? T
  : { [K in keyof T]: Deep<T[K]> };
type Same<A, B> = Equal<Deep<A>, Deep<B>>;

interface More<T> {
  field: T;
  list: T[];
  map: Record<string, T>;
  flat: { id: number; inner: T };
  external: ({ One: T } | { Two: { two: T } })[];
  internal: { kind: "One"; one: T } | { kind: "Two"; two: boolean };
  adjacent: { kind: "One"; content: T } | { kind: "Two"; content: { two: boolean } };
  untagged: { one: T } | { two: boolean };
}

/** What a type that may be absent is as an argument. */
interface OptionalMore<T> {
  field?: T;
  list: T[];
  map: Record<string, T>;
  flat: { id: number; inner?: T };
  external: ({ One: T } | { Two: { two?: T } })[];
  internal: { kind: "One"; one?: T } | { kind: "Two"; two: boolean };
  adjacent: { kind: "One"; content: T } | { kind: "Two"; content: { two: boolean } };
  untagged: { one?: T } | { two: boolean };
}

function everywhere<T>(value: T): More<T> {
  return {
    field: value,
    list: [value, value],
    map: { a: value, "b c": value },
    flat: { id: 7, inner: value },
    external: [{ One: value }, { Two: { two: value } }],
    internal: { kind: "One", one: value },
    adjacent: { kind: "One", content: value },
    untagged: { one: value },
  };
}

let seen = { query: "", header: "" };
const fetchReal = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const response = await fetchReal(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.search !== "") seen.query = url.search.slice(1);
  seen.header = response.headers.get("x-mizan-invalidate") ?? seen.header;
  return response;
};
const mizan = createMizan({ baseUrl: process.argv[2] ?? "" });
const faults: string[] = [];

function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) {
    return value !== null && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, value]) => [key, sorted(value)]))
      : value;
  }
  const key = (item: unknown) => (typeof item === "string" ? item : JSON.stringify(item));
  return value.map(sorted).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function row<T>(
  name: string,
  values: readonly T[],
  isSet: boolean,
  tries: Record<string, (value: T) => Promise<[unknown, unknown]>>,
): Promise<void> {
  if (values.length < 3) faults.push(`${name}: ${values.length} values`);
  const texts: { query: string; header: string }[] = [];
  for (const value of values) {
    seen = { query: "", header: "" };
    for (const [position, run] of Object.entries(tries)) {
      const show = (value: unknown) =>
        JSON.stringify(value, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
      try {
        const [found, expected] = await run(value);
        assert.deepEqual(isSet ? sorted(found) : found, isSet ? sorted(expected) : expected);
      } catch (error) {
        const details = error instanceof c.MizanError ? JSON.stringify(error) : "";
        faults.push(`${name}, ${position}, ${show(value)}: ${error} ${details}`);
      }
    }
    texts.push(seen);
  }
  console.log(JSON.stringify({ name, texts }));
}
"#;

const TAIL: &str = r#"
mizan.close();
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
"#;

/// The program that tries these rows.
pub(crate) fn program(rows: &[Row]) -> String {
    let mut program = String::from(HEAD);
    for row in rows {
        write(&mut program, row);
    }
    program.push_str(TAIL);
    program
}

fn write(program: &mut String, row: &Row) {
    let (name, upper) = (row.name, pascal(row.name));
    let (read, written) = (row.typescript, row.written.unwrap_or(row.typescript));
    let optional = row.has("optional");
    let (mark, more) = if optional { ("?", "OptionalMore") } else { ("", "More") };
    let mut tries = format!(
        "    echo: async (value) => [await c.callEcho{upper}(mizan, {{ value }}), value],\n"
    );
    let mut types = format!(
        "  type In = {read};\n  type Out = {written};\n  \
         holds<Same<NonNullable<Parameters<typeof c.callEcho{upper}>[1]>, {{ value{mark}: In }}>>();\n  \
         holds<Same<Awaited<ReturnType<typeof c.callEcho{upper}>>, Out>>();\n"
    );
    if row.is_param {
        let _ = writeln!(
            types,
            "  holds<Same<NonNullable<Parameters<typeof c.fetch{upper}Context>[1]>, {{ value{mark}: In }}>>();"
        );
        let _ = writeln!(
            tries,
            "    read: async (value) => [(await c.fetch{upper}Context(mizan, {{ value }})).read_{name}.value, value],"
        );
    }
    if !row.has("alone") {
        let _ = writeln!(
            types,
            "  holds<Same<Parameters<typeof c.callAll{upper}>[1][\"more\"], {more}<In>>>();\n  \
             holds<Same<Awaited<ReturnType<typeof c.callAll{upper}>>, More<Out>>>();"
        );
        let _ = writeln!(
            tries,
            "    everywhere: async (value) => [await c.callAll{upper}(mizan, {{ more: everywhere(value) }}), everywhere(value)],"
        );
    }
    let set = row.has("set");
    let values = row.values;
    let _ = writeln!(
        program,
        "{{\n{types}  const values: In[] = {values};\n  await row<In>(\"{name}\", values, {set}, {{\n{tries}  }});\n}}"
    );
}

/// `user_id` as `UserId`.
fn pascal(name: &str) -> String {
    let mut upper = true;
    let mut result = String::new();
    for char in name.chars() {
        match (char, std::mem::take(&mut upper)) {
            ('_', _) => upper = true,
            (char, true) => result.push(char.to_ascii_uppercase()),
            (char, false) => result.push(char),
        }
    }
    result
}

/** The programs that run a worker. */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BUNS = new URL("../../../../node_modules/@oven/", import.meta.url);

/** Bun, as npm has installed it. There is none for some systems. */
function bun(): string[] {
  if (!existsSync(BUNS)) return [];
  const programs = readdirSync(BUNS).flatMap((name) =>
    ["bun", "bun.exe"].map((program) => fileURLToPath(new URL(`${name}/bin/${program}`, BUNS))),
  );
  return programs.filter((program) => existsSync(program)).slice(0, 1);
}

/** The runtimes that are here, by name. */
export const RUNTIMES: readonly (readonly [name: string, program: string])[] = [
  ["node", process.execPath],
  ...bun().map((program) => ["bun", program] as const),
];

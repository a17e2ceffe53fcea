#!/usr/bin/env node
// Runs the generator: the program that `MIZAN_GENERATE_BIN` names, else the one in the package of this platform.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const REMEDY = "build the program by `cargo install mizan-generate`, and set MIZAN_GENERATE_BIN to its path.";

/** Reports a fault and ends. */
function fail(message) {
  console.error(`mizan-generate: ${message}`);
  process.exit(1);
}

/** The path of the program. */
function find() {
  const named = process.env.MIZAN_GENERATE_BIN;
  if (named) return named;
  const platform = `@mizan/generate-${process.platform}-${process.arch}`;
  const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  if (!(platform in manifest.optionalDependencies)) {
    return fail(`there is no package for ${process.platform} on ${process.arch}: ${REMEDY}`);
  }
  const program = process.platform === "win32" ? "mizan-generate.exe" : "mizan-generate";
  try {
    return createRequire(import.meta.url).resolve(`${platform}/${program}`);
  } catch {
    return fail(`the package ${platform} is not installed.
npm leaves it out with --omit=optional, and where the lock file was written for another platform: install again without them.
Or ${REMEDY}`);
  }
}

const program = find();
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => {
  const source = process.env.MIZAN_GENERATE_BIN ? "MIZAN_GENERATE_BIN names" : "the installed package has";
  fail(`${source} ${program}, which cannot be run: ${error.code ?? error.message}`);
});
// A terminal signals both. Others signal the launcher alone, and `--watch` must not outlive it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code ?? 1);
  }
});

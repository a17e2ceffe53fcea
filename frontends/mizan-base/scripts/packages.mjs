// Builds the packages and packs them as `npm publish` would, then checks the tarballs with publint and attw,
// installs them in an empty folder, and checks the types of a small application there.
// Proves too that the source folders cannot be published: their `exports` point to TypeScript.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { consumer } from "./consumer.mjs";

const PACKAGES = [
  ...["mizan-base", "mizan-react", "mizan-vue", "mizan-svelte", "mizan-htmx", "devtools"].map(
    (name) => `frontends/${name}`,
  ),
  "workers/mizan-ssr/worker",
];
const root = fileURLToPath(new URL("../../../", import.meta.url));
const complaints = [];

/** Runs a program in a folder; rejects with its `stdout` and `stderr` where it fails. */
const run = (cwd, program, ...words) => promisify(execFile)(program, words, { cwd });

/** Builds and packs one package, and returns the path of its tarball. */
async function pack(folder, destination) {
  await rm(join(folder, "dist"), { recursive: true, force: true });
  await run(folder, "npm", "run", "--silent", "build");
  const { stdout } = await run(
    join(folder, "dist"),
    "npm",
    "pack",
    "--json",
    "--pack-destination",
    destination,
  );
  const [{ filename, files }] = JSON.parse(stdout);
  for (const { path } of files) {
    if (/\.tsx?$/.test(path) && !path.endsWith(".d.ts")) complaints.push(`${filename} contains ${path}`);
  }
  return join(destination, filename);
}

/** What publint and attw find in a tarball. */
async function lint(tarball) {
  const data = await readFile(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(data).buffer }, strict: true });
  for (const message of messages) complaints.push(`publint: ${pkg.name}: ${formatMessage(message, pkg)}`);

  const analysis = await checkPackage(createPackageFromTarballData(data));
  if (!analysis.types) return complaints.push(`attw: ${pkg.name}: no types`);
  for (const problem of analysis.problems) {
    // The packages are ESM only: from CommonJS they are loaded by `import()`.
    const expected = problem.kind === "CJSResolvesToESM" && problem.resolutionKind === "node16-cjs";
    if (!expected) complaints.push(`attw: ${pkg.name}: ${JSON.stringify(problem)}`);
  }
}

/** The source folder must refuse `npm publish`. */
async function refusesToPublish(folder) {
  const words = ["publish", "--dry-run", "--offline", "--loglevel=warn"];
  const { stdout, stderr } = await run(folder, "npm", ...words).catch((error) => error);
  // npm prints `+ name@version` for a package that it would publish.
  if (!/marked as private/.test(stderr) || /^\+ /m.test(stdout)) {
    complaints.push(`${folder} can be published from its sources`);
  }
}

/** Imports the installed packages as an application does. */
async function imports(directory) {
  const program = `
    const { createMizan } = await import("@mizan/base");
    const { useMizan } = await import("@mizan/react");
    const { useList } = await import("@mizan/vue");
    const { useCall } = await import("@mizan/svelte");
    const { mizan } = await import("@mizan/htmx");
    const { openDevtools } = await import("@mizan/devtools");
    const { perRender } = await import("@mizan/ssr/per-render");
    const { react } = await import("@mizan/ssr/react");
    const all = [createMizan, useMizan, useList, useCall, mizan, openDevtools, perRender, react];
    console.log(...all.map((one) => typeof one));`;
  const { stdout } = await run(directory, "node", "--input-type=module", "--eval", program);
  if (stdout !== `${Array(8).fill("function").join(" ")}\n`) complaints.push(`the packages export ${stdout}`);
}

const directory = await mkdtemp(join(tmpdir(), "mizan-packages-"));
try {
  const tarballs = [];
  for (const name of PACKAGES) {
    const folder = join(root, name);
    await refusesToPublish(folder);
    tarballs.push(await pack(folder, directory));
  }
  await Promise.all(tarballs.map(lint));
  const application = join(directory, "application");
  const [base, react, vue, svelte, htmx, devtools, ssr] = tarballs;
  const packed = {
    "@mizan/base": base,
    "@mizan/react": react,
    "@mizan/vue": vue,
    "@mizan/svelte": svelte,
    "@mizan/htmx": htmx,
    "@mizan/devtools": devtools,
    "@mizan/ssr": ssr,
  };
  await consumer(application, packed, join(root, "node_modules"));
  await imports(application);
} finally {
  await rm(directory, { recursive: true });
}
for (const complaint of complaints) console.error(complaint);
if (complaints.length) process.exit(1);
console.log(`${PACKAGES.join(", ")}: packed, clean for publint and attw, and installed in an empty folder`);

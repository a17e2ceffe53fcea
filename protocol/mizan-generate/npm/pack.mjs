// Packs the launcher, and the program of this machine as the package of its platform: `node pack.mjs [<program> [<folder>]]`.
// Without arguments it builds the program for release, and writes both tarballs to `target/npm`.
// A release runs it on each platform, and publishes the packages of the platforms before the launcher.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = resolve(here, "../../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const windows = process.platform === "win32";

/** The program that is packed: the one that was named, or one that is built now. */
function program() {
  if (process.argv[2]) return resolve(process.argv[2]);
  const words = ["build", "--release", "--package", "mizan-generate", "--features", "https"];
  execFileSync("cargo", words, { cwd: root, stdio: "inherit" });
  return join(target, "release", windows ? "mizan-generate.exe" : "mizan-generate");
}

/** Packs a folder of files, and prints the path of the tarball. */
function pack(folder, destination) {
  const words = ["pack", "--json", "--pack-destination", destination];
  const printed = execFileSync("npm", words, { cwd: folder, encoding: "utf8", shell: windows });
  console.log(join(destination, basename(JSON.parse(printed)[0].filename)));
}

const { private: _, ...launcher } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const { name, version, license } = launcher;
const binary = program();
const destination = resolve(process.argv[3] ?? join(target, "npm"));
mkdirSync(destination, { recursive: true });
const work = mkdtempSync(join(tmpdir(), "mizan-generate-"));
try {
  const folder = (name, manifest, files) => {
    const path = join(work, name);
    mkdirSync(path);
    writeFileSync(join(path, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const file of files) copyFileSync(file, join(path, basename(file)));
    return path;
  };
  const platform = `${process.platform}-${process.arch}`;
  const manifest = {
    name: `@mizan/generate-${platform}`,
    version,
    description: `The program ${name} for ${platform}`,
    license,
    os: [process.platform],
    cpu: [process.arch],
    // A program for glibc does not run on musl.
    ...(process.platform === "linux" && { libc: ["glibc"] }),
  };
  const built = folder("platform", manifest, [binary]);
  chmodSync(join(built, basename(binary)), 0o755);
  pack(built, destination);
  const files = [join(here, "launcher.mjs"), join(here, "README.md")];
  pack(folder("launcher", launcher, files), destination);
} finally {
  rmSync(work, { recursive: true });
}

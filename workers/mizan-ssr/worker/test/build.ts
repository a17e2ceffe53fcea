/** Builds the pages and the worker of the fixture before the tests. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export default async function setup(): Promise<void> {
  const settings = { cwd: new URL("..", import.meta.url), env: { ...process.env, NODE_ENV: "production" } };
  await promisify(execFile)("npm", ["run", "--silent", "fixture"], settings);
}

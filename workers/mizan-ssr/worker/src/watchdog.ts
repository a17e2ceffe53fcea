/** Ends the process when its parent is gone. */
import { Worker } from "node:worker_threads";

/** How often, in milliseconds, the thread looks for the parent. */
const INTERVAL = 250;

/** Watches in a thread of its own, so that a component in an endless loop does not prevent the end. */
export function watchParent(parent: number): void {
  // As text: a bundler would need to know about a second file. `process.exit` would end the thread alone.
  const code = `setInterval(() => {
    if (process.ppid !== ${parent}) process.kill(process.pid, "SIGKILL");
  }, ${INTERVAL});`;
  new Worker(code, { eval: true }).unref();
}

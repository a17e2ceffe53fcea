/**
 * `@mizan/ssr`: the worker that renders pages for a server of Mizan.
 *
 * Import it before anything else in the entry of a worker: from then on what components print goes to stderr, and stdout
 * belongs to the protocol alone.
 *
 * @packageDocumentation
 */
import "./channel.js";

export type { Component, Renderer, RenderedPage } from "./renderer.js";
export { serveWorker, type WorkerOptions } from "./serve.js";

// The scenarios: what a page does, what is seen, and which requests go out.

import { reads } from "./rows/reads.js";
import { calls } from "./rows/calls.js";
import { lists } from "./rows/lists.js";
import { sessions } from "./rows/sessions.js";
import { trouble } from "./rows/trouble.js";

/** @typedef {Record<string, (hand: import("./stage.js").Hand) => Promise<void>>} Rows */

/** @type {Rows} */
export const TABLE = { ...reads, ...calls, ...lists, ...sessions, ...trouble };

// Rows of sessions and of tabs.

import { equal } from "node:assert/strict";

/** @type {import("../table.js").Rows} */
export const sessions = {
  "after a sign-in, what is shown is read again": async (p) => {
    await p.show("session:ann secret:");
    await p.sees("secret", "nobody");
    await p.sent("GET secret");
    await p.click("session", "Sign in");
    await p.sees("secret", "a secret of ann");
    await p.sent("POST sign_in", "GET secret");
  },
  "a sign-out empties the screen before anything is read": async (p) => {
    await p.show("session:ann secret: profile:1");
    await p.sees("secret", "nobody");
    await p.click("session", "Sign in");
    await p.sees("secret", "a secret of ann");
    await p.settled();
    const held = p.network.hold(/GET secret/);
    await p.click("session", "Sign out");
    await held.arrived;
    equal(await p.now("secret"), "");
    equal(await p.now("profile"), "");
    held.release();
    await p.sees("secret", "nobody");
    await p.sees("profile", "User 1");
    await p.sent("DELETE session", "GET secret + user 1");
  },
  "a sign-out empties the screens of other tabs": async (p) => {
    await p.show("session:ann secret:");
    await p.sees("secret", "nobody");
    await p.click("session", "Sign in");
    await p.sees("secret", "a secret of ann");
    const other = await p.tab();
    await other.show("secret:");
    await other.sees("secret", "a secret of ann");
    await p.click("session", "Sign out");
    await p.sees("secret", "nobody");
    await other.sees("secret", "nobody");
  },
  "other tabs follow a call, and read what it made stale": async (p) => {
    await p.show("profile:1 total:1");
    await p.sees("profile", "User 1");
    await p.sent("GET total 1 + user 1");
    const other = await p.tab();
    await other.show("rename:1 profile:1");
    await other.sees("profile", "User 1");
    await p.sent("GET user 1");
    await other.click("rename", "Rename", "Ann");
    await other.sees("profile", "Ann");
    await p.sees("profile", "Ann");
    await p.sent("POST rename", "GET user 1");
  },
};

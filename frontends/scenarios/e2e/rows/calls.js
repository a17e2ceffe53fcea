// Rows of calls: what they refresh, what they show before their response, and how they fail.

import { deepEqual, equal } from "node:assert/strict";

/** @type {import("../table.js").Rows} */
export const calls = {
  "a call brings what it affects: no read follows": async (p) => {
    await p.show("rename:1 profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
    await p.click("rename", "Rename", "Ann");
    await p.sees("profile", "Ann");
    await p.sent("POST rename");
  },
  "entries that a call does not affect are silent": async (p) => {
    await p.show("rename:1 profile:1 profile:2 total:1");
    await p.sees("profile", "User 2", 1);
    await p.sees("total", "0");
    await p.sent("GET total 1 + user 1 + user 2");
    await p.watch("profile", 1);
    await p.click("rename", "Rename", "Ann");
    await p.sees("profile", "Ann");
    await p.sees("profile", "User 2", 1);
    await p.sent("POST rename");
    deepEqual(await p.drawn(), []);
  },
  "an effect on one function draws nothing else again": async (p) => {
    await p.show("rename:1 posts:1 profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
    await p.watch("profile");
    await p.click("rename", "Post", "hello");
    await p.sees("posts", "hello");
    await p.sent("POST post");
    deepEqual(await p.drawn(), []);
  },
  "an effect on one function reads that member alone, where the call does not bring it": async (p) => {
    await p.show("rename:1 posts:1 profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
    p.network.set("lose", /^POST post/);
    await p.click("rename", "Post", "hello");
    await p.sees("posts", "hello");
    await p.sent("POST post", "GET user 1 only=posts");
  },
  "a merge updates without a read": async (p) => {
    await p.show("rename:1 badge:1");
    await p.sees("badge", "User 1");
    await p.sent("GET badge 1");
    await p.click("rename", "Engrave", "Ann");
    await p.sees("badge", "Ann");
    await p.sent("POST engrave");
  },
  "a draft is shown at once, and stays": async (p) => {
    await p.show("rename:1 profile:1");
    await p.sees("profile", "User 1");
    const held = p.network.hold(/rename/);
    await p.click("rename", "Rename at once", "Ann");
    await p.sees("profile", "Ann");
    await p.is("rename", "aria-busy", "true");
    await held.arrived;
    held.release();
    await p.is("rename", "aria-busy", "false");
    await p.sees("profile", "Ann");
    await p.sent("GET user 1", "POST rename");
  },
  "a draft of a call that fails is taken back, and the failure is shown": async (p) => {
    await p.show("rename:1 profile:1");
    await p.sees("profile", "User 1");
    const held = p.network.hold(/rename/);
    await p.click("rename", "Rename at once", "root");
    await p.sees("profile", "root");
    await held.arrived;
    held.release();
    await p.sees("profile", "User 1");
    await p.alerts("rename", "this name is taken");
    // The call may have changed something before it failed.
    await p.sent("GET user 1", "POST rename", "GET user 1");
  },
  "two drafts whose calls settle in the other order show the later one": async (p) => {
    await p.show("rename:1 profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
    const first = p.network.hold(/rename/);
    await p.click("rename", "Rename at once", "Ann");
    await first.arrived;
    const second = p.network.hold(/rename/);
    await p.click("rename", "Rename at once", "Bea");
    await second.arrived;
    await p.sees("profile", "Bea");
    await p.watch("profile");
    second.release();
    // What the second brings may be from before the first, which is under way: the truth is read.
    await p.sent("POST rename", "POST rename", "GET user 1");
    first.release();
    await p.is("rename", "aria-busy", "false");
    await p.sees("profile", "Bea");
    await p.settled();
    await p.sees("profile", "Bea");
    // The value from before both is not shown again.
    equal((await p.drawn()).includes("User 1"), false);
  },
  "an error of a field is shown beside the field": async (p) => {
    await p.show("rename:1");
    await p.click("rename", "Rename", "");
    await p.has("rename", "[data-field=name]", "a name is not empty");
    await p.sent("POST rename");
    await p.click("rename", "Rename", "Ann");
    await p.alerts("rename", undefined);
    await p.sent("POST rename");
  },
  "of two overlapping calls of one hook, the failure is shown": async (p) => {
    await p.show("rename:1");
    const first = p.network.hold(/rename/);
    await p.click("rename", "Rename", "root");
    await first.arrived;
    await p.click("rename", "Rename", "Ann");
    await p.is("rename", "aria-busy", "true");
    first.release();
    await p.alerts("rename", "this name is taken");
    await p.is("rename", "aria-busy", "false");
    await p.sent("POST rename", "POST rename");
  },
  "reset takes the failure away": async (p) => {
    await p.show("rename:1");
    await p.click("rename", "Rename", "root");
    await p.alerts("rename", "this name is taken");
    await p.click("rename", "Reset");
    await p.alerts("rename", undefined);
  },
  "a failure that no component shows any more reaches the page": async (p) => {
    await p.show("rename:1");
    const held = p.network.hold(/rename/);
    await p.click("rename", "Rename", "root");
    await held.arrived;
    await p.show("");
    held.release();
    await p.page.waitForFunction(() => document.title === "BAD_REQUEST");
    await p.sent("POST rename");
  },
  "a slow old response does not replace a newer one": async (p) => {
    await p.show("rename:1 profile:1");
    await p.sees("profile", "User 1");
    const old = p.network.hold(/GET user/);
    await p.click("profile", "Refetch");
    await old.arrived;
    await p.click("rename", "Rename", "Ann");
    await p.sees("profile", "Ann");
    old.release();
    await p.page.waitForTimeout(100);
    await p.sees("profile", "Ann");
    deepEqual(await p.all("profile", "output"), ["Ann"]);
  },
};

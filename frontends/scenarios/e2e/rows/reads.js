// Rows of reads: what is asked for, once, and when again.

import { equal } from "node:assert/strict";

/** @type {import("../table.js").Rows} */
export const reads = {
  "a component that is mounted reads, and shows that it is loading until then": async (p) => {
    const held = p.network.hold(/user/);
    await p.show("profile:1");
    await p.is("profile", "aria-busy", "true");
    await held.arrived;
    held.release();
    await p.sees("profile", "User 1");
    await p.is("profile", "aria-busy", "false");
    await p.sent("GET user 1");
  },
  "two members of one context are one bundle, read once": async (p) => {
    await p.show("profile:1 posts:1 user:1");
    await p.sees("profile", "User 1");
    await p.sees("user", "User 1: 0");
    await p.sent("GET user 1");
  },
  "two components with equal parameters share one request": async (p) => {
    await p.show("profile:1 profile:1");
    await p.sees("profile", "User 1", 0);
    await p.sees("profile", "User 1", 1);
    await p.sent("GET user 1");
  },
  "several contexts that are shown together are one request": async (p) => {
    await p.show("profile:1 profile:2 badge:1 total:1");
    await p.sees("profile", "User 1", 0);
    await p.sees("profile", "User 2", 1);
    await p.sees("total", "0");
    await p.sent("GET badge 1 + total 1 + user 1 + user 2");
  },
  "a component that joins later shows what is there, without a request": async (p) => {
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
    await p.show("profile:1 user:1");
    await p.sees("user", "User 1: 0");
    await p.sent();
  },
  "an entry that is fresh is not read again when it is mounted again": async (p) => {
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    await p.show("total:1");
    await p.sees("total", "0");
    await p.sent("GET user 1", "GET total 1");
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    await p.sent();
  },
  "an entry that became stale while it was not mounted is read when it is mounted": async (p) => {
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    await p.show("rename:1");
    await p.click("rename", "Rename", "Ann");
    await p.sent("GET user 1", "POST rename");
    await p.show("rename:1 profile:1");
    await p.sees("profile", "Ann");
    await p.sent("GET user 1");
  },
  "other parameters are read, and the values of before are not shown for them": async (p) => {
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    const held = p.network.hold(/user/);
    await p.show("profile:2");
    await p.is("profile", "aria-busy", "true");
    equal(await p.now("profile"), "");
    await held.arrived;
    held.release();
    await p.sees("profile", "User 2");
    await p.sent("GET user 1", "GET user 2");
  },
  "with keepPrevious, the last value is shown until the new one arrives": async (p) => {
    await p.show("kept:1");
    await p.sees("kept", "User 1");
    const held = p.network.hold(/user/);
    await p.show("kept:2");
    await p.is("kept", "data-previous", "true");
    await p.sees("kept", "User 1");
    await p.is("kept", "aria-busy", "false");
    await held.arrived;
    held.release();
    await p.sees("kept", "User 2");
    await p.is("kept", "data-previous", "false");
    await p.sent("GET user 1", "GET user 2");
  },
  "without parameters nothing is read, and with them it is": async (p) => {
    await p.show("profile:");
    await p.is("profile", "data-status", "idle");
    await p.is("profile", "aria-busy", "false");
    await p.sent();
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
  },
  "a button reads again": async (p) => {
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    await p.click("profile", "Refetch");
    await p.sent("GET user 1", "GET user 1");
    await p.sees("profile", "User 1");
  },
  "a pointer on a link reads ahead, and the component does not read again": async (p) => {
    await p.show("link:1");
    await p.sent();
    await p.hover("link");
    await p.sent("GET user 1");
    await p.show("link:1 profile:1");
    await p.sees("profile", "User 1");
    await p.sent();
  },
  "a component that waits shows something else until then": async (p) => {
    const held = p.network.hold(/user/);
    await p.show("waits:1");
    await p.has("waits", "p", "waiting");
    await held.arrived;
    held.release();
    await p.sees("waits", "User 1");
    await p.sent("GET user 1");
  },
  "a read that fails reaches the boundary of the component that waits": async (p) => {
    await p.show("waits:-1");
    await p.alerts("waits", "no user -1");
    await p.sent("GET user -1");
  },
  "a read that fails is shown beside the others, which go on": async (p) => {
    await p.show("profile:-1 profile:2");
    await p.alerts("profile", "no user -1");
    await p.is("profile", "data-status", "error");
    await p.sees("profile", "User 2", 1);
  },
  "a request that no component waits for is aborted": async (p) => {
    const held = p.network.hold(/user/);
    await p.show("profile:1");
    await held.arrived;
    await p.show("");
    await held.aborted;
    held.release();
    await p.sent("GET user 1");
  },
};

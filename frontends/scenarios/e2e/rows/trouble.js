// Rows of networks that fail.

/** @type {import("../table.js").Rows} */
export const trouble = {
  "a network that is cut and back: what failed is read again, and nothing else": async (p) => {
    await p.show("profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
    p.network.set("cut");
    await p.show("profile:1 total:1");
    await p.alerts("total", "the server cannot be reached");
    await p.settled();
    p.network.set("pass");
    await p.page.context().setOffline(true);
    await p.page.context().setOffline(false);
    await p.sees("total", "0");
    await p.alerts("total", undefined);
    await p.sent("GET total 1");
  },
  "a call whose response is lost is shown as failed, and what it may have changed is read": async (p) => {
    await p.show("rename:1 profile:1 total:1");
    await p.sees("profile", "User 1");
    await p.sent("GET total 1 + user 1");
    p.network.set("lose", /rename/);
    await p.click("rename", "Rename", "Ann");
    await p.alerts("rename", "the server cannot be reached");
    await p.sees("profile", "Ann");
    await p.sent("POST rename", "GET user 1");
  },
  "a draft whose response is lost gives way to what the server knows": async (p) => {
    await p.show("rename:1 profile:1");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1");
    p.network.set("cut", /rename/);
    await p.click("rename", "Rename at once", "Ann");
    await p.alerts("rename", "the server cannot be reached");
    await p.sees("profile", "User 1");
    await p.sent("POST rename", "GET user 1");
  },
  "a read that is cut is tried again automatically": async (p) => {
    p.network.set("cut");
    await p.show("profile:1");
    await p.page.waitForTimeout(250);
    p.network.set("pass");
    await p.sees("profile", "User 1");
    await p.alerts("profile", undefined);
  },
  "a read that hangs is replaced by the button": async (p) => {
    p.network.set("hang");
    await p.show("profile:1");
    await p.is("profile", "aria-busy", "true");
    // Longer than `hangTime`.
    await p.page.waitForTimeout(1_100);
    p.network.set("pass");
    await p.click("profile", "Refetch");
    await p.sees("profile", "User 1");
    await p.sent("GET user 1", "GET user 1");
  },
};

// Rows of lists that grow.

import { deepEqual, equal } from "node:assert/strict";

/**
 * A list of so many orders, of which the page shows the first 20.
 *
 * @param {import("../stage.js").Hand} p
 * @param {number} count
 */
async function filled(p, count) {
  await p.show("add:1");
  await p.click("add", "Add", `${count}`);
  await p.sent("POST add_orders");
  await p.show("add:1 orders:1");
  await p.sees("orders", "20 orders");
  await p.sent("GET orders 1");
}

/** @type {import("../table.js").Rows} */
export const lists = {
  "the first insert into an empty list appears": async (p) => {
    await p.show("add:1 orders:1 total:1");
    await p.sees("orders", "0 orders");
    await p.sent("GET orders 1 + total 1");
    await p.click("add", "Add", "1");
    await p.sees("orders", "1 orders");
    await p.sees("total", "1");
    await p.sent("POST add_orders");
  },
  "a list loads more until its end": async (p) => {
    await filled(p, 45);
    await p.click("orders", "More");
    await p.sees("orders", "40 orders");
    await p.click("orders", "More");
    await p.sees("orders", "45 orders");
    deepEqual(await p.all("orders", "button"), []);
    const ids = await p.all("orders", "li");
    equal(new Set(ids).size, 45);
    deepEqual(
      ids,
      [...ids].sort((one, other) => Number(other) - Number(one)),
    );
  },
  "a list is refreshed as far as it is shown, by the call": async (p) => {
    await filled(p, 45);
    await p.click("orders", "More");
    await p.sees("orders", "40 orders");
    await p.settled();
    const [newest] = await p.all("orders", "li");
    await p.click("add", "Add", "1");
    await p.sees("orders", "41 orders");
    await p.sent("POST add_orders");
    equal((await p.all("orders", "li"))[1], newest);
  },
  "more that is loaded during a refresh neither loses nor doubles a row": async (p) => {
    await filled(p, 45);
    await p.settled();
    const held = p.network.hold(/add_orders/);
    await p.click("add", "Add", "3");
    await held.arrived;
    await p.click("orders", "More");
    held.release();
    await p.sees("orders", "43 orders");
    await p.click("orders", "More");
    await p.sees("orders", "48 orders");
    equal(new Set(await p.all("orders", "li")).size, 48);
  },
  "a page of a list that fails is tried again by the same button": async (p) => {
    await filled(p, 25);
    await p.settled();
    p.network.set("cut", /GET orders/);
    await p.click("orders", "More");
    await p.alerts("orders", "the server cannot be reached");
    await p.sees("orders", "20 orders");
    p.network.set("pass");
    await p.click("orders", "More");
    await p.sees("orders", "25 orders");
    await p.alerts("orders", undefined);
  },
};

import { useEffect, useRef, useState } from "react";
import { dayOf, euros } from "../format.js";
import type { Order } from "../mizan/index.js";
import { useOrdersList } from "../mizan/react.js";
import { announce } from "../parts/announce.js";
import { Button } from "../parts/button.js";
import { Notice } from "../parts/failure.js";
import { ForUser } from "../parts/for-user.js";
import { Page } from "../parts/page.js";
import { Reading } from "../parts/reading.js";
import { Rows } from "../parts/skeleton.js";
import { Link } from "../router.js";

/** What was bought. */
export function Orders() {
  return (
    <Page title="Orders">
      <ForUser skeleton={<Rows rows={4} />}>{() => <List />}</ForUser>
    </Page>
  );
}

function List() {
  const { items, more, loadMore, pending, ...read } = useOrdersList();
  const list = useRef<HTMLOListElement>(null);
  /** How many were there when more were asked for. */
  const [before, setBefore] = useState<number>();
  useEffect(() => {
    if (before === undefined || pending) return;
    setBefore(undefined);
    if (items.length <= before) return;
    const count = items.length - before;
    announce(count === 1 ? "1 more order" : `${count} more orders`);
    // The button keeps the focus until it goes away; then the first of the new receipts has it.
    if (!more) list.current?.querySelectorAll("li.receipt")[before]?.querySelector("h2")?.focus();
  }, [before, items.length, more, pending]);
  const ask = () => {
    setBefore(items.length);
    void loadMore();
  };
  const data = items.length > 0 || read.status === "success" ? items : undefined;
  return (
    <Reading of={{ ...read, data }} skeleton={<Rows rows={4} />}>
      {(receipts) =>
        receipts.length > 0 ? (
          <>
            <ol className="receipts" ref={list}>
              {receipts.map((order) => (
                <Receipt key={order.id} {...order} />
              ))}
            </ol>
            {more && (
              <p className="more">
                <Button look="quiet" pending={pending} onClick={ask}>
                  {pending ? "Loading more…" : "More orders"}
                </Button>
              </p>
            )}
          </>
        ) : (
          <Empty />
        )
      }
    </Reading>
  );
}

const STATUS: Record<Order["status"], string> = { pending: "To be paid", paid: "Paid", shipped: "Sent" };

function Receipt({ id, number, placed_at, buyer, status, total_cents, lines }: Order) {
  return (
    <li className="receipt">
      <h2 tabIndex={-1}>Order {number}</h2>
      <p className={`status ${status}`}>{STATUS[status]}</p>
      <p className="placed">
        <time dateTime={placed_at}>{dayOf(placed_at)}</time> · bought by <strong>{buyer}</strong>
      </p>
      <ul>
        {lines.map(({ good, quantity, price_cents }) => (
          <li key={good}>
            <span>
              {quantity} × {good}
            </span>
            <span>{euros(quantity * price_cents)}</span>
          </li>
        ))}
      </ul>
      <p className="total">
        <span>Total</span> <strong>{euros(total_cents)}</strong>
      </p>
      {status === "pending" && <Bank orderId={id} />}
    </li>
  );
}

/** This market has no bank: its visitor plays one. */
function Bank({ orderId }: { orderId: number }) {
  const elsewhere = location.host === "127.0.0.1:8080" ? "" : ` ${location.host}`;
  return (
    <p className="bank">
      The bank is played by <code>{`cargo run -p souk -- bank pay ${orderId}${elsewhere}`}</code>
    </p>
  );
}

function Empty() {
  return (
    <Notice title="No orders yet">
      <p>Your receipts are kept here.</p>
      <Link className="button primary" href="/">
        Walk through the hall
      </Link>
    </Notice>
  );
}

import { dayOf, euros } from "../format.js";
import { type Order, useOrdersList } from "../mizan/index.js";
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
  const orders = useOrdersList();
  return (
    <Reading of={orders} skeleton={<Rows rows={4} />}>
      {(list) =>
        list.length > 0 ? (
          <ol className="receipts">
            {list.map((order) => (
              <Receipt key={order.id} {...order} />
            ))}
          </ol>
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
      <h2>Order {number}</h2>
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

import { count, euros } from "../format.js";
import type { BasketContextData, Order } from "../mizan/index.js";
import { useBasketContext, usePay } from "../mizan/react.js";
import { announce } from "../parts/announce.js";
import { BasketRow } from "../parts/basket-row.js";
import { Button } from "../parts/button.js";
import { Notice } from "../parts/failure.js";
import { Complaint } from "../parts/field.js";
import { ForUser } from "../parts/for-user.js";
import { Page } from "../parts/page.js";
import { Reading } from "../parts/reading.js";
import { shown } from "../parts/shown.js";
import { Rows } from "../parts/skeleton.js";
import { Link, navigate } from "../router.js";

/** What is about to be bought. */
export function Basket() {
  return (
    <Page title="Basket">
      <ForUser skeleton={<Rows rows={3} />}>{() => <Contents />}</ForUser>
    </Page>
  );
}

function Contents() {
  const basket = useBasketContext();
  return (
    <Reading of={basket} skeleton={<Rows rows={3} />}>
      {(data) => (data.basket_lines.length > 0 ? <Filled {...data} /> : <Empty />)}
    </Reading>
  );
}

function Empty() {
  return (
    <Notice title="Your basket is empty">
      <p>Whatever you add at a stall is weighed here.</p>
      <Link className="button primary" href="/">
        Walk through the hall
      </Link>
    </Notice>
  );
}

function Filled({ basket_lines, basket_total }: BasketContextData) {
  const order = usePay();
  const stalls = new Set(basket_lines.map((line) => line.stall_id));
  const placed = ({ number }: Order) => {
    announce(`Order ${number} is placed.`);
    navigate("/orders");
  };
  const place = () => order.mutate().then(placed, shown);
  return (
    <div className="basket">
      <ul className="rows">
        {basket_lines.map((line) => (
          <BasketRow key={line.good_id} line={line} />
        ))}
      </ul>
      <section className="sum" aria-labelledby="sum">
        <h2 id="sum">Total</h2>
        <p className="total">{euros(basket_total.cents)}</p>
        <p>
          {count(basket_total.pieces, "piece")} from {count(stalls.size, "stall")}
        </p>
        <Button pending={order.isPending} onClick={place}>
          Order and pay
        </Button>
        <Complaint error={order.error} />
      </section>
    </div>
  );
}

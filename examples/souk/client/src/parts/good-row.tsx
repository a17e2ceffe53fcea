import { euros } from "../format.js";
import type { Good } from "../mizan/index.js";
import { useAddToBasket, useCurrentUser } from "../mizan/react.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";
import { Complaint } from "./field.js";
import { shown } from "./shown.js";

/** A good on the counter of its stall. */
export function GoodRow({ good }: { good: Good }) {
  return (
    <li className="row">
      <div className="what">
        <h3>{good.name}</h3>
        <p className="blurb">{good.blurb}</p>
        <Stock left={good.in_stock} />
      </div>
      <div className="side">
        <p className="price">
          <span className="tag">{euros(good.price_cents)}</span> <small>/ {good.unit}</small>
        </p>
        <Buy good={good} />
      </div>
    </li>
  );
}

const FEW = 10;

function Stock({ left }: { left: number }) {
  if (left === 0) return <p className="stock none">Sold out</p>;
  if (left <= FEW) return <p className="stock few">Only {left} left</p>;
  return <p className="stock">{left} in stock</p>;
}

function Buy({ good }: { good: Good }) {
  const { data: me } = useCurrentUser();
  const add = useAddToBasket();
  if (good.in_stock === 0) return null;
  const added = () => announce(`Added to your basket: ${good.name}`);
  const buy = () => add.mutate({ good_id: good.id }).then(added, shown);
  return (
    <div className="buy">
      {/* It has its place before it is known who is here: nothing moves when it shows. */}
      <Button
        look="quiet"
        pending={add.isPending}
        onClick={buy}
        style={me ? undefined : { visibility: "hidden" }}
      >
        Add<span className="unseen"> {good.name}</span> to basket
      </Button>
      {add.error?.fields.quantity && (
        <p className="complaint" role="alert">
          {add.error.fields.quantity.join(" ")}
        </p>
      )}
      <Complaint error={add.error} />
    </div>
  );
}

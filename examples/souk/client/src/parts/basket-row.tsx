import { euros } from "../format.js";
import { type BasketLine, useSetQuantity } from "../mizan/index.js";
import { Link } from "../router.js";
import { Button } from "./button.js";
import { Complaint } from "./field.js";
import { Quantity } from "./quantity.js";

/** A good in the basket, and how much of it. */
export function BasketRow({ userId, line }: { userId: number; line: BasketLine }) {
  const change = useSetQuantity();
  const set = (quantity: number) => change.mutate({ user_id: userId, good_id: line.good_id, quantity });
  return (
    <li className="row">
      <div className="what">
        <h2>{line.good}</h2>
        <p className="blurb">
          <Link href={`/stalls/${line.stall_id}`}>{line.stall}</Link>
          <span>
            {euros(line.price_cents)} · {line.unit}
          </span>
        </p>
        <Complaint error={change.error} />
      </div>
      <Quantity
        label={`Quantity of ${line.good}`}
        quantity={line.quantity}
        messages={change.error?.fields["quantity"]}
        pending={change.isPending}
        onChange={set}
      />
      <p className="price">
        <span className="tag">{euros(line.price_cents * line.quantity)}</span>
      </p>
      <Button look="plain" pending={change.isPending} onClick={() => set(0)}>
        Remove<span className="unseen"> {line.good}</span>
      </Button>
    </li>
  );
}

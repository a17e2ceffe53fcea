import { useCallback } from "react";
import { euros } from "../format.js";
import type { BasketLine } from "../mizan/index.js";
import { useSetQuantity } from "../mizan/react.js";
import { Link } from "../router.js";
import { Button } from "./button.js";
import { Complaint } from "./field.js";
import { Quantity } from "./quantity.js";

/** A good in the basket, and how much of it. */
export function BasketRow({ line }: { line: BasketLine }) {
  const { mutate, error, isPending } = useSetQuantity();
  const removal = useSetQuantity();
  const { good_id } = line;
  const change = useCallback((quantity: number) => mutate({ good_id, quantity }), [mutate, good_id]);
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
        <Complaint error={error ?? removal.error} />
      </div>
      <Quantity
        label={`Quantity of ${line.good}`}
        quantity={line.quantity}
        messages={error?.fields.quantity}
        isPending={isPending}
        onChange={change}
      />
      <p className="price">
        <span className="tag">{euros(line.price_cents * line.quantity)}</span>
      </p>
      <Button
        look="plain"
        pending={removal.isPending}
        onClick={() => removal.mutate({ good_id, quantity: 0 })}
      >
        Remove<span className="unseen"> {line.good}</span>
      </Button>
    </li>
  );
}

import { count, euros, hued } from "../format.js";
import type { StallCard as Card } from "../mizan/index.js";
import { useStallCardInfo } from "../mizan/react.js";
import { Link } from "../router.js";
import { Reading } from "./reading.js";
import { Bars } from "./skeleton.js";

/** A stall in the hall. It reads its own entry, so that a keeper who is renamed moves one card and no other. */
export function StallCard({ stallId, userId }: { stallId: number; userId: number }) {
  const card = useStallCardInfo({ stall_id: stallId, user_id: userId });
  return (
    <article className="card">
      <Reading of={card} skeleton={<CardSkeleton />}>
        {(data) => <CardFace {...data} />}
      </Reading>
    </article>
  );
}

function CardFace({ stall_id, name, tagline, category, keeper, hue, goods, from_cents }: Card) {
  return (
    <Link className="face" href={`/stalls/${stall_id}`} style={hued(hue)}>
      <div className="awning" />
      <p className="category">{category}</p>
      <h3>{name}</h3>
      <p className="tagline">{tagline}</p>
      <p className="keeper">
        Kept by <strong>{keeper}</strong>
      </p>
      <p className="price">
        {goods > 0 && <span className="tag">from {euros(from_cents)}</span>}
        <span>{count(goods, "good")}</span>
      </p>
    </Link>
  );
}

/** As high as a card. */
export function CardSkeleton() {
  return (
    <div className="face">
      <div className="awning" />
      <Bars widths={["30%", "70%", "90%", "45%"]} />
    </div>
  );
}

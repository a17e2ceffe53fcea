import type { HallCategory, HallContextData } from "../mizan/index.js";
import { useHallContext } from "../mizan/react.js";
import { Notice } from "../parts/failure.js";
import { Arch } from "../parts/photo.js";
import { Reading } from "../parts/reading.js";
import { Bars } from "../parts/skeleton.js";
import { CardSkeleton, StallCard } from "../parts/stall-card.js";
import { Link } from "../router.js";

/** Everything there is, or one category of it. */
export function Hall({ category }: { category: string | undefined }) {
  // Another filter keeps the former list until its own has come.
  const hall = useHallContext(category ? { category } : {}, { keepPrevious: true });
  return (
    <div className="page hall">
      <title>Souk, a market hall</title>
      <Welcome />
      <Reading of={hall} skeleton={<HallSkeleton />}>
        {(held) => <Stalls {...held} category={category} />}
      </Reading>
    </div>
  );
}

function Welcome() {
  return (
    <div className="welcome">
      <div>
        <h1>
          Good things, <em>fairly weighed</em>
        </h1>
        <p className="lead">
          Twelve stalls under one roof. What you see on the counter is what is there, down to the last loaf.{" "}
          <Link href="/under-the-hood">Under the hood</Link> shows how.
        </p>
      </div>
      <div className="arcade">
        <Arch hue={155} pattern="lattice" />
        <Arch hue={42} pattern="waves" />
        <Arch hue={12} pattern="tiles" />
        <Arch hue={205} pattern="dots" />
      </div>
    </div>
  );
}

function Stalls({
  hall_categories,
  hall_stalls,
  category,
}: HallContextData & { category: string | undefined }) {
  return (
    <section aria-labelledby="stalls">
      <h2 className="unseen" id="stalls">
        {category ? `Stalls: ${category}` : "All stalls"}
      </h2>
      <Filter categories={hall_categories} chosen={category} />
      {hall_stalls.length === 0 && (
        <Notice title="No stall here">
          <p>No stall sells {category ?? "anything"} today.</p>
        </Notice>
      )}
      <div className="cards">
        {hall_stalls.map(({ stall_id, user_id }) => (
          <StallCard key={stall_id} stallId={stall_id} userId={user_id} />
        ))}
      </div>
    </section>
  );
}

function Filter({ categories, chosen }: { categories: readonly HallCategory[]; chosen: string | undefined }) {
  const all = categories.reduce((sum, { stalls }) => sum + stalls, 0);
  return (
    <nav className="filter" aria-label="Categories">
      <Link href="/" aria-current={chosen === undefined ? "true" : undefined}>
        All <small>{all}</small>
      </Link>
      {categories.map(({ name, stalls }) => (
        <Link
          key={name}
          href={`/?category=${encodeURIComponent(name)}`}
          aria-current={chosen === name ? "true" : undefined}
        >
          {name} <small>{stalls}</small>
        </Link>
      ))}
    </nav>
  );
}

function HallSkeleton() {
  return (
    <>
      <div className="filter">
        <Bars widths={["4.5rem", "6rem", "5.5rem", "7rem", "5rem"]} />
      </div>
      <div className="cards">
        {Array.from({ length: 6 }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the cards are all the same
          <div className="card" key={at}>
            <CardSkeleton />
          </div>
        ))}
      </div>
    </>
  );
}

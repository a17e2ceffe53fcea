import { hued } from "../format.js";
import type { Photo, StallContextData, StallInfo } from "../mizan/index.js";
import { useStallContext } from "../mizan/react.js";
import { GoodRow } from "../parts/good-row.js";
import { Arch } from "../parts/photo.js";
import { Reading } from "../parts/reading.js";
import { Bars, Rows } from "../parts/skeleton.js";
import { Link } from "../router.js";

/** One stall: three functions of one context, and so one request. */
export function Stall({ stallId }: { stallId: number }) {
  const stall = useStallContext({ stall_id: stallId });
  return (
    <>
      {!stall.data && <Unnamed />}
      <Reading of={stall} skeleton={<StallSkeleton />}>
        {(data) => <Open {...data} />}
      </Reading>
    </>
  );
}

/** A screen has a title and a heading, even before it knows its own. */
function Unnamed() {
  return (
    <>
      <title>Stall · Souk</title>
      <h1 className="unseen">Stall</h1>
    </>
  );
}

function Open({ stall_info, stall_stock, stall_photos }: StallContextData) {
  return (
    <article className="page stall" style={hued(stall_info.hue)}>
      <title>{`${stall_info.name} · Souk`}</title>
      <div className="awning wide" />
      <Front {...stall_info} />
      <Photos photos={stall_photos} />
      <section aria-labelledby="counter">
        <h2 id="counter">On the counter</h2>
        {stall_stock.length === 0 && <p className="lead">The counter is empty today.</p>}
        <ul className="rows">
          {stall_stock.map((good) => (
            <GoodRow key={good.id} good={good} />
          ))}
        </ul>
      </section>
    </article>
  );
}

function Front({ name, tagline, about, category, keeper }: StallInfo) {
  return (
    <div className="front">
      <p className="crumb">
        <Link href="/">Hall</Link> <span aria-hidden="true">/</span>{" "}
        <Link href={`/?category=${encodeURIComponent(category)}`}>{category}</Link>
      </p>
      <h1>{name}</h1>
      <p className="tagline">{tagline}</p>
      <p className="about">{about}</p>
      <p className="keeper">
        Kept by <strong>{keeper}</strong>
      </p>
    </div>
  );
}

function Photos({ photos }: { photos: readonly Photo[] }) {
  if (photos.length === 0) return null;
  return (
    <ul className="photos" aria-label="Photos">
      {photos.map(({ id, caption, hue, pattern }) => (
        <li key={id}>
          <figure>
            <Arch hue={hue} pattern={pattern} />
            <figcaption>{caption}</figcaption>
          </figure>
        </li>
      ))}
    </ul>
  );
}

function StallSkeleton() {
  return (
    <div className="page stall">
      <div className="awning wide" />
      <div className="front">
        <Bars widths={["8rem", "60%", "40%", "85%"]} />
      </div>
      <Rows rows={6} />
    </div>
  );
}

import type { CSSProperties } from "react";

/** The mark of the market: a pair of scales (mizan means scales), which tips by `tilt` degrees. */
export function Scales({ tilt }: { tilt: number }) {
  return (
    <svg
      className="scales"
      viewBox="0 0 48 48"
      aria-hidden="true"
      style={{ "--tilt": tilt } as CSSProperties}
    >
      <path d="M24 8v31M15 41h18" />
      <circle className="fulcrum" cx="24" cy="10" r="3" />
      <g className="beam">
        <path d="M8 10h32" />
        <path className="pan" d="M8 10 2.5 26M8 10l5.5 16M40 10l-5.5 16M40 10l5.5 16" />
        <path className="bowl" d="M1 26h14a7 7 0 0 1-14 0ZM33 26h14a7 7 0 0 1-14 0Z" />
      </g>
    </svg>
  );
}

import { useId, type ReactNode } from "react";
import { hued } from "../format.js";
import type { Pattern } from "../mizan/index.js";

/** One tile of each pattern, 40 by 40; the classes take their colours from the hue around them. */
const TILES: Record<Pattern, ReactNode> = {
  lattice: (
    <>
      <path className="b" d="M20 4 36 20 20 36 4 20Z" />
      <path className="b" d="M9 9h22v22H9Z" />
      <path className="line" d="M0 0l9 9M40 0l-9 9M0 40l9-9M40 40l-9-9M20 0v4M20 36v4M0 20h4M36 20h4" />
      <path className="c" d="m20 12 2.4 5.6L28 20l-5.6 2.4L20 28l-2.4-5.6L12 20l5.6-2.4Z" />
    </>
  ),
  waves: (
    <>
      {[
        [0, 20],
        [40, 20],
        [20, 40],
        [0, 60],
        [40, 60],
      ].map(([x, y]) => (
        <g key={`${x} ${y}`}>
          <circle className="a edge" cx={x} cy={y} r="20" />
          <circle className="b" cx={x} cy={y} r="14" />
          <circle className="a" cx={x} cy={y} r="9" />
          <circle className="c" cx={x} cy={y} r="4" />
        </g>
      ))}
    </>
  ),
  tiles: (
    <>
      <path className="b" d="M0 0h20a20 20 0 0 1-20 20ZM40 40H20a20 20 0 0 1 20-20Z" />
      <path className="c" d="M20 0h20v20A20 20 0 0 1 20 0ZM0 20a20 20 0 0 1 20 20H0Z" />
      <path className="a" d="m20 14 6 6-6 6-6-6Z" />
    </>
  ),
  dots: (
    <>
      <circle className="b" cx="10" cy="10" r="7" />
      <circle className="b" cx="30" cy="30" r="7" />
      <circle className="c" cx="30" cy="10" r="3.4" />
      <circle className="c" cx="10" cy="30" r="3.4" />
    </>
  ),
};

/** A picture in the shape of an arch: nothing but a hue and a pattern. */
export function Arch({ hue, pattern, title }: { hue: number; pattern: Pattern; title?: string }) {
  const id = useId();
  const named = title ? { role: "img", "aria-label": title } : { "aria-hidden": true };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: `named` gives it a label or hides it
    <svg className="arch" viewBox="0 0 160 200" style={hued(hue)} {...named}>
      <pattern id={id} width="40" height="40" patternUnits="userSpaceOnUse">
        <rect className="a" width="40" height="40" />
        {TILES[pattern]}
      </pattern>
      <path className="frame" fill={`url(#${id})`} d="M4 196V80a76 76 0 0 1 152 0v116Z" />
    </svg>
  );
}

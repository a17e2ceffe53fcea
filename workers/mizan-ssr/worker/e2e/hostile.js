// Strings that try to leave the script that they are written into.

const PIECES = [
  ...[
    "</script>",
    "</SCRIPT\n>",
    "</scr",
    "ipt>",
    "<script>",
    "<script src=x>",
    "<!--",
    "-->",
    "--!>",
    "<!",
    "<?x",
    "]]>",
  ],
  ...[
    "<![CDATA[",
    "&",
    "&lt;",
    "&#60;",
    "&amp;quot;",
    '"',
    "'",
    "`",
    "\\",
    "\\u003c",
    "\\\\u003c",
    "\u2028",
    "\u2029",
  ],
  ...[
    "</title>",
    "</div>",
    "<div id=mizan-page>",
    '<i id="mizan-page-data">',
    "<img src=x onerror=alert(1)>",
    "$" + "{1}",
    "{{x}}",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "__proto__",
    "\u{1f600}",
    "\ufeff",
    "\ufffe",
    "\u0085",
    "é",
    " ",
    "\t",
    "\n",
    "a",
    "0",
  ],
];
/** What an HTML parser changes outside of JSON: rendered text cannot keep them. */
const CONTROLS = ["\u0000", "\r", "\r\n", "\u000c", "\u001b"];

/**
 * Strings of up to eight pieces, the same ones for the same seed.
 *
 * @param {number} count
 * @param {{ seed: number, controls: boolean }} settings
 */
export function hostile(count, { seed, controls }) {
  const pieces = controls ? [...PIECES, ...CONTROLS] : PIECES;
  let state = seed;
  /** @param {number} below */
  const next = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)]).join(""),
  );
}

/**
 * Whether a sign-in may lead there: a path and a query of this page, as a browser sends them. `src/way_back.rs` is
 * the same rule for the pages of the server, and `tests/ways_back.json` has the cases of both.
 */
export function isWayBack(next: string): boolean {
  // Browsers read `\` as `/` and leave out tabs and line feeds: `/<tab>/evil.example` is another host.
  return /^\/(?!\/)[!-[\]-~]*$/.test(next);
}

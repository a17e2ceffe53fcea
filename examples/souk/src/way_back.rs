//! The one rule for where a sign-in may lead. `client/src/way-back.ts` is the same rule for the client, and
//! `tests/ways_back.json` has the cases of both.

/// Whether this leads to an address of this market: a link from elsewhere must not lead elsewhere.
///
/// A path and a query as a browser sends them: `/`, then printable ASCII without `\`, and no second `/` at once.
/// Browsers read `\` as `/` and leave out tabs and line feeds, so `/<tab>/evil.example` is another host.
pub fn is_way_back(next: &str) -> bool {
    let Some(rest) = next.strip_prefix('/') else { return false };
    !rest.starts_with('/') && rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

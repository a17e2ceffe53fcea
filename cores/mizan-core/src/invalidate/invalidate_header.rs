//! The header `X-Mizan-Invalidate`: `user;user_id=5, notifications`.
//!
//! Targets are joined with a comma and a space. Parameters follow after semicolons, sorted by name.
//! Names and values are percent-encoded as UTF-8; only letters, digits and `-._~` stay as they are
//! (the unreserved characters of RFC 3986).

use std::borrow::Cow;
use std::fmt;

use crate::percent;

/// The name of the header.
pub const NAME: &str = "X-Mizan-Invalidate";

/// A header longer than this is replaced by the names of its contexts.
pub(crate) const MAX_LENGTH: usize = 4 * 1024;

/// One target as the header knows it: a context and texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderTarget {
    /// The wire name of the context.
    pub context: String,
    /// Names and texts of the parameters.
    pub params: Vec<(String, String)>,
}

/// Writes a list of targets.
///
/// ```
/// use mizan_core::invalidate_header::{self, HeaderTarget};
/// let target = HeaderTarget { context: "user".into(), params: vec![("name".into(), "a b".into())] };
/// assert_eq!(invalidate_header::write(&[target]), "user;name=a%20b");
/// ```
pub fn write(targets: &[HeaderTarget]) -> String {
    let mut text = String::new();
    for target in targets {
        write_context(&mut text, &target.context);
        let mut params: Vec<_> = target.params.iter().collect();
        params.sort();
        for (name, value) in params {
            write_param(&mut text, name, value);
        }
    }
    text
}

/// Begins a target.
pub(super) fn write_context(text: &mut String, context: &str) {
    if !text.is_empty() {
        text.push_str(", ");
    }
    percent::push_component(text, context);
}

/// Adds a parameter to the target that was begun last.
pub(super) fn write_param(text: &mut String, name: &str, value: &str) {
    text.push(';');
    percent::push_component(text, name);
    text.push('=');
    percent::push_component(text, value);
}

/// Why a header does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an {NAME} header: {}", self.0)
    }
}

impl std::error::Error for ParseError {}

/// Reads a header back.
///
/// # Errors
/// For anything that [`write()`] does not write, except spaces around separators.
pub fn parse(text: &str) -> Result<Vec<HeaderTarget>, ParseError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(|target| parse_target(target.trim())).collect()
}

fn parse_target(text: &str) -> Result<HeaderTarget, ParseError> {
    let mut parts = text.split(';').map(str::trim);
    let context = decode(parts.next().unwrap_or_default())?;
    if context.is_empty() {
        return Err(ParseError("a target without a name".into()));
    }
    let params = parts.map(|part| {
        let Some((name, value)) = part.split_once('=') else {
            return Err(ParseError("a parameter without `=`".into()));
        };
        Ok((decode(name)?, decode(value)?))
    });
    Ok(HeaderTarget { context, params: params.collect::<Result<_, _>>()? })
}

fn decode(part: &str) -> Result<String, ParseError> {
    if !part.bytes().all(|byte| byte == b'%' || percent::is_unreserved(byte)) {
        return Err(ParseError("a character that is not encoded".into()));
    }
    let decoded = percent::decode(part, false).map(Cow::into_owned);
    decoded.ok_or_else(|| ParseError("a broken escape, or bytes that are not UTF-8".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn target() -> impl Strategy<Value = HeaderTarget> {
        let params = prop::collection::btree_map(".+", ".*", 0..4);
        (".+", params).prop_map(|(context, params)| HeaderTarget {
            context,
            params: params.into_iter().collect(),
        })
    }

    proptest! {
        #[test]
        fn a_header_reads_back_as_it_was_written(targets in prop::collection::vec(target(), 0..5)) {
            let text = write(&targets);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
            prop_assert_eq!(parse(&text).unwrap(), targets);
        }

        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }

    #[test]
    fn what_is_not_a_header_is_refused() {
        for text in [
            "user;",
            "user;a",
            ";a=1",
            "user,,b",
            "user;a=%G0",
            "user;a=%",
            "user;a=é",
            "a b",
            "user;a=%ff",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

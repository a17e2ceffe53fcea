//! The header `Idempotency-Key`, and whose key it is.

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// The longest key.
const LONGEST: usize = 64;

/// A call with a key: whose it is, and what it asks for. Digests, so that no caller can make them long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    pub(super) name: [u8; 32],
    pub(super) content: [u8; 32],
}

/// Who alone can repeat a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound<'a> {
    /// A user who is signed in.
    Subject(&'a str),
    /// A session whose subject is not known.
    Session(&'a str),
    /// The holder of the cookie of a CSRF token.
    Browser(&'a str),
    /// Any caller that sends the same call.
    Anyone,
}

impl Call {
    /// A call by a key, by whose it is, and by what it asks for.
    pub(crate) fn new(key: &str, bound: Bound<'_>, function: &str, args: &str) -> Self {
        let content = digest(&["mizan-replay-content", function, args]);
        let (kind, of) = match bound {
            Bound::Subject(subject) => ("subject", subject.as_bytes()),
            Bound::Session(id) => ("session", id.as_bytes()),
            Bound::Browser(cookie) => ("browser", cookie.as_bytes()),
            Bound::Anyone => ("anyone", &content[..]),
        };
        let name = digest(&["mizan-replay".as_bytes(), kind.as_bytes(), of, key.as_bytes()]);
        Self { name, content }
    }
}

fn digest<P: AsRef<[u8]>>(parts: &[P]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        let bytes = part.as_ref();
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
    digest.finalize().into()
}

/// The key of a header: a text in quotes, as the draft of the IETF has it, or the text alone.
///
/// # Errors
/// `BAD_REQUEST` for one that is not 1 to 64 visible ASCII characters.
pub(crate) fn sent(header: &[u8]) -> Result<&str> {
    let bare = header.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let key = bare.unwrap_or(header);
    let legal = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let key = std::str::from_utf8(key).ok().filter(|_| key.iter().all(legal));
    key.filter(|key| (1..=LONGEST).contains(&key.len())).ok_or_else(|| {
        Error::bad_request(
            "`Idempotency-Key` must be 1 to 64 visible ASCII characters without `\"` and `\\`, in quotes or not",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_in_quotes_or_not() {
        let longest = "k".repeat(64);
        let quoted = format!("\"{longest}\"");
        for (header, key) in [("a", "a"), ("\"a\"", "a"), ("8e03978e-40d5", "8e03978e-40d5")] {
            assert_eq!(sent(header.as_bytes()).unwrap(), key);
        }
        assert_eq!(sent(longest.as_bytes()).unwrap(), longest);
        assert_eq!(sent(quoted.as_bytes()).unwrap(), longest);
        let long = "k".repeat(65);
        for header in
            ["", "\"\"", "\"", "\"a", "a\"", "a b", "a\\b", "\"a\"b\"", "ä", "a\u{1}", &long]
        {
            let error = sent(header.as_bytes()).unwrap_err();
            assert_eq!(error.code(), crate::ErrorCode::BadRequest, "{header}");
        }
        sent(&[0xff]).unwrap_err();
    }

    #[test]
    fn whose_key_it_is_and_what_it_asks_for_are_told_apart() {
        let all = [
            Call::new("k", Bound::Subject("7"), "pay", "{}"),
            Call::new("k", Bound::Session("7"), "pay", "{}"),
            Call::new("k", Bound::Browser("7"), "pay", "{}"),
            Call::new("k", Bound::Subject("8"), "pay", "{}"),
            Call::new("l", Bound::Subject("7"), "pay", "{}"),
            Call::new("k", Bound::Anyone, "pay", "{}"),
            Call::new("k", Bound::Anyone, "pay", "{ }"),
        ];
        for (at, call) in all.iter().enumerate() {
            assert!(all[..at].iter().all(|other| other.name != call.name), "{at}");
        }
        let other = Call::new("k", Bound::Subject("7"), "pay", "{ }");
        assert!(all[0].name == other.name && all[0].content != other.content);
    }
}

//! The names under which values and tokens are kept: canonical JSON, or HMAC-SHA256 over it.
//!
//! A value's message is `{"c":"user","p":{"user_id":"5"},"r":0}`, with `"k"` and `"u"` where it
//! belongs to a user, members in the order of their names. A token's message has `"g"` instead of
//! `"p"`, so the two never meet. Strings are written in ASCII, as Python's `json` writes them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

/// The name under which a value or a token is kept. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<[u8]>);

impl Name {
    /// The bytes: a digest of 32 bytes, or the canonical text itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as lower-case hexadecimal text.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

impl<const N: usize> From<[u8; N]> for Name {
    fn from(bytes: [u8; N]) -> Self {
        Self(Arc::from(bytes))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.0.escape_ascii())
    }
}

/// How names are made.
#[derive(Clone)]
pub enum Keys {
    /// HMAC-SHA256 under a secret, with its key schedule computed once. For stores that others can
    /// read: a name shows nothing of the values in it, and no one else can compute one.
    Keyed(Box<Hmac<Sha256>>),
    /// The canonical text as it is, or its SHA-256 where it is longer than 128 bytes: values that
    /// clients choose cannot make names large. For the memory of one process.
    Plain,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyed(_) => "Keys::Keyed(…)",
            Self::Plain => "Keys::Plain",
        })
    }
}

/// Who an entry belongs to; `None` for one that all callers share.
#[derive(Debug, Clone, Copy, Default)]
pub struct Owner<'a> {
    /// The subject of the caller.
    pub user: Option<&'a str>,
    /// The digest of the caller's rights.
    pub rights: Option<&'a str>,
}

impl Keys {
    /// Names under a secret of any length.
    pub fn keyed(secret: &[u8]) -> Self {
        // RFC 2104: a key longer than a block is hashed, a shorter one is padded with zeros. Done here,
        // since the constructor that takes a slice can fail for MACs other than HMAC.
        let mut block = Key::<Hmac<Sha256>>::default();
        if secret.len() > block.len() {
            block[..32].copy_from_slice(&Sha256::digest(secret));
        } else {
            block[..secret.len()].copy_from_slice(secret);
        }
        Self::Keyed(Box::new(Hmac::new(&block)))
    }

    /// The name of an entry. `params` are sorted by name; one that is null is left out.
    pub fn value<'a>(
        &self,
        context: &str,
        params: impl IntoIterator<Item = (&'a str, &'a str)>,
        rev: i64,
        owner: Owner<'_>,
    ) -> Name {
        let mut message = Message::begin(context);
        if let Some(rights) = owner.rights {
            message.text(",\"k\":").string(rights);
        }
        message.text(",\"p\":").object(params.into_iter().map(|(name, text)| (name, Some(text))));
        message.text(",\"r\":").text(&rev.to_string());
        if let Some(user) = owner.user {
            message.text(",\"u\":").string(user);
        }
        self.name(message)
    }

    /// The name of a token. `pins` are sorted by name; `None` is the bucket of entries in which
    /// the parameter is null.
    pub fn token<'a>(
        &self,
        context: &str,
        pins: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Name {
        let mut message = Message::begin(context);
        message.text(",\"g\":").object(pins);
        self.name(message)
    }

    fn name(&self, mut message: Message) -> Name {
        message.text("}");
        let name = match self {
            Self::Keyed(mac) => {
                let mut mac = Hmac::clone(mac);
                mac.update(&message.0);
                let digest: [u8; 32] = mac.finalize().into_bytes().into();
                digest.into()
            }
            Self::Plain => plain(&message.0),
        };
        // A value that was long once does not hold its memory for ever.
        if message.0.capacity() <= MAX_BUFFER {
            BUFFER.set(message.0);
        }
        name
    }
}

/// The key of an entry, in the form of the reference: `ctx:{context}:{hmac}`.
///
/// `params` are texts by name, `user_id` is the subject of an entry that belongs to a user, `rev`
/// the revision of the context. Other implementations derive the same key from the same values.
///
/// ```
/// use mizan_cache::derive_cache_key;
/// let params = [("user_id".to_owned(), "5".to_owned())].into();
/// let key = derive_cache_key(b"cache-secret-for-vectors-0123456", "user", &params, None, 0);
/// assert!(key.starts_with("ctx:user:9d1aaaaf"));
/// ```
pub fn derive_cache_key(
    secret: &[u8],
    context: &str,
    params: &BTreeMap<String, String>,
    user_id: Option<&str>,
    rev: i64,
) -> String {
    let pairs = params.iter().map(|(name, text)| (&**name, &**text));
    let owner = Owner { user: user_id, rights: None };
    let name = Keys::keyed(secret).value(context, pairs, rev, owner);
    format!("ctx:{context}:{}", name.hex())
}

/// A longer text is named by its digest, in bytes.
const MAX_PLAIN: usize = 128;
/// A larger buffer is not kept, in bytes.
const MAX_BUFFER: usize = 4 * 1024;

/// The name of a canonical text. A text starts with `{` and a digest with a zero, so the two never meet.
fn plain(text: &[u8]) -> Name {
    if text.len() <= MAX_PLAIN {
        return Name(Arc::from(text));
    }
    let mut name = [0; 33];
    name[1..].copy_from_slice(&Sha256::digest(text));
    name.into()
}

thread_local! {
    /// Every name is written here first: a read needs several, and none of them outlives its digest.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A JSON object that is being written.
struct Message(Vec<u8>);

impl Message {
    fn begin(context: &str) -> Self {
        let mut buffer = BUFFER.take();
        buffer.clear();
        let mut message = Self(buffer);
        message.text("{\"c\":").string(context);
        message
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn object<'a>(&mut self, members: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) {
        let mut separator = "{";
        for (name, text) in members {
            self.text(separator).string(name).text(":");
            match text {
                Some(text) => self.string(text),
                None => self.text("null"),
            };
            separator = ",";
        }
        self.text(if separator == "{" { "{}" } else { "}" });
    }

    /// A JSON string in ASCII: what is not printable is `\uXXXX`, in UTF-16 code units.
    fn string(&mut self, text: &str) -> &mut Self {
        self.0.push(b'"');
        let is_plain = |byte: &u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
        if text.as_bytes().iter().all(is_plain) {
            return self.text(text).text("\"");
        }
        for letter in text.chars() {
            match letter {
                '"' => self.0.extend_from_slice(b"\\\""),
                '\\' => self.0.extend_from_slice(b"\\\\"),
                '\n' => self.0.extend_from_slice(b"\\n"),
                '\r' => self.0.extend_from_slice(b"\\r"),
                '\t' => self.0.extend_from_slice(b"\\t"),
                '\u{8}' => self.0.extend_from_slice(b"\\b"),
                '\u{c}' => self.0.extend_from_slice(b"\\f"),
                ' '..='~' => self.0.push(letter as u8),
                _ => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        self.0.extend_from_slice(b"\\u");
                        self.0.extend_from_slice(hex(&unit.to_be_bytes()).as_bytes());
                    }
                }
            }
        }
        self.0.push(b'"');
        self
    }
}

/// Lower-case hexadecimal text.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Keys, MAX_PLAIN, Owner};

    #[test]
    fn no_value_makes_a_name_long_and_no_two_values_share_one() {
        let keys = Keys::Plain;
        let mut names = Vec::new();
        for length in (0..300).chain([10_000, 1 << 20]) {
            for last in ["a", "b"] {
                let text = "x".repeat(length) + last;
                let value = keys.value("user", [("id", &*text)], 0, Owner::default());
                let token = keys.token("user", [("id", Some(&*text))]);
                for name in [value, token] {
                    assert!(name.as_bytes().len() <= MAX_PLAIN, "{length}");
                    names.push(name);
                }
            }
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}

//! The names under which values and tokens are kept: HMAC-SHA256 over canonical JSON.
//!
//! A value's message is `{"c":"user","p":{"user_id":"5"},"r":0}`, with `"k"` and `"u"` where it
//! belongs to a user, members in the order of their names. A token's message has `"g"` instead of
//! `"p"`, so the two never meet. Strings are written in ASCII, as Python's `json` writes them.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::secret::{hex, prepared};

/// A keyed digest, 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Lower-case hexadecimal text.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

/// The secret, with its key schedule computed once.
#[derive(Clone)]
pub struct Keys(Hmac<Sha256>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Who an entry belongs to; nobody for one that everybody shares.
#[derive(Debug, Clone, Copy, Default)]
pub struct Owner<'a> {
    /// The subject of the caller.
    pub user: Option<&'a str>,
    /// The digest of the caller's rights.
    pub rights: Option<&'a str>,
}

impl Keys {
    /// Prepares a secret of any length.
    pub fn new(secret: &[u8]) -> Self {
        Self(prepared(secret))
    }

    /// The digest of an entry. `params` are sorted by name; one that is null is left out.
    pub fn value<'a>(
        &self,
        context: &str,
        params: impl IntoIterator<Item = (&'a str, &'a str)>,
        rev: i64,
        owner: Owner<'_>,
    ) -> Digest {
        let mut message = Message::begin(context);
        if let Some(rights) = owner.rights {
            message.text(",\"k\":").string(rights);
        }
        message.text(",\"p\":").object(params.into_iter().map(|(name, text)| (name, Some(text))));
        message.text(",\"r\":").text(&rev.to_string());
        if let Some(user) = owner.user {
            message.text(",\"u\":").string(user);
        }
        self.digest(message)
    }

    /// The digest of a token. `pins` are sorted by name; `None` is the bucket of entries in which
    /// the parameter is null.
    pub fn token<'a>(
        &self,
        context: &str,
        pins: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Digest {
        let mut message = Message::begin(context);
        message.text(",\"g\":").object(pins);
        self.digest(message)
    }

    fn digest(&self, mut message: Message) -> Digest {
        message.text("}");
        let mut mac = self.0.clone();
        mac.update(&message.0);
        Digest(mac.finalize().into_bytes().into())
    }
}

/// The key of an entry, in the form of the reference: `ctx:{context}:{hmac}`.
///
/// `params` are texts by name, `user_id` is the subject of an entry that belongs to a user, `rev`
/// the revision of the context. Other implementations derive the same key from the same values.
///
/// ```
/// use mizan_core::derive_cache_key;
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
    let digest = Keys::new(secret).value(context, pairs, rev, owner);
    format!("ctx:{context}:{}", digest.hex())
}

/// A JSON object that is being written.
struct Message(Vec<u8>);

impl Message {
    fn begin(context: &str) -> Self {
        let mut message = Self(Vec::with_capacity(192));
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

//! Secrets: text that never prints, random bytes, keyed digests and their comparison.

use std::collections::BTreeSet;
use std::fmt;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The shortest secret that is taken, in bytes.
pub(crate) const MIN_SECRET: usize = 32;

/// The number of different bytes that a secret has at least: a random one of 32 has more, whatever its alphabet is.
const MIN_DISTINCT: usize = 8;

/// Texts that documentation shows as secrets; many programs run with one of them.
const EXAMPLES: &[&str] = &[
    "a-string-secret-at-least-256-bits-long",
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
];

/// Those of Mizan's own documentation, and of the specification of webhooks.
const OURS: &[&str] =
    &["0123456789abcdef0123456789abcdef", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];

/// Parts of the secrets in the tests and vectors of this project, in the same form.
const OF_TESTS: &[&str] = &[
    "bytes and more",
    "secret for vectors",
    "for the tests",
    "for these tests",
    "of the tests",
    "of these tests",
];

const KNOWN: &str = "it is an example from documentation, so it is public";

/// The variable that lets the secrets of tests pass.
const TEST_SECRETS: &str = "MIZAN_TEST_SECRETS";

/// Parts of texts that are obviously not secrets, in lower case, with spaces for
/// anything that is not a letter.
const PLACEHOLDERS: &[&str] = &[
    "change me",
    "changeme",
    "change this",
    "changethis",
    "replace me",
    "replace this",
    "your secret",
    "bit secret",
    "your key",
    "my secret key",
    "insecure",
    "placeholder",
    "openssl rand",
];

/// A secret of at least 32 bytes. It has no `Display`, its `Debug` does not show it, and its memory is overwritten
/// when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Box<[u8]>>);

impl Secret {
    /// Takes a secret.
    ///
    /// # Errors
    /// A text for the operator, where the secret is shorter than 32 bytes, has fewer than 8 different
    /// bytes, or is an example out of some documentation, or out of the tests of this project: those pass with
    /// `MIZAN_TEST_SECRETS=1` in the environment alone.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, String> {
        let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(bytes.into());
        let distinct = bytes.iter().collect::<BTreeSet<_>>().len();
        if bytes.len() < MIN_SECRET {
            let length = bytes.len();
            return Err(format!("it has {length} bytes, and at least {MIN_SECRET} are needed"));
        }
        if distinct < MIN_DISTINCT {
            return Err(format!(
                "it has {distinct} different bytes, and at least {MIN_DISTINCT} are needed"
            ));
        }
        if is_example(&bytes) {
            return Err(KNOWN.into());
        }
        Ok(Self(Zeroizing::new(bytes.as_slice().into())))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A secret of random bytes, good until the process ends.
    pub(crate) fn random() -> Self {
        Self(Zeroizing::new(Box::new(random::<32>())))
    }

    /// The keyed digest of `parts`, each preceded by its length, under a purpose of its own.
    pub(crate) fn digest(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let purpose_key = tag(&self.0, &[purpose]);
        tag(&purpose_key, parts)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Refuses what `Secret::new` refuses as an example, for a secret in another form.
pub(crate) fn check_unknown(text: &str) -> Result<(), String> {
    if is_example(text.as_bytes()) {
        return Err(KNOWN.into());
    }
    Ok(())
}

/// Whether a secret is known to everyone.
fn is_example(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let words = text.to_ascii_lowercase();
    let words = words.replace(|letter: char| !letter.is_ascii_alphabetic(), " ");
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let text = text.trim();
    let is_ours = OURS.contains(&text) || has(OF_TESTS);
    let in_tests = || std::env::var_os(TEST_SECRETS).is_some_and(|set| set == "1");
    EXAMPLES.contains(&text) || has(PLACEHOLDERS) || is_ours && !in_tests()
}

/// A MAC under a key of any length, with its key schedule computed.
pub(crate) fn prepared(key: &[u8]) -> Hmac<Sha256> {
    // RFC 2104: a key longer than a block is hashed, a shorter one is padded with zeros. Done here,
    // since the constructor that takes a slice can fail for MACs other than HMAC.
    let mut block = Key::<Hmac<Sha256>>::default();
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    Hmac::<Sha256>::new(&block)
}

fn tag(key: &[u8], parts: &[&str]) -> [u8; 32] {
    let mut mac = prepared(key);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// Compares in time that depends on the lengths only.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |bits, (l, r)| bits | (l ^ r));
    left.len() == right.len() && std::hint::black_box(differing) == 0
}

/// Random bytes of the operating system. Where it has none, nothing safe can go on.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // No input reaches this: the operating system itself has failed.
        tracing::error!(%error, "the operating system gives no random bytes");
        std::process::abort();
    }
    bytes
}

/// Lower-case hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks whether a text is taken, and that its refusal does not show it.
    #[track_caller]
    fn check(text: &str, taken: bool) {
        match Secret::new(text) {
            Ok(secret) => {
                assert!(taken, "{text}");
                assert_eq!(format!("{secret:?}"), "Secret(…)");
            }
            Err(fault) => {
                assert!(!taken && (text.is_empty() || !fault.contains(text)), "{text}: {fault}")
            }
        }
    }

    #[test]
    fn what_everybody_can_guess_is_no_secret() {
        check("", false);
        check(&"0123456789abcdef".repeat(2)[1..], false);
        check(&"0123456789abcdee".repeat(2), true);
        check(&"a".repeat(64), false);
        check(&"abcdefg".repeat(10), false);
        check(&"abcdefgh".repeat(4), true);
        check("a-string-secret-at-least-256-bits-long", false);
        check("change-me-change-me-change-me-0123456789", false);
        check("PLEASE_CHANGE_THIS_TO_A_RANDOM_STRING_1", false);
        check("django-insecure-4x$z9q!k2m_w7v1p8r#t0y6u5", false);
        check("your-secret-key-goes-here-0123456789", false);
        check("$(openssl rand -hex 32) 0123456789abcdef", false);
        check("ceb4a1f0c8e62f5b0ac6b7f5a9fd9d28d8e6ce3f3d0f6c66a4c1d25b1fd6a3f1", true);
    }

    #[test]
    fn random_secrets_are_taken() {
        for _ in 0..2_000 {
            check(&hex(&random::<16>()), true);
            check(&hex(&random::<32>()), true);
            assert!(Secret::new(random::<32>()).is_ok());
        }
    }
}

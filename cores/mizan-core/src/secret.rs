//! Secrets: text that never prints, random bytes, keyed digests and their comparison.

use std::fmt;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The shortest secret that is taken, in bytes.
pub(crate) const MIN_SECRET: usize = 32;

/// A secret of at least 32 bytes. It has no `Display`, and its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes a secret; fails with a text for the operator where it is shorter than 32 bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, String> {
        let bytes: Vec<u8> = bytes.into();
        match bytes.len() {
            length if length < MIN_SECRET => {
                Err(format!("it has {length} bytes, and at least {MIN_SECRET} are needed"))
            }
            _ => Ok(Self(bytes.into())),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A secret of random bytes, good until the process ends.
    pub(crate) fn random() -> Self {
        Self(random::<32>().into())
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

//! Keys by name, so that a new one is used while tokens of the previous one are still valid.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::jws::is_kid;
use crate::secret::{Secret, equal, prepared};

/// The largest number of keys.
const MAX_KEYS: usize = 4;

/// Keys by `kid`. The first signs, each verifies what names it, and no other is tried.
///
/// To rotate, put the new key first, and remove the previous one when the last token that it signed has
/// expired.
#[derive(Debug, Clone)]
pub struct KeyRing(Vec<(String, Key)>);

/// A key with its one algorithm.
#[derive(Clone)]
pub(crate) enum Key {
    /// HMAC with SHA-256 (RFC 7518, section 3.2).
    Hs256(Box<Hmac<Sha256>>, Secret),
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3).
    #[cfg(feature = "rs256")]
    Rs256(Box<super::rs256::RsaKey>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.algorithm())
    }
}

impl KeyRing {
    /// A ring with one key, named `v1`.
    pub fn new(secret: Secret) -> Self {
        Self(vec![("v1".into(), Key::hs256(secret))])
    }

    /// A ring with one key of another name: what is left of a ring when its old keys are taken away.
    ///
    /// # Errors
    /// A text for the operator, where the name is not 1 to 32 letters, digits, `_` and `-`.
    pub fn from_key(kid: impl Into<String>, secret: Secret) -> Result<Self, String> {
        let kid = kid.into();
        check_name(&kid)?;
        Ok(Self(vec![(kid, Key::hs256(secret))]))
    }

    /// A ring with one RSA key, named `v1`, from a private key in PEM (PKCS#8 or PKCS#1), at least
    /// 2048 bits.
    ///
    /// # Errors
    /// A text for the operator, where the PEM does not hold such a key, or a shorter one.
    #[cfg(feature = "rs256")]
    pub fn rs256(pem: &str) -> Result<Self, String> {
        Ok(Self(vec![("v1".into(), Key::Rs256(Box::new(super::rs256::RsaKey::from_pem(pem)?)))]))
    }

    /// The same with a key before it, which signs from now on.
    ///
    /// # Errors
    /// A text for the operator, where the name is not 1 to 32 letters, digits, `_` and `-`, where
    /// another key has this name or this secret, and where the ring holds four keys already.
    pub fn rotate_in(mut self, kid: impl Into<String>, secret: Secret) -> Result<Self, String> {
        let kid = kid.into();
        check_name(&kid)?;
        if self.get(&kid).is_some() {
            return Err(format!("two keys are named `{kid}`"));
        }
        if self.0.len() >= MAX_KEYS {
            return Err(format!("a ring holds {MAX_KEYS} keys: take the oldest away"));
        }
        if self.secrets().any(|known| equal(known, secret.bytes())) {
            return Err(format!("`{kid}` has the secret of another key"));
        }
        self.0.insert(0, (kid, Key::hs256(secret)));
        Ok(self)
    }

    pub(crate) fn get(&self, kid: &str) -> Option<&Key> {
        self.0.iter().find(|(known, _)| known == kid).map(|(_, key)| key)
    }

    pub(crate) fn newest(&self) -> (&str, &Key) {
        // A ring is made with one key, and none is ever taken away.
        let (kid, key) = &self.0[0];
        (kid, key)
    }

    /// The secrets in it, newest first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Secret> {
        self.0.iter().filter_map(|(_, key)| match key {
            Key::Hs256(_, secret) => Some(secret.clone()),
            #[cfg(feature = "rs256")]
            Key::Rs256(_) => None,
        })
    }

    /// The secrets in it, to be compared with those of other purposes.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(|(_, key)| key.secret())
    }
}

fn check_name(kid: &str) -> Result<(), String> {
    if is_kid(kid) {
        Ok(())
    } else {
        Err(format!("`{kid}` names no key: write 1 to 32 letters, digits, `_` and `-`"))
    }
}

impl Key {
    fn hs256(secret: Secret) -> Self {
        Self::Hs256(Box::new(prepared(secret.bytes())), secret)
    }

    /// What must not be the secret of another purpose.
    fn secret(&self) -> Option<&[u8]> {
        match self {
            Self::Hs256(_, secret) => Some(secret.bytes()),
            #[cfg(feature = "rs256")]
            Self::Rs256(_) => None,
        }
    }

    /// The name of the algorithm in a token's header.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Hs256(..) => "HS256",
            #[cfg(feature = "rs256")]
            Self::Rs256(_) => "RS256",
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hs256(mac, _) => {
                let mut mac = mac.clone();
                mac.update(message);
                Some(mac.finalize().into_bytes().to_vec())
            }
            #[cfg(feature = "rs256")]
            Self::Rs256(key) => key.sign(message),
        }
    }

    /// Whether a signature is good, in time that does not depend on where it differs.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hs256(..) => self.sign(message).is_some_and(|own| equal(&own, signature)),
            #[cfg(feature = "rs256")]
            Self::Rs256(key) => key.verifies(message, signature),
        }
    }
}

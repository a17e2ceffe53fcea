//! RS256 behind a feature: RSA needs crates that the rest does not.

use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{Keypair, RandomizedSigner, SignatureEncoding, Verifier};
use rsa::traits::PublicKeyParts;
use rsa::{PrivateKey, sha2::Sha256};

/// The smallest key that is taken, in bits (RFC 7518, section 3.3).
const MIN_BITS: u32 = 2048;

/// A private key and the public half that is derived from it.
#[derive(Clone)]
pub(crate) struct RsaKey {
    signing: SigningKey<Sha256>,
    verifying: VerifyingKey<Sha256>,
}

impl RsaKey {
    pub(crate) fn from_pem(pem: &str) -> Result<Self, String> {
        let key = PrivateKey::from_pkcs8_pem(pem)
            .or_else(|_| PrivateKey::from_pkcs1_pem(pem))
            .map_err(|_| String::from("it is not an RSA private key in PEM"))?;
        // The bits of the number itself: bytes would round them up.
        let bits = key.n().bit_width();
        if bits < MIN_BITS {
            return Err(format!("its key has {bits} bits, and at least {MIN_BITS} are needed"));
        }
        let signing = SigningKey::new(key);
        Ok(Self { verifying: signing.verifying_key(), signing })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        // Blinded with random numbers, against measurements of time.
        let signature = self.signing.try_sign_with_rng(&mut getrandom::SysRng, message).ok()?;
        Some(signature.to_vec())
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::try_from(signature)
            .is_ok_and(|signature| self.verifying.verify(message, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2041 bits, which fill 256 bytes.
    const ALMOST: &str = include_str!("rsa_2041.pem");

    #[test]
    fn bits_of_a_key_are_counted_as_bits() {
        let refused = RsaKey::from_pem(ALMOST).map(drop);
        assert_eq!(refused, Err("its key has 2041 bits, and at least 2048 are needed".into()));
    }
}

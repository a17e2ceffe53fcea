//! Tokens that a driver signs, with or without faults. Nothing of the core is used.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Seconds since the epoch.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// The claims of an access token that is good from now on.
pub fn access(subject: &str, session: &str) -> Value {
    let now = now();
    json!({
        "sub": subject, "sid": session, "staff": false, "super": false, "type": "access",
        "iat": now, "exp": now + 300,
    })
}

/// The claims of an edge token that is good from now on, for somebody with these rights and no
/// permissions.
pub fn edge(subject: &str, staff: bool, superuser: bool) -> Value {
    let now = now();
    let rights = format!("{}:{}:", u8::from(staff), u8::from(superuser));
    let pkey: String = Sha256::digest(rights).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "sub": subject, "staff": staff, "super": superuser, "pkey": pkey, "aud": "mizan",
        "iat": now, "nbf": now, "exp": now + 300,
    })
}

/// A token with these claims, under the key that a missing `kid` means.
pub fn sign(claims: &Value, secret: &str) -> String {
    sign_with(&json!({ "alg": "HS256", "typ": "JWT" }), claims, secret)
}

/// A token with this header and these claims, signed by HS256 whatever the header says.
pub fn sign_with(header: &Value, claims: &Value, secret: &str) -> String {
    sign_parts(&URL_SAFE_NO_PAD.encode(header.to_string()), claims, secret)
}

/// The same with a header that is encoded already, well or badly.
pub fn sign_parts(header: &str, claims: &Value, secret: &str) -> String {
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret, &signed));
    format!("{signed}.{signature}")
}

/// The claims of a token, unverified; null where it has none.
pub fn claims(token: &str) -> Value {
    let bytes = token.split('.').nth(1).and_then(|segment| URL_SAFE_NO_PAD.decode(segment).ok());
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Whether the signature of a token is that of the secret, in the one form that is canonical.
pub fn is_signed(token: &str, secret: &str) -> bool {
    token
        .rsplit_once('.')
        .is_some_and(|(signed, signature)| signature == URL_SAFE_NO_PAD.encode(mac(secret, signed)))
}

/// HMAC-SHA256.
pub fn mac(secret: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> Vec<u8> {
    // A key of any length is a key of this MAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_ref()) else { return Vec::new() };
    mac.update(text.as_ref());
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal text.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The CSRF token of this random part, for a cookie of the token and one of the session.
pub fn csrf(secret: &str, random: &str, cookie: &str, session: &str) -> String {
    let sized = |parts: &[&str]| -> Vec<u8> {
        let part = |part: &&str| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat();
        parts.iter().flat_map(part).collect()
    };
    let key = mac(secret, sized(&["mizan-csrf"]));
    let name = &hex(&Sha256::digest(session))[..16];
    format!("{random}.{}.{name}", hex(&mac(key, sized(&[random, cookie, session]))))
}

//! The compact form of a signed token (RFC 7515), read by a closed grammar.
//!
//! Three segments of base64url without padding, in canonical form, at most 8 KiB. The header and the
//! claims are JSON objects in which no name appears twice. The algorithm is that of the key, never the
//! token's; no key is ever taken from a token; an extension that must be understood is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::ring::KeyRing;

/// A longer token is refused unread, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// Why a token is refused. For the log: a client learns that it was, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) &'static str);

/// The claims of a token whose signature is good. What they mean is for the caller to check.
pub(crate) fn verify(token: &str, ring: &KeyRing) -> Result<Map<String, Value>, Refused> {
    if token.len() > MAX_TOKEN {
        return Err(Refused("it is longer than 8 KiB"));
    }
    let mut segments = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return Err(Refused("it has not three segments"));
    };
    let head = object(header)?;
    let kid = match head.get("kid") {
        None => "v1",
        Some(Value::String(kid)) if is_kid(kid) => kid,
        Some(_) => return Err(Refused("invalid `kid` in its header")),
    };
    let key = ring.get(kid).ok_or(Refused("no key has its `kid`"))?;
    if head.get("alg").and_then(Value::as_str) != Some(key.algorithm()) {
        return Err(Refused("its algorithm is not that of the key"));
    }
    if head.contains_key("crit") || head.contains_key("b64") {
        return Err(Refused("it asks for an extension"));
    }
    if head.get("typ").is_some_and(|typ| typ != "JWT") {
        return Err(Refused("it is of another type"));
    }
    let signature = decode(signature)?;
    let signed = &token[..header.len() + 1 + claims.len()];
    if !key.verifies(signed.as_bytes(), &signature) {
        return Err(Refused("its signature is not good"));
    }
    object(claims)
}

/// A token with these claims, under the newest key.
pub(crate) fn sign(claims: &impl Serialize, ring: &KeyRing) -> Result<String, Refused> {
    let (kid, key) = ring.newest();
    let header = serde_json::json!({ "alg": key.algorithm(), "kid": kid, "typ": "JWT" });
    let claims = serde_json::to_string(claims).map_err(|_| Refused("its claims are not JSON"))?;
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let signature = key.sign(token.as_bytes()).ok_or(Refused("it could not be signed"))?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// Whether a text can name a key.
pub(crate) fn is_kid(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(legal)
}

fn decode(segment: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| Refused("a segment is not base64url"))
}

fn object(segment: &str) -> Result<Map<String, Value>, Refused> {
    let bytes = decode(segment)?;
    let Object(map) =
        serde_json::from_slice(&bytes).map_err(|_| Refused("a segment is not a JSON object"))?;
    Ok(map)
}

/// An object in which no name appears twice, on its first level.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
                let mut map = Map::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    if map.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name appears twice"));
                    }
                }
                Ok(Object(map))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

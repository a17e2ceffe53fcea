//! Vectors of the published implementation, and forgeries. Those of the RFCs are in `rfcs`.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::jws::{sign, verify};
use super::*;
use crate::secret::Secret;

const SECRET: &str = "a-secret-for-the-tests-0123456789";
const NOW: u64 = 1_700_000_000;

fn ring(secret: &str) -> KeyRing {
    KeyRing::new(Secret::new(secret).unwrap())
}

fn rules(secret: &str) -> JwtRules {
    JwtRules {
        ring: ring(secret),
        access_ttl: 300,
        refresh_ttl: 604_800,
        audience: None,
        issuer: None,
        leeway: 0,
    }
}

fn jwt() -> Jwt {
    let id = Some("j".into());
    Jwt { subject: "5".into(), session: "s".into(), staff: false, superuser: false, id }
}

/// A token with this header and these claims, well signed.
fn forged(header: &Value, claims: &Value, secret: &str) -> String {
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", text(header), text(claims));
    let signature = ring(secret).newest().1.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn every_mwt_of_the_vectors_gets_its_secure_verdict() {
    let path =
        format!("{}/../../protocol/conformance/vectors/mwt.json", env!("CARGO_MANIFEST_DIR"));
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    for case in cases {
        assert_eq!(case["audience"], "mizan");
        let ring = ring(case["secret"].as_str().unwrap());
        let (token, now) = (case["token"].as_str().unwrap(), case["now"].as_u64().unwrap());
        let read = Mwt::read(token, &ring, now, (300, 0));
        assert_eq!(read.is_ok(), case["secure"] == "accept", "{}: {read:?}", case["id"]);
        if let Ok(mwt) = read {
            assert_eq!(mwt.subject, case["claims"]["sub"].as_str().unwrap());
        }
        if case["tag"] == "minted" {
            let mwt = Mwt::read(token, &ring, now, (300, 0)).unwrap();
            assert_eq!(mwt.mint(&ring, 1_700_000_000, 300).unwrap(), token, "byte for byte");
        }
    }
    assert_eq!(cases.len(), 31);
}

#[test]
fn a_token_is_good_for_its_kind_and_its_time_only() {
    let rules = rules(SECRET);
    let access = jwt().mint(Kind::Access, &rules, NOW).unwrap();
    let refresh = jwt().mint(Kind::Refresh, &rules, NOW).unwrap();
    let mwt = Mwt {
        subject: "5".into(),
        staff: false,
        superuser: false,
        rights_digest: "p".into(),
        session: None,
    };
    let mwt = mwt.mint(&rules.ring, NOW, 300).unwrap();
    for (token, kind, now, good) in [
        (&access, Kind::Access, NOW, true),
        (&access, Kind::Access, NOW + 299, true),
        (&access, Kind::Access, NOW + 300, false),
        (&access, Kind::Access, NOW - 1, false),
        (&refresh, Kind::Refresh, NOW + 604_799, true),
        (&refresh, Kind::Refresh, NOW + 604_800, false),
        (&access, Kind::Refresh, NOW, false),
        (&refresh, Kind::Access, NOW, false),
        (&mwt, Kind::Access, NOW, false),
        (&mwt, Kind::Refresh, NOW, false),
    ] {
        assert_eq!(Jwt::read(token, kind, &rules, now).is_ok(), good, "{kind:?} at {now}");
    }
    assert!(Mwt::read(&access, &rules.ring, NOW, (300, 0)).is_err());
    assert!(Mwt::read(&refresh, &rules.ring, NOW, (300, 0)).is_err());
}

#[test]
fn audience_and_issuer_are_asked_for_where_they_are_set() {
    let open = rules(SECRET);
    let named = JwtRules { audience: Some("a".into()), issuer: Some("i".into()), ..rules(SECRET) };
    let (without, with) =
        (jwt().mint(Kind::Access, &open, NOW), jwt().mint(Kind::Access, &named, NOW));
    assert!(Jwt::read(&without.unwrap(), Kind::Access, &named, NOW).is_err());
    assert!(Jwt::read(&with.unwrap(), Kind::Access, &named, NOW).is_ok());
}

/// RFC 7519, section 4.1.3: who is not among those that it names must refuse it.
#[test]
fn a_token_for_somebody_is_refused_where_no_audience_is_set() {
    let claims = json!({"sub": "5", "sid": "s", "staff": false, "super": false, "type": "access",
        "iat": NOW, "exp": NOW + 300});
    let read = |claims: &Value| {
        let token = forged(&json!({"alg": "HS256"}), claims, SECRET);
        Jwt::read(&token, Kind::Access, &rules(SECRET), NOW).is_ok()
    };
    assert!(read(&claims));
    for audience in [json!("a"), json!(["a"]), json!([]), json!(""), json!(null)] {
        let mut with = claims.clone();
        with["aud"] = audience;
        assert!(!read(&with), "{with}");
    }
}

/// Clocks that differ: what another machine has just made is good here, and no token lives longer for it.
#[test]
fn leeway_is_for_the_start_of_a_token_alone() {
    let read = |iat: u64, nbf: u64, exp: u64, leeway| {
        let claims = json!({"sub": "5", "pkey": "k", "aud": "mizan", "sid": "s", "staff": false, "super": false,
            "type": "access", "iat": iat, "nbf": nbf, "exp": exp});
        let edge = Mwt::read(
            &forged(&json!({"alg": "HS256"}), &claims, SECRET),
            &ring(SECRET),
            NOW,
            (300, leeway),
        );
        let rules = JwtRules { audience: Some("mizan".into()), leeway, ..rules(SECRET) };
        let access = Jwt::read(
            &forged(&json!({"alg": "HS256"}), &claims, SECRET),
            Kind::Access,
            &rules,
            NOW,
        );
        assert_eq!(edge.is_ok(), access.is_ok());
        edge.is_ok()
    };
    let end = NOW + 200;
    for (iat, nbf, exp, leeway, good) in [
        (NOW + 2, NOW + 2, end, 5, true),
        (NOW + 5, NOW + 5, end, 5, true),
        (NOW + 6, NOW, end, 5, false),
        (NOW, NOW + 6, end, 5, false),
        (NOW + 1, NOW, end, 0, false),
        (NOW, NOW + 1, end, 0, false),
        (NOW - 10, NOW - 10, NOW + 1, 5, true),
        (NOW - 10, NOW - 10, NOW, 5, false),
        (NOW - 10, NOW - 10, NOW - 1, 5, false),
    ] {
        assert_eq!(read(iat, nbf, exp, leeway), good, "{iat} {nbf} {exp} {leeway}");
    }
}

#[test]
fn headers_that_ask_for_more_are_refused() {
    let claims = json!({"sub": "5", "sid": "s", "staff": false, "super": false, "type": "access",
        "iat": NOW, "exp": NOW + 300});
    let rules = rules(SECRET);
    let read =
        |header: Value| Jwt::read(&forged(&header, &claims, SECRET), Kind::Access, &rules, NOW);
    assert!(read(json!({"alg": "HS256"})).is_ok(), "the rest of this test can fail");
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS512"}),
        json!({"alg": "RS256"}),
        json!({"alg": "HS256", "crit": []}),
        json!({"alg": "HS256", "b64": true}),
        json!({"alg": "HS256", "kid": "v2"}),
        json!({"alg": "HS256", "kid": ""}),
        json!({"alg": "HS256", "kid": "../v1"}),
        json!({"alg": "HS256", "typ": "at+jwt"}),
        json!({}),
    ] {
        assert!(read(header.clone()).is_err(), "{header}");
    }
    // A key in the token is checked by no one.
    let own = "a key that travels in the token itself";
    let jwk = json!({"alg": "HS256", "jwk": {"kty": "oct", "k": URL_SAFE_NO_PAD.encode(own)}});
    assert!(Jwt::read(&forged(&jwk, &claims, own), Kind::Access, &rules, NOW).is_err());
    let long = json!({"alg": "HS256", "x": "y".repeat(8 * 1024)});
    assert!(read(long).is_err());
}

#[test]
fn claims_of_another_type_are_none() {
    let rules = rules(SECRET);
    let good = json!({"sub": "5", "sid": "s", "staff": false, "super": false, "type": "access",
        "iat": NOW, "exp": NOW + 300});
    let read = |claims: &Value| {
        let token = forged(&json!({"alg": "HS256"}), claims, SECRET);
        Jwt::read(&token, Kind::Access, &rules, NOW).is_ok()
    };
    assert!(read(&good));
    for (name, values) in [
        ("sub", vec![json!(5), json!(""), json!(null), json!(["5"])]),
        ("sid", vec![json!(""), json!(1)]),
        ("staff", vec![json!("true"), json!(1), json!(null)]),
        ("super", vec![json!("false")]),
        ("type", vec![json!("refresh"), json!("Access"), json!(null)]),
        ("iat", vec![json!("1700000000"), json!(-1), json!(1.5), json!(NOW + 1)]),
        ("exp", vec![json!(null), json!(NOW), json!(1e300), json!(NOW + 301)]),
        ("nbf", vec![json!(NOW + 1), json!("x")]),
    ] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(name);
        assert_eq!(read(&without), name == "nbf", "without {name}");
        for value in values {
            let mut claims = good.clone();
            claims[name] = value;
            assert!(!read(&claims), "{claims}");
        }
    }
}

#[test]
fn an_edge_token_without_flags_is_of_nobody_special() {
    let good = json!({"sub": "5", "staff": true, "super": true, "pkey": "k", "aud": "mizan", "iat": NOW,
        "exp": NOW + 300});
    let read = |claims: &Value| {
        let token = forged(&json!({"alg": "HS256"}), claims, SECRET);
        Mwt::read(&token, &ring(SECRET), NOW, (300, 0)).map(|mwt| (mwt.staff, mwt.superuser))
    };
    assert_eq!(read(&good), Ok((true, true)));
    for (absent, expected) in [
        (vec!["staff"], (false, true)),
        (vec!["super"], (true, false)),
        (vec!["staff", "super"], (false, false)),
    ] {
        let mut claims = good.clone();
        absent.iter().for_each(|name| drop(claims.as_object_mut().unwrap().remove(*name)));
        assert_eq!(read(&claims), Ok(expected), "without {absent:?}");
    }
    for (name, value) in [("staff", json!(null)), ("staff", json!("true")), ("super", json!(1))] {
        let mut claims = good.clone();
        claims[name] = value;
        assert!(read(&claims).is_err(), "{claims}");
    }
}

#[test]
fn keys_are_chosen_by_name_and_by_nothing_else() {
    let new = Secret::new("another-secret-for-the-tests-9876543210").unwrap();
    let old = ring(SECRET);
    let both = old.clone().rotate_in("v2", new.clone()).unwrap();
    let claims = json!({"a": 1}).as_object().unwrap().clone();
    let (by_old, by_new) = (sign(&claims, &old).unwrap(), sign(&claims, &both).unwrap());
    assert!(verify(&by_old, &both).is_ok() && verify(&by_new, &both).is_ok());
    assert!(verify(&by_new, &old).is_err());
    // The right key under the wrong name.
    let renamed = forged(&json!({"alg": "HS256", "kid": "v2"}), &json!({"a": 1}), SECRET);
    assert!(verify(&renamed, &both).is_err());
    for kid in ["", "a b", "v1", &"k".repeat(33)] {
        assert!(old.clone().rotate_in(kid, new.clone()).is_err(), "{kid:?}");
    }
    assert!(both.rotate_in("v3", new.clone()).is_err(), "two names for one key");
    let other = |kid: &str| Secret::new(format!("a-secret-for-these-tests-named-{kid}")).unwrap();
    let mut kids = ["v2", "v3", "v4"].iter();
    let full = kids.try_fold(old, |ring, kid| ring.rotate_in(*kid, other(kid)));
    assert!(full.unwrap().rotate_in("v5", new).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(20_000), ..ProptestConfig::default() })]

    /// Any change of a good token's bytes is refused: one character, a cut, an insertion, an exchange.
    #[test]
    fn no_mutated_token_is_accepted(at in any::<prop::sample::Index>(), byte in 0x20u8..0x7f, how in 0..4) {
        let rules = rules(SECRET);
        let good = jwt().mint(Kind::Access, &rules, NOW).unwrap();
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            _ => bytes.swap(at, 0),
        }
        let token = String::from_utf8(bytes).unwrap();
        prop_assume!(token != good);
        prop_assert!(Jwt::read(&token, Kind::Access, &rules, NOW).is_err(), "{}", token);
    }

    #[test]
    fn no_token_without_the_secret_is_accepted(
        secret in "[ -~]{24,56}", subject in ".*", kid in "v[0-9]", mwt: bool,
    ) {
        let secret = format!("abcdefgh{secret}");
        let claims = json!({"sub": subject, "sid": "s", "staff": true, "super": true, "type": "access",
            "pkey": "p", "aud": "mizan", "iat": NOW, "exp": NOW + 300});
        let token = forged(&json!({"alg": "HS256", "kid": kid}), &claims, &secret);
        let rules = rules(SECRET);
        let read = if mwt {
            Mwt::read(&token, &rules.ring, NOW, (300, 0)).is_ok()
        } else {
            Jwt::read(&token, Kind::Access, &rules, NOW).is_ok()
        };
        prop_assert!(!read);
    }
}

#[cfg(feature = "rs256")]
#[test]
fn tokens_under_rsa_verify_and_no_other_algorithm_does() {
    let key = rsa::PrivateKey::new(&mut getrandom::SysRng, 2048);
    let pem = rsa::pkcs8::EncodePrivateKey::to_pkcs8_pem(&key.unwrap(), Default::default());
    let pem = pem.unwrap();
    let ring = KeyRing::rs256(&pem).unwrap();
    let token = sign(&json!({"a": 1}), &ring).unwrap();
    assert_eq!(verify(&token, &ring).unwrap()["a"], 1);
    // The public key as a secret of HMAC, which fools verifiers that ask the token for its algorithm.
    let header = json!({"alg": "HS256", "kid": "v1"});
    assert!(verify(&forged(&header, &json!({"a": 1}), &pem), &ring).is_err());
    let mut other = token.into_bytes();
    let last = other.len() - 20;
    other[last] = if other[last] == b'A' { b'B' } else { b'A' };
    assert!(verify(&String::from_utf8(other).unwrap(), &ring).is_err());
    let small = rsa::PrivateKey::new(&mut getrandom::SysRng, 1024).unwrap();
    let pem = rsa::pkcs8::EncodePrivateKey::to_pkcs8_pem(&small, Default::default()).unwrap();
    assert!(KeyRing::rs256(&pem).is_err());
}

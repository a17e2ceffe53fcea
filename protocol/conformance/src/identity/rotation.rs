//! Rings of keys: each verifies what names it, the newest signs, and none is tried for another.

use crate::backend::{Application, Backend};
use crate::case::cases;
use crate::tokens;
use mizan_faults::redis::RedisServer;
use serde_json::{Value, json};

use crate::identity::support::{Browser, by_bearer, pair, reader, refresh, server};

const OLD: &str = "the old secret of a ring, 32 bytes and more";
const NEW: &str = "the new secret of a ring, 32 bytes and more";
const NEXT: &str = "the next secret of a ring, 32 bytes and more";

fn ring(keys: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = keys.iter().map(|(kid, secret)| format!("{kid}={secret}")).collect();
    pairs.join(",").replace(", ", " ")
}

/// Headers, keys, and whether a token of both is good, by a ring of `v2` over `v1`.
fn a_key_is_chosen_by_its_exact_name(backend: &Backend) {
    let [old, new, next] = [OLD, NEW, NEXT].map(|secret| secret.replace(", ", " "));
    let keys = ring(&[("v2", NEW), ("v1", OLD)]);
    let server = server(backend, &[("IDENTITY_JWT_RING", &keys)]);
    let (access, _) = Browser::signed_in(&server, "5").tokens();
    let claims = tokens::claims(&access);
    let client = &mut server.client();
    let cases: &[(Value, &str, bool)] = &[
        (json!({}), &old, true),
        (json!({ "kid": "v1" }), &old, true),
        (json!({ "kid": "v2" }), &new, true),
        (json!({}), &new, false),
        (json!({ "kid": "v1" }), &new, false),
        (json!({ "kid": "v2" }), &old, false),
        (json!({ "kid": "v3" }), &old, false),
        (json!({ "kid": "v3" }), &new, false),
        (json!({ "kid": "v3" }), &next, false),
        (json!({ "kid": "V1" }), &old, false),
        (json!({ "kid": "v1 " }), &old, false),
        (json!({ "kid": "" }), &old, false),
        (json!({ "kid": null }), &old, false),
        (json!({ "kid": 1 }), &old, false),
        (json!({ "kid": ["v1"] }), &old, false),
        (json!({ "kid": "../../dev/null" }), "", false),
        (json!({ "kid": "v1' OR '1'='1" }), &old, false),
    ];
    for (more, secret, good) in cases {
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let token = tokens::sign_with(&header, &claims, secret);
        let status = by_bearer(client, &token, "guarded").status;
        assert_eq!(status, if *good { 200 } else { 401 }, "{header}");
    }
    // What is given is under the newest.
    assert_eq!(kid(&access), "v2");
    assert!(tokens::is_signed(&access, &new));
}

fn edge_tokens_have_a_ring_of_their_own(backend: &Backend) {
    let keys = ring(&[("v2", NEW), ("v1", OLD)]);
    let server = server(backend, &[("IDENTITY_MWT_RING", &keys)]);
    let mut browser = Browser::signed_in(&server, "5");
    let edge = browser.edge();
    assert_eq!(kid(&edge), "v2");
    let client = &mut server.client();
    let claims = tokens::claims(&edge);
    for (kid, secret, good) in [("v1", OLD, true), ("v2", NEW, true), ("v1", NEW, false)] {
        let header = json!({ "alg": "HS256", "typ": "JWT", "kid": kid });
        let token = tokens::sign_with(&header, &claims, &secret.replace(", ", " "));
        let expected = if good { Ok(json!("5")) } else { Err(401) };
        assert_eq!(reader(client, &[("X-Mizan-Token", &token)]), expected);
    }
}

/// A rotation through three generations of a server: no one is signed out who refreshes meanwhile,
/// and what an old key signed is nothing after it was taken away.
fn a_rotation_signs_nobody_out(backend: &Backend) {
    let redis = RedisServer::start().unwrap();
    let url = redis.url();
    let generation = |keys: &[(&str, &str)]| {
        server(backend, &[("IDENTITY_JWT_RING", &ring(keys)), ("MIZAN_SESSION_REDIS_URL", &url)])
    };
    let first = generation(&[("v1", OLD)]);
    let mut browser = Browser::signed_in(&first, "5");
    let (access, renew) = browser.tokens();
    let (idle, idle_renew) = browser.tokens();
    assert_eq!(kid(&access), "v1");

    let second = generation(&[("v2", NEW), ("v1", OLD)]);
    let client = &mut second.client();
    assert_eq!(by_bearer(client, &access, "guarded").status, 200);
    let (access, renew) = pair(&refresh(client, &renew));
    assert_eq!(kid(&access), "v2");
    // A process that has the old ring only does not know the new key.
    assert_eq!(by_bearer(&mut first.client(), &access, "guarded").status, 401);

    let third = generation(&[("v2", NEW)]);
    let client = &mut third.client();
    assert_eq!(by_bearer(client, &access, "guarded").status, 200);
    assert_eq!(refresh(client, &renew).status, 200);
    assert_eq!(by_bearer(client, &idle, "guarded").status, 401);
    assert_eq!(refresh(client, &idle_renew).status, 401);
    assert_eq!(browser.at(&third).whoami(), "5", "the cookie depends on no key");
}

/// The `kid` of a token.
fn kid(token: &str) -> String {
    let (header, _) = token.split_once('.').unwrap();
    // The claims of a token whose second segment is the header.
    let header = tokens::claims(&format!(".{header}."));
    header["kid"].as_str().unwrap().to_owned()
}

/// Two applications in one Redis, with keys of their own: the cookie of one is nothing to the other. A rotation of the
/// key keeps everyone signed in while both keys are in the ring.
fn a_cookie_is_good_where_its_key_is_known(backend: &Backend) {
    let redis = RedisServer::start().unwrap();
    let url = redis.url();
    let start = |private: &str, keys: &[(&str, &str)]| {
        let ring = ring(keys);
        let mut settings = vec![("JWT_PRIVATE_KEY", private), ("MIZAN_SESSION_REDIS_URL", &*url)];
        if !keys.is_empty() {
            settings.push(("IDENTITY_JWT_RING", &ring));
        }
        server(backend, &settings)
    };
    let (old, new) = (OLD.replace(", ", " "), NEW.replace(", ", " "));
    let ours = start(&old, &[]);
    let browser = Browser::signed_in(&ours, "5");
    let cookie = format!("mizan_session={}", browser.cookies["mizan_session"]);
    let who = |server: &crate::server::Server| {
        reader(&mut server.client(), &[("Cookie", &cookie)]).unwrap()
    };
    assert_eq!(who(&ours), json!("5"));
    assert_eq!(who(&start(&old, &[])), json!("5"), "another process of the application");
    assert_eq!(who(&start(NEXT, &[])), Value::Null, "another application");
    assert_eq!(who(&start(&new, &[("v2", NEW), ("v1", OLD)])), json!("5"), "while it rotates");
    assert_eq!(who(&start(&new, &[])), Value::Null, "after it has rotated");
}

fn sessions_that_are_shared_need_a_key(backend: &Backend) {
    let settings = [("MIZAN_SESSION_REDIS_URL", "redis://127.0.0.1:1/0")];
    let refusal = backend.start(Application::Identity, &settings).unwrap_err();
    let refusal = refusal.to_string();
    let wanted = "sessions in a store that outlives this process need `JWT_PRIVATE_KEY`";
    assert!(refusal.contains(wanted), "{refusal}");
}

cases! {
    "tokens", SESSION =>
        a_key_is_chosen_by_its_exact_name
        edge_tokens_have_a_ring_of_their_own
        sessions_that_are_shared_need_a_key;
    "tokens", SESSION, Redis =>
        a_rotation_signs_nobody_out
        a_cookie_is_good_where_its_key_is_known;
}

//! Edge tokens: they say who reads, and open nothing else.

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::Request;
use crate::tokens;
use serde_json::{Value, json};

use crate::identity::support::{Browser, MOUNT, MWT_SECRET, by_bearer, call, reader, send, server};

fn it_opens_reads_and_is_ignored_by_calls(backend: &Backend) {
    let server = server(backend, &[]);
    let token = Browser::signed_in(&server, "5").edge();
    let client = &mut server.client();
    assert_eq!(reader(client, &[("X-Mizan-Token", &token)]), Ok(json!("5")));
    let mut called = |function, token: &str| {
        call(client, function, &json!({}), |call| call.header("X-Mizan-Token", token.as_bytes()))
    };
    let answer = called("whoami", &token);
    assert_eq!(answer.json().unwrap()["result"]["user"], Value::Null);
    for function in ["guarded", "staff_only", "touch"] {
        assert_eq!(called(function, &token).status, 401, "{function}");
    }
    // A bad one is refused even where a good one would be ignored.
    assert_eq!(called("whoami", "e30.e30.e30").status, 401);
}

fn it_mints_nothing_and_signs_nobody_out(backend: &Backend) {
    let server = server(backend, &[]);
    let mut browser = Browser::signed_in(&server, "5");
    let token = browser.edge();
    let client = &mut server.client();
    for path in ["session/jwt/", "session/mwt/"] {
        let request = Request::new("POST", format!("{MOUNT}/{path}")).body("");
        let answer = send(client, &request.header("X-Mizan-Token", token.as_bytes()));
        assert_eq!((answer.status, answer.header("set-cookie")), (401, None), "{path}");
    }
    let request = Request::new("DELETE", format!("{MOUNT}/session/"));
    send(client, &request.header("X-Mizan-Token", token.as_bytes()));
    assert_eq!(browser.whoami(), "5");
}

/// It is minted for a session and for an access token, and each is bound to the rights of then.
fn its_rights_are_those_of_now(backend: &Backend) {
    let server = server(backend, &[]);
    let mut browser = Browser::signed_in(&server, "5");
    let (access, _) = browser.tokens();
    let client = &mut server.client();
    let request = Request::new("POST", format!("{MOUNT}/session/mwt/")).body("");
    let answer = send(client, &request.header("Authorization", format!("Bearer {access}")));
    let token = answer.json().unwrap()["token"].as_str().unwrap().to_owned();
    assert_eq!(reader(client, &[("X-Mizan-Token", &token)]), Ok(json!("5")));
    call(client, "set_rights", &json!({ "name": "5", "staff": true }), |call| call);
    assert_eq!(reader(client, &[("X-Mizan-Token", &token)]), Err(401));
    let token = browser.edge();
    assert_eq!(reader(client, &[("X-Mizan-Token", &token)]), Ok(json!("5")));
    let request = Request::get(format!("{MOUNT}/ctx/report/"));
    assert_eq!(send(client, &request.header("X-Mizan-Token", token.as_bytes())).status, 200);
}

/// "012" is not "12", in tokens of every kind.
fn a_subject_is_the_text_that_it_is(backend: &Backend) {
    let server = server(backend, &[]);
    let (mut plain, mut zero) =
        (Browser::signed_in(&server, "12"), Browser::signed_in(&server, "012"));
    let (edge_plain, edge_zero) = (plain.edge(), zero.edge());
    let ((access_plain, _), (access_zero, _)) = (plain.tokens(), zero.tokens());
    let client = &mut server.client();
    for _ in 0..2 {
        // The second time from the cache.
        assert_eq!(reader(client, &[("X-Mizan-Token", &edge_plain)]), Ok(json!("12")));
        assert_eq!(reader(client, &[("X-Mizan-Token", &edge_zero)]), Ok(json!("012")));
    }
    assert_eq!(by_bearer(client, &access_zero, "guarded").json().unwrap()["result"], "012");
    // Two good tokens of the two are of different users.
    let bearer = format!("Bearer {access_plain}");
    let both = |edge| [("Authorization", bearer.as_str()), ("X-Mizan-Token", edge)];
    assert_eq!(reader(client, &both(&edge_plain)), Ok(json!("12")));
    assert_eq!(reader(client, &both(&edge_zero)), Err(401));
    let cookie = plain.cookie_header();
    let both = [("Cookie", cookie.as_str()), ("X-Mizan-Token", &*edge_zero)];
    assert_eq!(reader(client, &both), Err(401));
    // An integer is no subject, and a space is part of one.
    for subject in [json!(12), json!("12 "), json!(" 12"), json!("+12"), json!("12.0")] {
        let mut claims = tokens::edge("12", false, false);
        claims["sub"] = subject.clone();
        let token = tokens::sign(&claims, MWT_SECRET);
        assert_eq!(reader(client, &[("X-Mizan-Token", &token)]), Err(401), "{subject}");
    }
}

/// Every vector whose verdict does not hang on one second, moved to the time of now.
fn the_vectors_get_their_secure_verdict_over_http(backend: &Backend) {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/mwt.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let secret = cases[0]["secret"].as_str().unwrap();
    let server = server(backend, &[("MIZAN_MWT_SECRET", secret)]);
    let client = &mut server.client();
    let (mut moved, mut sent, mut edges) = (0, 0, 0);
    for case in cases {
        let (id, token) = (&case["id"], case["token"].as_str().unwrap());
        let now = case["now"].as_i64().unwrap();
        let soon = |name: &str| {
            case["claims"][name].as_i64().is_some_and(|time| (0..=5).contains(&(time - now)))
        };
        if soon("exp") || soon("iat") || soon("nbf") {
            edges += 1;
            continue;
        }
        let token = if tokens::is_signed(token, secret) && case["claims"].is_object() {
            moved += 1;
            at_present(token, now, secret)
        } else {
            token.to_owned()
        };
        sent += 1;
        let expected =
            if case["secure"] == "accept" { Ok(case["claims"]["sub"].clone()) } else { Err(401) };
        assert_eq!(reader(client, &[("X-Mizan-Token", &token)]), expected, "{id}: {}", case["why"]);
    }
    note!("{sent} tokens sent, {moved} of them moved in time, {edges} are edges of a second");
    assert_eq!((sent, edges), (29, 2));
    assert!(moved >= 20);
}

/// The same token with its times moved as far as the time of now is from that of the case. Its header
/// stays byte for byte.
fn at_present(token: &str, then: i64, secret: &str) -> String {
    let header = token.split('.').next().unwrap();
    let mut claims = tokens::claims(token);
    let by = i64::try_from(tokens::now()).unwrap() - then;
    for name in ["iat", "nbf", "exp"] {
        if let Some(time) = claims[name].as_i64().filter(|time| *time > 0) {
            claims[name] = json!(time + by);
        }
    }
    tokens::sign_parts(header, &claims, secret)
}

cases! {
    "tokens", SESSION =>
        it_opens_reads_and_is_ignored_by_calls
        it_mints_nothing_and_signs_nobody_out
        its_rights_are_those_of_now
        a_subject_is_the_text_that_it_is
        the_vectors_get_their_secure_verdict_over_http;
}

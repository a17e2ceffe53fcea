//! Asynchronous guards that allow, deny, refuse, fail and panic.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use serde_json::{Value, json};

use crate::identity::support::{Browser, MOUNT, call, send, server};

fn a_guard_that_does_not_allow_denies(backend: &Backend) {
    let server = server(backend, &[]);
    let client = &mut server.client();
    for _ in 0..50 {
        for (function, status, message) in [
            ("allowed", 200, None),
            ("denied", 403, Some("access denied")),
            ("refused", 403, Some("closed on Sunday")),
            ("failed", 403, Some("access denied")),
            ("panicked", 403, Some("access denied")),
        ] {
            let answer = call(client, function, &json!({}), |call| call);
            let body = answer.json().unwrap();
            assert_eq!(answer.status, status, "{function}: {body}");
            match message {
                None => assert_eq!(body["result"], "ran"),
                Some(message) => assert_eq!(body["error"]["message"], message, "{function}"),
            }
            assert_eq!(body.get("result").is_some(), status == 200, "{function}");
        }
    }
    assert!(server.logs("marker-a1") && server.logs("marker-b2"), "the operator learns of it");
}

/// A guard is asked on every request, whatever the cache holds.
fn a_guard_is_asked_before_the_cache(backend: &Backend) {
    let server = server(backend, &[]);
    let mut browser = Browser::signed_in(&server, "5");
    let read = || Request::get(format!("{MOUNT}/ctx/gated/"));
    for _ in 0..2 {
        assert_eq!(browser.send(read()).json().unwrap(), json!({ "gated": "ran" }));
    }
    let mut other = Browser::signed_in(&server, "7");
    for answer in [other.send(read()), send(&mut server.client(), &read())] {
        assert_eq!(answer.status, 403);
        assert_eq!(answer.json().unwrap()["gated"], Value::Null);
    }
    browser.sign_out();
    assert_eq!(browser.send(read()).status, 403);
}

cases! {
    "identity", SESSION =>
        a_guard_that_does_not_allow_denies
        a_guard_is_asked_before_the_cache;
}

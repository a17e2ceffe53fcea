//! The end of a session is the end of all that was given for it, at once and in every process.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use serde_json::{Value, json};

use crate::identity::support::{Browser, MOUNT, Store, World, by_bearer, reader, refresh, server};

fn a_sign_out_ends_every_token(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    check(&world, |browser| {
        let answer = browser.sign_out();
        assert_eq!(answer.status, 200);
        assert_eq!(browser.cookies.get("mizan_session"), None);
    });
}

fn a_function_that_signs_out_ends_every_token(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    check(&world, |browser| assert_eq!(browser.call("sign_out", json!({})).status, 200));
}

fn signing_in_anew_ends_what_was_before(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    check(&world, |browser| browser.sign_in("7"));
}

/// Everything of a session works here and there, until it is ended here.
#[track_caller]
fn check(world: &World, end: impl FnOnce(&mut Browser)) {
    let mut browser = Browser::signed_in(world.here(), "5");
    let mut other = Browser::signed_in(world.here(), "5");
    let (access, renew) = browser.tokens();
    let edge = browser.edge();
    let before = browser.at(world.there());
    let there = &mut world.there().client();
    assert_eq!(by_bearer(there, &access, "guarded").status, 200);
    assert_eq!(before.at(world.there()).whoami(), "5");
    assert_eq!(reader(there, &[("X-Mizan-Token", &edge)]), Ok(json!("5")));
    end(&mut browser);
    for server in [world.here(), world.there()] {
        let client = &mut server.client();
        assert_eq!(by_bearer(client, &access, "guarded").status, 401);
        let bearer = format!("Bearer {access}");
        assert_eq!(reader(client, &[("Authorization", &bearer)]), Err(401));
        assert_eq!(reader(client, &[("X-Mizan-Token", &edge)]), Err(401));
        assert_eq!(refresh(client, &renew).status, 401);
        assert_eq!(before.at(server).whoami(), Value::Null);
    }
    // Another session of the same user goes on.
    assert_eq!(other.whoami(), "5");
}

fn a_cookie_without_a_session_is_nobody_and_is_cleared(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut ended = Browser::signed_in(world.here(), "5");
    let secret = ended.cookies["mizan_session"].clone();
    ended.sign_out();
    for value in [secret, "0".repeat(64), "x".into(), "%00".into()] {
        let mut browser = Browser::new(world.there());
        browser.cookies.insert("mizan_session".into(), value.clone());
        let answer = browser.send(Request::get(format!("{MOUNT}/ctx/me/")));
        assert_eq!(answer.json().unwrap()["me"]["user"], Value::Null, "{value}");
        let cleared = answer.header("set-cookie").unwrap();
        assert!(cleared.starts_with("mizan_session=; Path=/; Max-Age=0"), "{cleared}");
        assert_eq!(browser.cookies.get("mizan_session"), None);
        browser.cookies.insert("mizan_session".into(), value);
        assert_eq!(browser.call("guarded", json!({})).status, 401);
        browser.cookies.remove("mizan_session");
        // A user who has no session is signed out already.
        assert_eq!(browser.sign_out().status, 200);
    }
    let mut none = Browser::new(world.here());
    assert_eq!(none.send(Request::get(format!("{MOUNT}/ctx/me/"))).header("set-cookie"), None);
}

/// Each of many sign-outs is seen by the very next call.
fn of_a_thousand_sign_outs_none_is_late(backend: &Backend) {
    let server = server(backend, &[]);
    let (mut client, mut refused) = (server.client(), 0);
    for _ in 0..1_000 {
        let mut browser = Browser::signed_in(&server, "5");
        let (access, _) = browser.tokens();
        assert_eq!(by_bearer(&mut client, &access, "guarded").status, 200);
        assert_eq!(browser.sign_out().status, 200);
        refused += usize::from(by_bearer(&mut client, &access, "guarded").status == 401);
    }
    assert_eq!(refused, 1_000);
}

cases! {
    "identity", SESSION, InBothStores =>
        a_sign_out_ends_every_token
        a_function_that_signs_out_ends_every_token
        signing_in_anew_ends_what_was_before
        a_cookie_without_a_session_is_nobody_and_is_cleared;
    "identity", SESSION =>
        of_a_thousand_sign_outs_none_is_late;
}

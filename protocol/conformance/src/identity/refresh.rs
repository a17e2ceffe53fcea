//! Refresh tokens: good once, for what their user may now, and for nothing else.

use std::thread;

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use crate::tokens;
use serde_json::json;

use crate::identity::support::{Browser, MOUNT, Store, World, by_bearer, pair, refresh, send};

fn an_access_token_buys_nothing(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let (access, _) = Browser::signed_in(world.here(), "5").tokens();
    let client = &mut world.there().client();
    let bearer = format!("Bearer {access}");
    let request = Request::new("POST", format!("{MOUNT}/session/jwt/")).body("");
    let answer = send(client, &request.header("Authorization", bearer.as_bytes()));
    assert_eq!((answer.status, answer.header("set-cookie")), (401, None));
    assert_eq!(refresh(client, &access).status, 401);
    // The id of the session is in the token, and is no secret of a cookie.
    let claims = tokens::claims(&access);
    let mut browser = Browser::new(world.here());
    browser.cookies.insert("mizan_session".into(), claims["sid"].as_str().unwrap().into());
    assert_eq!(browser.call("guarded", json!({})).status, 401);
    assert_eq!(browser.post("session/jwt/").status, 401);
    // It stays what it is.
    assert_eq!(by_bearer(client, &access, "guarded").status, 200);
}

fn a_token_that_comes_twice_ends_its_family(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut browser = Browser::signed_in(world.here(), "5");
    let (_, first) = browser.tokens();
    let (_, bystander) = browser.tokens();
    let (here, there) = (&mut world.here().client(), &mut world.there().client());
    let (access, second) = pair(&refresh(here, &first));
    let (later, third) = pair(&refresh(there, &second));
    assert_eq!(by_bearer(here, &later, "guarded").status, 200);
    assert_eq!(refresh(there, &first).status, 401, "it was used");
    for token in [&access, &later] {
        assert_eq!(by_bearer(here, token, "guarded").status, 401);
    }
    assert_eq!(refresh(here, &third).status, 401);
    // Another family of the same session was not copied, nor was the session.
    assert_eq!(refresh(there, &bystander).status, 200);
    assert_eq!(browser.whoami(), "5");
}

fn of_refreshes_at_one_time_one_at_most_is_answered(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    for _ in 0..20 {
        let (_, token) = Browser::signed_in(world.here(), "5").tokens();
        let statuses = thread::scope(|scope| {
            let servers = [world.here(), world.there(), world.here(), world.there()];
            let tries = servers.map(|server| {
                let token = &token;
                scope.spawn(move || refresh(&mut server.client(), token).status)
            });
            tries.map(|tried| tried.join().unwrap())
        });
        assert!(statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
        let good = statuses.iter().filter(|status| **status == 200).count();
        // If a copy is seen before the session is read, no caller gets a response.
        assert!(good <= 1, "{good}");
    }
}

fn after_a_demotion_the_rights_are_new(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    world.everywhere("set_rights", json!({ "name": "boss", "staff": true }));
    let (access, renew) = Browser::signed_in(world.here(), "boss").tokens();
    let client = &mut world.there().client();
    assert_eq!(tokens::claims(&access)["staff"], true);
    assert_eq!(by_bearer(client, &access, "staff_only").status, 200);
    world.everywhere("set_rights", json!({ "name": "boss", "staff": false }));
    assert_eq!(by_bearer(client, &access, "staff_only").status, 403, "whatever the token says");
    let (access, _) = pair(&refresh(client, &renew));
    assert_eq!(tokens::claims(&access)["staff"], false);
    assert_eq!(by_bearer(client, &access, "staff_only").status, 403);
    assert_eq!(by_bearer(client, &access, "guarded").status, 200);
}

fn after_a_deletion_there_is_nothing(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    world.everywhere("set_rights", json!({ "name": "gone", "staff": false }));
    let mut browser = Browser::signed_in(world.here(), "gone");
    let (access, renew) = browser.tokens();
    world.everywhere("delete_user", json!({ "name": "gone" }));
    let client = &mut world.there().client();
    assert_eq!(by_bearer(client, &access, "guarded").status, 401);
    assert_eq!(browser.at(world.there()).call("guarded", json!({})).status, 401);
    assert_eq!(refresh(client, &renew).status, 401);
    // Anyone who comes later under that name finds no session of the one before.
    world.everywhere("set_rights", json!({ "name": "gone", "staff": true }));
    assert_eq!(refresh(client, &renew).status, 401);
    assert_eq!(by_bearer(client, &access, "guarded").status, 401);
    assert_eq!(browser.call("guarded", json!({})).status, 401);
}

cases! {
    "identity", SESSION, InBothStores =>
        an_access_token_buys_nothing
        a_token_that_comes_twice_ends_its_family
        of_refreshes_at_one_time_one_at_most_is_answered
        after_a_demotion_the_rights_are_new
        after_a_deletion_there_is_nothing;
}

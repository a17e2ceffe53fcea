//! Which entry a read asks for, how long it lives, and what the response says of it.

use std::thread;
use std::time::Duration;

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use serde_json::json;

use crate::cache::support::{By, Store, World, by, read};

fn other_spellings_of_a_parameter_hit_the_same_entry(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    for query in ["05", "+5", "%205", "%2B5", "5&x=1", "0005", "%35", "5&page=%2B01"] {
        assert_eq!(app.value(&format!("user_id={query}")), (By::Hit, 0), "{query}");
    }
    assert_eq!(world.data.counted("profile-5"), 1);
}

fn a_default_that_is_left_out_is_the_same_entry_and_made_old_alike(
    backend: &Backend,
    store: Store,
) {
    let forms = ["user_id=5", "user_id=5&page=1", "page=%2B1&user_id=05"];
    let world = World::new(backend, store);
    let mut app = world.app_with(&[("CACHE_MORE_WRITES", "1")]);
    app.warm(forms[0], 0);
    for form in forms {
        assert_eq!(app.value(form), (By::Hit, 0), "{form}");
    }
    assert_eq!(world.data.counted("profile-5"), 1);
    for (value, args) in [
        (1, json!({ "user_id": 5, "value": 1 })),
        (2, json!({ "user_id": 5, "value": 2, "page": 1 })),
    ] {
        app.call("change_page", args);
        for form in forms {
            let (_, bundle) = app.bundle(&format!("user/?{form}"));
            assert_eq!(bundle["orders"][0]["value"], value, "{form}");
        }
        app.warm(forms[1], 0);
    }
}

fn users_whose_ids_look_alike_are_kept_apart(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    let users = ["0", "00", "007", "7", "07"];
    for round in 0..3 {
        let (by, bundle) = app.bundle("mine/?item=1");
        assert_eq!(bundle["mine"]["user"], json!(null), "{round}");
        assert!(round > 0 || by == By::Miss);
        for user in users {
            let (by, bundle) = app.bundle_as(user, "mine/?item=1");
            assert_eq!(bundle["mine"]["user"], user, "{round}");
            assert!(round > 0 || by == By::Miss, "{user}");
        }
    }
    assert_eq!(world.data.counted("mine"), 6);
}

fn an_entry_lives_as_long_as_its_function_says(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    assert_eq!(app.bundle("brief/?item=1").0, By::Miss);
    app.warm_bundle("brief/?item=1", |bundle| assert_eq!(bundle["brief"], 1));
    assert_eq!(world.data.counted("brief"), 1);
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(app.bundle("brief/?item=1").0, By::Miss);
    assert_eq!(world.data.counted("brief"), 2);
}

fn what_may_not_be_cached_is_not(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    for round in 1..=3 {
        assert_eq!(app.bundle("fresh/?item=1").0, By::Bypass);
        assert_eq!(world.data.counted("fresh"), round);
        let request = read("raw/").header("X-Color", format!("c{round}"));
        let answer = app.send(&request);
        assert_eq!(by(&answer), By::Bypass);
        assert_eq!(answer.json().unwrap()["raw"], format!("c{round}"));
    }
    if store == Store::Redis {
        assert_eq!(world.redis().keys().unwrap(), Vec::<String>::new());
    }
}

fn the_header_says_how_a_read_was_answered(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    assert_eq!(app.value("user_id=5"), (By::Miss, 0));
    app.warm("user_id=5", 0);
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
    // One member of a bundle is no entry, neither to find nor to store.
    for _ in 0..2 {
        let (by, bundle) = app.bundle("user/?user_id=5&mizan.only=profile");
        assert_eq!((by, &bundle["orders"]), (By::Bypass, &json!(null)));
    }
    assert_eq!(app.bundle("user/?user_id=6&mizan.only=orders").0, By::Bypass);
    assert_eq!(app.value("user_id=6"), (By::Miss, 0));
    for _ in 0..2 {
        assert_eq!(app.bundle("mine/?item=1&mizan.only=mine").0, By::Bypass);
    }
    // Only reads of contexts have the header.
    for request in [Request::get("/api/mizan/session/"), read("user/?user_id=x"), read("none/")] {
        assert_eq!(by(&app.send(&request)), By::Nothing);
    }
    let world = World::with_redis(backend, None);
    let mut uncached = world.app_with(&[("MIZAN_CACHE_SECRET", "")]);
    for _ in 0..2 {
        assert_eq!(uncached.value("user_id=5"), (By::Nothing, 0));
    }
}

fn errors_are_never_cached(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    let mut runs = 0;
    for status in [404, 500] {
        world.set("failing-1", status);
        for _ in 0..3 {
            runs += 1;
            let answer = app.read("failing/?item=1");
            assert_eq!(i64::from(answer.status), status);
            assert_eq!(world.data.counted("failing"), runs);
        }
    }
    world.set("failing-1", 0);
    app.warm_bundle("failing/?item=1", |bundle| assert_eq!(bundle["failing"], 1));
    assert_eq!(world.data.counted("failing"), runs + 1);
}

cases! {
    "keys", READ, InBothStores =>
        other_spellings_of_a_parameter_hit_the_same_entry
        a_default_that_is_left_out_is_the_same_entry_and_made_old_alike
        users_whose_ids_look_alike_are_kept_apart
        an_entry_lives_as_long_as_its_function_says
        what_may_not_be_cached_is_not
        the_header_says_how_a_read_was_answered
        errors_are_never_cached;
}

//! Functions that name what they change: `narrow`, `invalidate`, `mutate` and `unchanged`.

use serde_json::json;

use crate::backend::Backend;
use crate::cache::support::{By, Store, World, call};
use crate::case::cases;

fn a_call_that_narrows_makes_no_more_old_than_it_says(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.warm("user_id=6", 0);
    let held = world.hold(&app, "hook-5", call("hook", json!({ "about": 5, "value": 1 })));
    assert_eq!(app.value("user_id=5"), (By::Bypass, 0));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0));
    let answer = held.succeed();
    assert_eq!(answer.header("x-mizan-invalidate"), Some("user;user_id=5"));
    let target = json!([{ "context": "user", "params": { "user_id": 5 } }]);
    assert_eq!(answer.json().unwrap()["invalidate"], target);
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0));
}

fn a_call_that_says_more_makes_that_old_too(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.warm("user_id=6", 0);
    let held = world.hold(&app, "touch-5", call("touch", json!({ "about": 5, "value": 1 })));
    assert_eq!(app.value("user_id=5"), (By::Bypass, 0), "it is marked before it changes");
    let answer = held.succeed();
    assert_eq!(answer.header("x-mizan-invalidate"), Some("user;user_id=5"));
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0));
}

fn work_that_the_registry_watches_is_marked_before_it_runs(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.warm("user_id=6", 0);
    let held = world.hold(&app, "load-5", call("load", json!({ "about": 5, "value": 1 })));
    assert_eq!(app.value("user_id=5"), (By::Bypass, 0));
    held.succeed();
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0));
}

fn what_the_registry_is_told_of_is_old_at_once(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.warm("user_id=6", 0);
    app.call("tell", json!({ "about": 5, "value": 1 }));
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0));
}

fn a_refusal_that_changed_nothing_leaves_every_entry(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    let held = world.hold(&app, "refuse-5", call("refuse", json!({ "user_id": 5 })));
    assert_eq!(app.value("user_id=5"), (By::Bypass, 0), "nobody knows yet how it ends");
    let answer = held.release();
    assert_eq!((answer.status, answer.header("x-mizan-invalidate")), (403, None));
    assert_eq!(answer.json().unwrap()["invalidate"], json!(null));
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
}

fn a_refusal_makes_stale_what_it_names_itself(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.warm("user_id=6", 0);
    let answer = app.try_call("refuse", json!({ "user_id": 5, "other": 6 }));
    assert_eq!((answer.status, answer.header("x-mizan-invalidate")), (403, Some("user;user_id=6")));
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
    assert_eq!(app.value("user_id=6"), (By::Miss, 1));
}

cases! {
    "invalidation", CALL, InBothStores =>
        a_call_that_narrows_makes_no_more_old_than_it_says
        a_call_that_says_more_makes_that_old_too
        work_that_the_registry_watches_is_marked_before_it_runs
        what_the_registry_is_told_of_is_old_at_once
        a_refusal_that_changed_nothing_leaves_every_entry
        a_refusal_makes_stale_what_it_names_itself;
}

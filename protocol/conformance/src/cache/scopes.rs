//! What a mutation makes stale: every entry that it may have changed, whatever else is in its name.

use serde_json::json;

use crate::backend::Backend;
use crate::cache::support::{By, Store, World};
use crate::case::cases;

fn a_mutation_with_fewer_parameters_makes_every_page_old(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    let pages = ["user_id=5", "user_id=5&page=2", "user_id=5&page=3"];
    pages.iter().for_each(|page| app.warm(page, 0));
    app.warm("user_id=6", 0);
    app.rename(5, 1);
    pages.iter().for_each(|page| assert_eq!(app.value(page), (By::Miss, 1), "{page}"));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0));
}

fn a_mutation_makes_the_variants_of_all_users_old(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    for user in ["7", "8"] {
        assert_eq!(app.bundle_as(user, "mine/?item=1").1["mine"]["value"], 0);
    }
    app.bundle("mine/?item=1");
    app.warm_bundle("mine/?item=2", |_| ());
    assert_eq!(world.data.counted("mine"), 4);
    app.call("change_mine", json!({ "item": 1, "value": 3 }));
    for user in ["7", "8"] {
        let (by, bundle) = app.bundle_as(user, "mine/?item=1");
        assert_eq!((by, &bundle["mine"]["value"]), (By::Miss, &json!(3)), "{user}");
    }
    assert_eq!(app.bundle("mine/?item=1").1["mine"]["value"], 3);
    assert_eq!(app.bundle("mine/?item=2").0, By::Hit);
}

fn a_mutation_makes_old_what_has_a_revision(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app_with(&[("CACHE_REV", "3")]);
    app.warm("user_id=5", 0);
    app.rename(5, 1);
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
}

fn an_argument_that_is_not_declared_narrows_nothing(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    // A build whose entries have a token for each page too.
    let mut app = world.app_with(&[("CACHE_MORE_WRITES", "1")]);
    for page in 1..=3 {
        app.warm(&format!("user_id=5&page={page}"), 0);
    }
    let answer = app.call("rename", json!({ "user_id": 5, "value": 1, "page": 2 }));
    assert_eq!(answer.header("x-mizan-invalidate"), Some("user;user_id=5"));
    for page in 1..=3 {
        assert_eq!(app.value(&format!("user_id=5&page={page}")), (By::Miss, 1), "{page}");
    }
}

fn a_merge_makes_old_what_it_goes_into(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.warm("user_id=6", 0);
    let answer = app.call("add_order", json!({ "user_id": 5, "value": 4 }));
    assert_eq!(answer.json().unwrap()["merge"][0]["context"], "user");
    let (by, bundle) = app.bundle("user/?user_id=5");
    assert_eq!((by, &bundle["orders"][0]["value"]), (By::Miss, &json!(4)));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0));
}

cases! {
    "invalidation", CALL, InBothStores =>
        a_mutation_with_fewer_parameters_makes_every_page_old
        a_mutation_makes_the_variants_of_all_users_old
        a_mutation_makes_old_what_has_a_revision
        an_argument_that_is_not_declared_narrows_nothing
        a_merge_makes_old_what_it_goes_into;
}

//! Rights change while entries stay: guards are asked before the cache, on every request.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Response;
use serde_json::json;

use crate::cache::support::{App, By, Store, World, by, read, soon};

fn desk(app: &mut App) -> Response {
    app.send(&read("desk/?item=1").header("X-User", "7"))
}

fn who_is_no_longer_staff_gets_nothing_that_staff_was_given(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    world.set("staff-7", 1);
    // A shared store is not waited for: until an entry is there, reads join the run before.
    soon("both are stored", || {
        let (desk, (by_mine, mine)) = (desk(&mut app), app.bundle_as("7", "mine/?item=1"));
        assert_eq!((desk.status, &mine["mine"]["staff"]), (200, &json!(true)));
        (by(&desk), by_mine) == (By::Hit, By::Hit)
    });
    assert_eq!((world.data.counted("desk"), world.data.counted("mine")), (1, 1));
    world.set("staff-7", 0);
    for _ in 0..3 {
        let refused = desk(&mut app);
        assert_eq!((refused.status, by(&refused)), (403, By::Nothing));
        assert_eq!(app.bundle_as("7", "mine/?item=1").1["mine"]["staff"], false);
    }
    assert_eq!(app.read("desk/?item=1").status, 401);
    // The entries of before are still there, for who has the right again.
    world.set("staff-7", 1);
    assert_eq!(by(&desk(&mut app)), By::Hit);
    assert_eq!(app.bundle_as("7", "mine/?item=1"), {
        let mine = json!({ "user": "7", "staff": true, "value": 0 });
        (By::Hit, json!({ "mine": mine }))
    });
    assert_eq!((world.data.counted("desk"), world.data.counted("mine")), (1, 2));
}

fn a_predicate_is_asked_on_every_request(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    let mut asked = 0;
    let mut get = |app: &mut App| {
        let answer = app.read("gate/?item=1");
        asked += 1;
        assert_eq!(world.data.counted("gate"), asked);
        (answer.status, by(&answer))
    };
    assert_eq!(get(&mut app), (200, By::Miss));
    soon("it is stored", || get(&mut app) == (200, By::Hit));
    world.set("closed", 1);
    for _ in 0..5 {
        assert_eq!(get(&mut app), (403, By::Nothing));
    }
    world.set("closed", 0);
    assert_eq!(get(&mut app), (200, By::Hit));
    assert_eq!(world.data.counted("gated"), 1);
}

cases! {
    "cache", READ, InBothStores =>
        who_is_no_longer_staff_gets_nothing_that_staff_was_given
        a_predicate_is_asked_on_every_request;
}

//! What strangers may store, and a Redis that is full.

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::Request;
use crate::deep;
use mizan_faults::redis::RedisServer;
use mizan_faults::resp::Reply;
use serde_json::json;

use crate::cache::support::{App, By, Store, World, soon};

/// Reads that each ask for something else.
fn invent(app: &mut App, count: usize) {
    for id in 1_000..1_000 + count {
        assert_ne!(app.value(&format!("user_id={id}")).0, By::Hit);
    }
}

fn beyond_the_budget_strangers_are_stored_from_the_second_miss_on(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app_with(&[("CACHE_ANONYMOUS_ENTRIES", "20")]);
    // Below it, a read that is repeated hits the second time.
    assert_eq!(app.value("user_id=5").0, By::Miss);
    soon("it hits", || app.value("user_id=5").0 == By::Hit);
    invent(&mut app, 19);
    assert_eq!(app.value("user_id=6").0, By::Bypass);
    assert_eq!(app.value("user_id=6").0, By::Miss);
    soon("it hits", || app.value("user_id=6").0 == By::Hit);
    // What was stored before is there, and is stored again after a change.
    assert_eq!(app.value("user_id=5").0, By::Hit);
    app.rename(5, 1);
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
    soon("it hits", || app.value("user_id=5") == (By::Hit, 1));
    // Another context has a budget of its own, and anyone who is signed in is not counted.
    assert_eq!(app.bundle("brief/?item=5").0, By::Miss);
    assert_eq!(app.bundle_as("5", "user/?user_id=7").0, By::Miss);
}

/// 6,000 reads of strangers, each of something else, and the memory of Redis as it is by default.
fn reads_of_strangers_do_not_fill_redis(backend: &Backend) {
    let options = [("maxmemory", "4mb"), ("maxmemory-policy", "noeviction")];
    let world = World::with_redis(backend, Some(RedisServer::start_with(&options).unwrap()));
    let mut app = world.app_with(&[("CACHE_ANONYMOUS_ENTRIES", "500")]);
    app.warm("user_id=5", 0);
    invent(&mut app, 6_000 * deep());
    let keys = world.redis().keys().unwrap().len();
    note!("{keys} keys");
    assert!(keys <= 3 * 500, "{keys} keys");
    app.rename(5, 1);
    assert_eq!(app.value("user_id=5").1, 1);
}

/// Mutations go on when Redis takes nothing else any more.
fn mutations_go_on_when_redis_is_full(backend: &Backend) {
    let options = [("maxmemory", "6mb"), ("maxmemory-policy", "noeviction")];
    let world = World::with_redis(backend, Some(RedisServer::start_with(&options).unwrap()));
    let mut app = world.app();
    app.warm("user_id=5", 0);
    let is_full = |name: &str, size: usize| {
        let reply = world.redis().command(&["SET", &format!("filler:{name}"), &"x".repeat(size)]);
        matches!(reply, Ok(Reply::Error(text)) if text.starts_with("OOM"))
    };
    // What a large command takes for itself is free again after it, so small ones follow.
    for size in [100_000, 1_000, 10] {
        let fills = |at: usize| is_full(&format!("{size}:{at}"), size);
        assert!((0..100_000).any(fills), "it takes everything");
    }
    for value in 1..=20 {
        app.rename(5, value);
        assert_eq!(app.value("user_id=5").1, value);
        app.call("rename", json!({ "user_id": 1_000 + value, "value": value }));
    }
    assert!(is_full("end", 10), "it has room again");
    let request = Request::get("/readyz");
    assert_eq!(app.send(&request).status, 200);
}

cases! {
    "cache", READ, InBothStores =>
        beyond_the_budget_strangers_are_stored_from_the_second_miss_on;
    "cache", READ, Redis =>
        reads_of_strangers_do_not_fill_redis
        mutations_go_on_when_redis_is_full;
}

//! Mutations that end otherwise than by a response: errors and panics after the commit, clients that
//! vanish, and a process that is killed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Connection;
use mizan_faults::redis::RedisServer;
use serde_json::json;

use crate::cache::support::{App, By, Store, World, call, read, soon};

fn a_failure_after_the_commit_makes_old_and_says_so(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    for (value, ending, status) in [(1, "refuse", 400), (2, "fail", 500), (3, "panic", 500)] {
        app.warm("user_id=5", value - 1);
        let args = json!({ "user_id": 5, "value": value, "ending": ending });
        let answer = app.try_call("rename", args);
        assert_eq!(answer.status, status, "{ending}");
        let target = json!([{ "context": "user", "params": { "user_id": 5 } }]);
        assert_eq!(answer.json().unwrap()["invalidate"], target, "{ending}");
        assert_eq!(answer.header("x-mizan-invalidate"), Some("user;user_id=5"), "{ending}");
        assert_eq!(app.value("user_id=5"), (By::Miss, value), "{ending}");
    }
}

/// Whether some token is marked.
pub(crate) fn is_marked(redis: &RedisServer) -> bool {
    let marked = |key: &String| {
        let text = redis.command(&["GET", key]).unwrap().text().unwrap_or_default();
        text.starts_with("P;")
    };
    redis.keys().unwrap().iter().filter(|key| key.contains(":gen:")).any(marked)
}

/// Sends a call, waits until its function is at a point, and breaks the connection off: what is left
/// unread makes its end a reset, which the server notices at once.
#[track_caller]
fn abort(world: &World, app: &App, point: &str, user_id: i64, value: i64) {
    let point = format!("{point}-{user_id}");
    world.data.set_trap(&point).unwrap();
    let address = app.server.address();
    let mut connection = Connection::open(address).unwrap();
    connection.send(&read("fresh/?item=1").bytes(address)).unwrap();
    let request = call("rename", json!({ "user_id": user_id, "value": value }));
    connection.send(&request.bytes(address)).unwrap();
    soon(&point, || world.data.is_caught(&point));
    drop(connection);
}

fn a_client_that_vanishes_takes_nothing_with_it(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    let monitor = (store == Store::Redis).then(|| world.redis().monitor().unwrap());
    for user_id in 0..20 {
        let point = if user_id % 2 == 0 { "before" } else { "after" };
        app.warm(&format!("user_id={user_id}"), 0);
        abort(&world, &app, point, user_id, 1);
        // The server has time to see that the client is gone.
        for _ in 0..5 {
            let (by, value) = app.value(&format!("user_id={user_id}"));
            assert_eq!((by, value), (By::Bypass, user_id % 2), "{user_id}");
        }
        world.data.release(&format!("{point}-{user_id}")).unwrap();
        let number = || world.data.number(&format!("user-{user_id}")).unwrap();
        soon("the commit", || number() == 1);
        app.warm(&format!("user_id={user_id}"), 1);
    }
    let Some(monitor) = monitor else { return };
    assert!(!is_marked(world.redis()), "a mark was left");
    // Each has begun and ended: the operation comes after the keys, and the mutation after that.
    let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
    for command in monitor.stop_clients().unwrap() {
        if command[0] == "EVALSHA" {
            let keys: usize = command[2].parse().unwrap();
            let id = command[4 + keys].clone();
            match &*command[3 + keys] {
                "B" => begun.insert(id),
                "E" => ended.insert(id),
                other => panic!("{other}"),
            };
        }
    }
    assert_eq!(begun.len(), 20);
    assert_eq!(begun, ended);
}

fn a_kill_between_commit_and_end_leaves_nothing_old(backend: &Backend) {
    const LEASE: Duration = Duration::from_millis(700);
    let world = World::new(backend, Store::Redis);
    let lease = LEASE.as_millis().to_string();
    let settings = [("CACHE_LEASE_MS", &*lease)];
    let mut reader = world.app_with(&settings);
    let mut value = 0;
    for point in ["after", "before"] {
        let writer = world.app_with(&settings);
        reader.warm("user_id=5", value);
        let address = writer.server.address();
        let mut connection = Connection::open(address).unwrap();
        let request = call("rename", json!({ "user_id": 5, "value": value + 1 }));
        let point = format!("{point}-5");
        world.data.set_trap(&point).unwrap();
        connection.send(&request.bytes(address)).unwrap();
        soon(&point, || world.data.is_caught(&point));
        value = world.data.number("user-5").unwrap();
        assert_eq!(reader.value("user_id=5"), (By::Bypass, value));
        // SIGKILL.
        drop(writer);
        let killed = Instant::now();
        assert_eq!(reader.value("user_id=5"), (By::Bypass, value), "the mark outlives its process");
        // The cache works again, at the latest when a lease is over; and until then nothing is stale.
        reader.warm("user_id=5", value);
        assert!(killed.elapsed() < LEASE * 4, "{:?}", killed.elapsed());
        assert!(!is_marked(world.redis()));
    }
}

cases! {
    "cache", READ, InBothStores =>
        a_failure_after_the_commit_makes_old_and_says_so
        a_client_that_vanishes_takes_nothing_with_it;
    "cache", READ, Redis =>
        a_kill_between_commit_and_end_leaves_nothing_old;
}

//! Settings of a cache that promise less than the default, or more: what each of them gives, costs,
//! and still promises.

use std::thread;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Connection;
use serde_json::json;

use crate::cache::interrupted::is_marked;
use crate::cache::support::{App, By, Store, World, call, soon};

const SESSION: (&str, &str) = ("CACHE_CONSISTENCY", "session");
const TTL: (&str, &str) = ("CACHE_CONSISTENCY", "ttl");
const UNAWAITED: (&str, &str) = ("CACHE_AWAIT_END", "false");

fn session_and_ttl_serve_the_old_value_until_the_mutation_answers(backend: &Backend, store: Store) {
    for consistency in [SESSION, TTL] {
        let world = World::new(backend, store);
        let mut app = world.app_with(&[consistency]);
        let mut value = 0;
        for point in ["before", "after"] {
            app.warm("user_id=5", value);
            let held = world.hold_rename(&app, point, 5, value + 1);
            for _ in 0..5 {
                assert_eq!(app.value("user_id=5"), (By::Hit, value), "{consistency:?} {point}");
            }
            held.succeed();
            value += 1;
            assert_eq!(app.value("user_id=5"), (By::Miss, value), "{consistency:?} {point}");
            app.warm("user_id=5", value);
        }
    }
}

fn session_serves_the_old_value_after_a_kill_for_one_lease_at_most(backend: &Backend) {
    const LEASE: Duration = Duration::from_secs(1);
    let world = World::new(backend, Store::Redis);
    let lease = LEASE.as_millis().to_string();
    let settings = [SESSION, ("CACHE_LEASE_MS", &*lease)];
    let (writer, mut reader) = (world.app_with(&settings), world.app_with(&settings));
    reader.warm("user_id=5", 0);
    let address = writer.server.address();
    let mut connection = Connection::open(address).unwrap();
    world.data.set_trap("after-5").unwrap();
    let request = call("rename", json!({ "user_id": 5, "value": 1 }));
    connection.send(&request.bytes(address)).unwrap();
    soon("the commit", || world.data.is_caught("after-5"));
    // SIGKILL.
    drop(writer);
    let killed = Instant::now();
    assert_eq!(reader.value("user_id=5"), (By::Hit, 0));
    soon("the end of the lease", || {
        let sent = killed.elapsed();
        let (by, value) = reader.value("user_id=5");
        let is_old = (by, value) == (By::Hit, 0);
        // Two clocks, each cut off to a millisecond.
        assert!(!is_old || sent < LEASE + Duration::from_millis(5), "old after {sent:?}");
        assert!(is_old || value == 1, "{by:?} {value}");
        !is_old
    });
    reader.warm("user_id=5", 1);
    assert!(!is_marked(world.redis()));
}

fn a_mutation_costs_ttl_one_round_trip(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let (mut app, mut other) = (world.app_with(&[TTL]), world.app_with(&[TTL]));
    for value in 1..=10 {
        app.rename(5, value);
        other.warm("user_id=5", value);
    }
    let monitor = world.redis().monitor().unwrap();
    for value in 11..=20 {
        app.rename(5, value);
        assert_eq!(other.value("user_id=5"), (By::Miss, value));
        other.warm("user_id=5", value);
    }
    let mut sent = monitor.stop_clients().unwrap();
    sent.retain(|command| command[0] == "EVALSHA");
    assert_eq!(sent.len(), 10, "{sent:?}");
    // The operation comes after the keys, and those after their number.
    let op = |command: &Vec<String>| command[3 + command[2].parse::<usize>().unwrap()].clone();
    assert!(sent.iter().all(|command| op(command) == "E"), "{sent:?}");
}

fn an_end_that_is_not_awaited_comes_after_the_answer(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut app = world.app_with(&[TTL, UNAWAITED, ("CACHE_WRITE_TIMEOUT_MS", "3000")]);
    app.warm("user_id=5", 0);
    app.rename(5, 1);
    soon("the end", || app.value("user_id=5").1 == 1);
    app.warm("user_id=5", 1);
    world.redis().pause().unwrap();
    let start = Instant::now();
    assert_eq!(
        app.call("rename", json!({ "user_id": 5, "value": 2 })).header("x-mizan-cache"),
        None
    );
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    world.redis().resume().unwrap();
    soon("the end", || app.value("user_id=5").1 == 2);
    app.warm("user_id=5", 2);
}

fn an_end_that_is_not_awaited_is_refused_where_more_than_ttl_is_promised(backend: &Backend) {
    let secret = ("MIZAN_CACHE_SECRET", "a secret that is long enough for a start");
    let world = World::with_redis(backend, None);
    for consistency in ["strict", "session"] {
        let settings = [secret, UNAWAITED, ("CACHE_CONSISTENCY", consistency)];
        let refusal = world.start(&settings).unwrap_err().to_string();
        assert!(refusal.contains("`await_end: false`"), "{refusal}");
        assert!(refusal.contains("Consistency::Ttl"), "{refusal}");
    }
    let mut app = App::new(world.start(&[secret, UNAWAITED, TTL]).unwrap());
    app.warm("user_id=5", 0);
    app.rename(5, 1);
    soon("the end", || app.value("user_id=5").1 == 1);
    app.warm("user_id=5", 1);
}

fn settle_keeps_what_a_lagging_replica_gives_out_of_the_cache(backend: &Backend, store: Store) {
    const SETTLE: Duration = Duration::from_millis(700);
    let world = World::new(backend, store);
    let settle = SETTLE.as_millis().to_string();
    let mut app = world.app_with(&[("CACHE_SETTLE_MS", &*settle)]);
    app.warm("user_id=5", 0);
    let sent = Instant::now();
    app.rename(5, 1);
    // What is read is behind what was written, for less than that time.
    world.set("user-5", 0);
    let mut bypassed = 0;
    loop {
        let answer = app.value("user_id=5");
        // Settling began after `sent`.
        if sent.elapsed() + Duration::from_millis(5) > SETTLE {
            break;
        }
        let lags = bypassed < 3;
        assert_eq!(answer, (By::Bypass, i64::from(!lags)), "after {:?}", sent.elapsed());
        bypassed += 1;
        if bypassed == 3 {
            world.set("user-5", 1);
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert!(bypassed > 3, "{bypassed}");
    app.warm("user_id=5", 1);
}

cases! {
    "cache", READ, InBothStores =>
        session_and_ttl_serve_the_old_value_until_the_mutation_answers
        settle_keeps_what_a_lagging_replica_gives_out_of_the_cache;
    "cache", READ, Redis =>
        session_serves_the_old_value_after_a_kill_for_one_lease_at_most
        a_mutation_costs_ttl_one_round_trip
        an_end_that_is_not_awaited_comes_after_the_answer;
    "cache", READ =>
        an_end_that_is_not_awaited_is_refused_where_more_than_ttl_is_promised;
}

//! Settings for a Redis that fails a mutation: refused or run, held or answered, with a replica or
//! without.

use std::thread;
use std::time::{Duration, Instant};

use mizan_faults::proxy::Proxy;
use mizan_faults::redis::RedisServer;
use serde_json::json;

use crate::backend::Backend;
use crate::cache::interrupted::is_marked;
use crate::cache::support::{App, By, Store, World, soon};
use crate::case::cases;

fn without_redis_proceed_runs_a_mutation_and_refuse_does_not(backend: &Backend) {
    for (choice, status, runs) in [("proceed", 200, 1), ("refuse", 503, 0)] {
        let world = World::new(backend, Store::Redis);
        let settings = [
            ("CACHE_ON_BEGIN_FAILURE", choice),
            ("CACHE_ON_END_FAILURE", "answer"),
            ("CACHE_WRITE_TIMEOUT_MS", "500"),
        ];
        let mut app = world.app_with(&settings);
        app.warm("user_id=5", 0);
        world.redis().kill();
        let answer = app.try_call("rename", json!({ "user_id": 5, "value": 1 }));
        assert_eq!(answer.status, status, "{choice}: {}", answer.text());
        assert_eq!(world.data.counted("rename"), runs, "{choice}");
        assert_eq!((app.count("unmarked"), app.count("refused")), (runs, 1 - runs), "{choice}");
        let value = runs.cast_signed();
        assert_eq!(app.value("user_id=5"), (By::Bypass, value), "{choice}");
        if choice == "refuse" {
            // What was refused is logged once, though its marks are taken back in case they arrived.
            thread::sleep(Duration::from_millis(700));
            let log = app.server.log();
            assert_eq!(log.matches("ERROR").count(), 1, "{log}");
            assert!(log.contains("a mutation is refused"), "{log}");
        }
        world.redis().restart_empty().unwrap();
        app.warm("user_id=5", value);
    }
}

fn after_proceed_the_process_serves_nothing_old(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let proxy = Proxy::start(world.redis().address()).unwrap();
    let url = format!("redis://{}/0", proxy.address());
    let mut app = world.app_with(&[
        ("CACHE_ON_BEGIN_FAILURE", "proceed"),
        ("CACHE_ON_END_FAILURE", "answer"),
        ("CACHE_WRITE_TIMEOUT_MS", "100"),
        ("CACHE_LEASE_MS", "300"),
        ("CACHE_BREAKER_PAUSE_MS", "10"),
        ("MIZAN_CACHE_REDIS_URL", &*url),
    ]);
    for round in 1..=20 {
        app.warm("user_id=5", round - 1);
        app.warm("user_id=6", round - 1);
        proxy.refuse();
        proxy.cut_all();
        let answer = app.try_call("rename", json!({ "user_id": 5, "value": round }));
        assert_eq!((answer.status, answer.header("x-mizan-cache")), (200, Some("degraded")));
        // Longer than the end is tried by the mutation itself.
        thread::sleep(Duration::from_millis(if round % 4 == 0 { 400 } else { 0 }));
        proxy.accept();
        for _ in 0..20 {
            assert_eq!(app.value("user_id=5").1, round);
        }
        // What it did not touch is as good as before, and in the end so is what it touched.
        app.warm("user_id=6", round - 1);
        app.warm("user_id=5", round);
        app.try_call("rename", json!({ "user_id": 6, "value": round }));
    }
    assert_eq!(app.count("unmarked"), 20);
}

/// Cuts a mutation off from Redis between its commit and its end. Gives how long its response took.
fn cut_off_before_the_end(
    backend: &Backend,
    if_unmark_fails: &str,
    meanwhile: impl Fn(&mut App),
) -> Duration {
    let world = World::new(backend, Store::Redis);
    let proxy = Proxy::start(world.redis().address()).unwrap();
    let url = format!("redis://{}/0", proxy.address());
    let mut cut = world.app_with(&[
        ("CACHE_ON_END_FAILURE", if_unmark_fails),
        ("CACHE_LEASE_MS", "3000"),
        ("CACHE_WRITE_TIMEOUT_MS", "500"),
        ("MIZAN_CACHE_REDIS_URL", &*url),
    ]);
    let mut whole = world.app_with(&[("CACHE_LEASE_MS", "3000")]);
    whole.warm("user_id=5", 0);
    cut.warm("user_id=5", 0);
    let held = world.hold_rename(&cut, "after", 5, 1);
    proxy.refuse();
    proxy.cut_all();
    let start = Instant::now();
    let answer = thread::scope(|scope| {
        let answer = scope.spawn(|| held.succeed());
        meanwhile(&mut whole);
        answer.join().unwrap()
    });
    let elapsed = start.elapsed();
    assert_eq!(answer.header("x-mizan-cache"), Some("degraded"));
    assert_eq!(answer.header("x-mizan-invalidate"), Some("user;user_id=5"));
    assert_eq!(cut.count("degraded"), 1);
    assert_eq!(whole.value("user_id=5").1, 1);
    proxy.accept();
    cut.warm("user_id=5", 1);
    whole.warm("user_id=5", 1);
    elapsed
}

fn hold_answers_as_degraded_when_the_lease_is_over(backend: &Backend) {
    let elapsed = cut_off_before_the_end(backend, "hold", |whole| {
        for _ in 0..100 {
            assert_eq!(whole.value("user_id=5"), (By::Bypass, 1));
            thread::sleep(Duration::from_millis(5));
        }
    });
    assert!(elapsed >= Duration::from_secs(3), "{elapsed:?}");
    assert!(elapsed < Duration::from_secs(6), "{elapsed:?}");
}

fn answer_does_so_at_once_and_its_marks_stay(backend: &Backend) {
    let elapsed = cut_off_before_the_end(backend, "answer", |whole| {
        assert_eq!(whole.value("user_id=5"), (By::Bypass, 1));
    });
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
}

fn a_mutation_runs_when_a_replica_has_its_marks_and_not_before(backend: &Backend) {
    let quick = [("repl-diskless-sync-delay", "0")];
    let world = World::with_redis(backend, Some(RedisServer::start_with(&quick).unwrap()));
    let settings = [("CACHE_REPLICAS_ACK", "1"), ("CACHE_WRITE_TIMEOUT_MS", "1000")];
    let mut app = world.app_with(&settings);
    app.warm("user_id=5", 0);
    let refused = |app: &mut App| {
        let ran = world.data.counted("rename");
        let answer = app.try_call("rename", json!({ "user_id": 5, "value": 9 }));
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert_eq!(world.data.counted("rename"), ran, "it ran");
    };
    refused(&mut app);
    // A refusal takes its marks back.
    app.warm("user_id=5", 0);
    let replica = RedisServer::start().unwrap();
    let port = world.redis().port().to_string();
    replica.command(&["REPLICAOF", "127.0.0.1", &port]).unwrap().accepted().unwrap();
    soon("the replica", || replica.info("master_link_status").unwrap() == "up");
    // It is sent what is written only after it has said so to the other one, up to a second later.
    let other = json!({ "user_id": 6, "value": 1 });
    soon("its response", || app.try_call("rename", other.clone()).status == 200);
    let held = world.hold_rename(&app, "before", 5, 1);
    assert!(is_marked(&replica), "it runs before the replica has its mark");
    held.succeed();
    app.warm("user_id=5", 1);
    replica.pause().unwrap();
    refused(&mut app);
    replica.resume().unwrap();
    app.rename(5, 2);
    app.warm("user_id=5", 2);
}

cases! {
    "cache", READ, Redis =>
        without_redis_proceed_runs_a_mutation_and_refuse_does_not
        after_proceed_the_process_serves_nothing_old
        hold_answers_as_degraded_when_the_lease_is_over
        answer_does_so_at_once_and_its_marks_stay
        a_mutation_runs_when_a_replica_has_its_marks_and_not_before;
}

//! What the operator sets: which cache there is, what is refused at start, and what is said.

use mizan_faults::redis::RedisServer;
use serde_json::json;

use crate::support::{App, By, Store, World};

const JWT: (&str, &str) = ("JWT_PRIVATE_KEY", "one secret of the operator, 32 bytes and more");
const SECRET: (&str, &str) = ("MIZAN_CACHE_SECRET", "another secret, which is long enough as well");
/// Nobody listens there.
const NOWHERE: (&str, &str) = ("MIZAN_CACHE_REDIS_URL", "redis://127.0.0.1:1/0");

/// The program does not start, and says this.
#[track_caller]
fn check_refused(settings: &[(&str, &str)], said: &[&str]) {
    let refusal = World::with_redis(None).start(settings).unwrap_err().to_string();
    for text in said {
        assert!(refusal.contains(text), "{text}: {refusal}");
    }
    for (_, value) in settings {
        assert!(!refusal.contains(value), "{value} is told: {refusal}");
    }
}

#[test]
fn a_url_without_a_secret_is_warned_of_and_nothing_is_cached() {
    let world = World::with_redis(None);
    let mut app = App::new(world.start(&[JWT, NOWHERE]).unwrap());
    assert!(app.server.logs("`MIZAN_CACHE_SECRET` is not"), "{}", app.server.log());
    assert!(app.server.log().contains("nothing is cached"));
    for value in 0..3 {
        world.set("user-5", value);
        assert_eq!(app.value("user_id=5"), (By::Nothing, value));
    }
    app.rename(5, 9);
    assert_eq!(app.call("counts", json!({})).json().unwrap()["result"], json!(null));
}

#[test]
fn a_secret_alone_is_a_cache_in_memory() {
    let world = World::with_redis(None);
    let mut app = App::new(world.start(&[JWT, SECRET]).unwrap());
    assert_eq!(app.value("user_id=5"), (By::Miss, 0));
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
    assert!(!app.server.log().contains("MIZAN_CACHE"), "{}", app.server.log());
    // Neither setting is no cache.
    let mut app = App::new(world.start(&[JWT]).unwrap());
    assert_eq!(app.value("user_id=5"), (By::Nothing, 0));
}

#[test]
fn bad_secrets_are_refused_at_start() {
    let same = ("MIZAN_CACHE_SECRET", JWT.1);
    check_refused(&[JWT, same], &["MIZAN_CACHE_SECRET", "JWT_PRIVATE_KEY", "the same"]);
    for short in ["short", "31-bytes-is-one-byte-too-short!"] {
        check_refused(&[JWT, ("MIZAN_CACHE_SECRET", short)], &["MIZAN_CACHE_SECRET", "32"]);
    }
    let broken = ("MIZAN_CACHE_REDIS_URL", "localhost-without-a-scheme");
    check_refused(&[JWT, SECRET, broken], &["MIZAN_CACHE_REDIS_URL", "redis://localhost:6379/0"]);
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_redis_that_may_drop_marks_is_warned_of() {
    for (policy, warned) in
        [("allkeys-lru", true), ("allkeys-random", true), ("volatile-lfu", false)]
    {
        let options = [("maxmemory", "50mb"), ("maxmemory-policy", policy)];
        let world = World::with_redis(Some(RedisServer::start_with(&options).unwrap()));
        let mut app = world.app();
        app.warm("user_id=5", 0);
        let text = format!("evicts by `{policy}`");
        if warned {
            assert!(app.server.logs(&text), "{}", app.server.log());
        } else {
            assert!(!app.server.log().contains("evicts"), "{}", app.server.log());
        }
    }
}

in_both_stores! {
    an_audit_reports_what_was_written_behind_its_back
}

fn an_audit_reports_what_was_written_behind_its_back(store: Store) {
    const SAID: &str = "a cached bundle differs from what its functions give";
    let world = World::new(store);
    let mut app = world.app_with(&[("CACHE_AUDIT", "1")]);
    app.warm("user_id=5", 0);
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
    // A declared change is no reason for a report.
    app.rename(5, 1);
    app.warm("user_id=5", 1);
    assert_eq!(app.count("inconsistent"), 0);
    assert!(app.count("audited") > 1 && !app.server.log().contains(SAID));
    app.call("write_behind", json!({ "user_id": 5, "value": 2 }));
    assert_eq!(app.value("user_id=5"), (By::Bypass, 2), "the new value is answered");
    assert!(app.server.logs(SAID), "{}", app.server.log());
    assert_eq!(app.count("inconsistent"), 1);
    app.warm("user_id=5", 2);
    assert_eq!(app.count("inconsistent"), 1, "what was old is gone");
    // Without an audit nobody sees it, until it expires.
    let world = World::new(store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.call("write_behind", json!({ "user_id": 5, "value": 2 }));
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
}

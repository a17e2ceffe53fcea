//! What the operator sets: which cache there is, what is refused at start, and what is logged.

use crate::backend::{Application, Backend};
use crate::case::cases;
use crate::client::Request;
use mizan_faults::redis::RedisServer;
use serde_json::json;

use crate::cache::support::{App, By, Store, World};

const JWT: (&str, &str) = ("JWT_PRIVATE_KEY", "one secret of the operator, 32 bytes and more");
const SECRET: (&str, &str) = ("MIZAN_CACHE_SECRET", "another secret, which is long enough as well");
const MWT: &str = "a third secret, for the tokens of an edge";
/// No one listens there.
const NOWHERE: (&str, &str) = ("MIZAN_CACHE_REDIS_URL", "redis://127.0.0.1:1/0");

/// The program does not start, and says this.
#[track_caller]
fn check_refused(backend: &Backend, settings: &[(&str, &str)], said: &[&str]) {
    let refusal = World::with_redis(backend, None).start(settings).unwrap_err().to_string();
    for text in said {
        assert!(refusal.contains(text), "{text}: {refusal}");
    }
    for (_, value) in settings {
        assert!(!refusal.contains(value), "{value} is shown: {refusal}");
    }
}

fn a_url_without_a_secret_is_warned_of_and_nothing_is_cached(backend: &Backend) {
    let world = World::with_redis(backend, None);
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

fn a_secret_alone_is_a_cache_in_memory(backend: &Backend) {
    let world = World::with_redis(backend, None);
    let mut app = App::new(world.start(&[JWT, SECRET]).unwrap());
    assert_eq!(app.value("user_id=5"), (By::Miss, 0));
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
    assert!(!app.server.log().contains("MIZAN_CACHE"), "{}", app.server.log());
    // Neither setting is no cache.
    let mut app = App::new(world.start(&[JWT]).unwrap());
    assert_eq!(app.value("user_id=5"), (By::Nothing, 0));
}

fn bad_secrets_are_refused_at_start(backend: &Backend) {
    let same = ("MIZAN_CACHE_SECRET", JWT.1);
    check_refused(backend, &[JWT, same], &["MIZAN_CACHE_SECRET", "JWT_PRIVATE_KEY", "the same"]);
    for short in ["short", "31-bytes-is-one-byte-too-short!"] {
        check_refused(
            backend,
            &[JWT, ("MIZAN_CACHE_SECRET", short)],
            &["MIZAN_CACHE_SECRET", "32"],
        );
    }
    let broken = ("MIZAN_CACHE_REDIS_URL", "localhost-without-a-scheme");
    check_refused(
        backend,
        &[JWT, SECRET, broken],
        &["MIZAN_CACHE_REDIS_URL", "redis://localhost:6379/0"],
    );
}

fn a_redis_that_may_drop_marks_is_warned_of(backend: &Backend) {
    const UNBOUND: &str = "Redis has no `maxmemory`";
    for (policy, memory, warned) in [
        ("allkeys-lru", "50mb", true),
        ("allkeys-random", "50mb", true),
        ("noeviction", "50mb", true),
        ("volatile-lfu", "50mb", false),
        ("volatile-lfu", "0", false),
    ] {
        let options = [("maxmemory", memory), ("maxmemory-policy", policy)];
        let world = World::with_redis(backend, Some(RedisServer::start_with(&options).unwrap()));
        // It is reported at the start, before any request.
        let mut app = world.app();
        let text = format!("evicts by `{policy}`");
        for (text, expected) in [(&*text, warned), (UNBOUND, memory == "0")] {
            if expected {
                assert!(app.server.logs(text), "{policy}: {}", app.server.log());
            }
        }
        app.warm("user_id=5", 0);
        let log = app.server.log();
        assert_eq!(log.matches("evicts").count(), usize::from(warned), "{policy}: {log}");
        assert_eq!(log.matches(UNBOUND).count(), usize::from(memory == "0"), "{policy}: {log}");
    }
}

fn an_audit_reports_what_was_written_behind_its_back(backend: &Backend, store: Store) {
    const SAID: &str = "a cached bundle differs from what its functions give";
    let world = World::new(backend, store);
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
    // Without an audit no one sees it, until it expires.
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.call("write_behind", json!({ "user_id": 5, "value": 2 }));
    assert_eq!(app.value("user_id=5"), (By::Hit, 0));
}

/// When one Redis holds both, reads of strangers may evict sign-ins.
fn sessions_beside_the_cache_are_warned_of(backend: &Backend) {
    const SAID: &str = "SESSIONS AND CACHE ARE IN ONE REDIS";
    let start = |memory| {
        let options = [("maxmemory", memory), ("maxmemory-policy", "volatile-lfu")];
        RedisServer::start_with(&options).unwrap()
    };
    let (one, other, unbound) = (start("50mb"), start("50mb"), start("0"));
    for (cache, sessions, warned) in
        [(&one, &one, true), (&one, &other, false), (&unbound, &unbound, false)]
    {
        let (cache, sessions) = (cache.url(), sessions.url());
        let redis = [("MIZAN_CACHE_REDIS_URL", &*cache), ("MIZAN_SESSION_REDIS_URL", &*sessions)];
        let settings = [&[JWT, SECRET, ("MIZAN_MWT_SECRET", MWT)], &redis[..]].concat();
        let server = backend.start(Application::Identity, &settings).unwrap();
        if warned {
            assert!(server.logs(SAID), "{}", server.log());
        }
        // Both have been asked by then.
        let ready = server.client().send(&Request::get("/readyz")).unwrap();
        assert_eq!(ready.json().unwrap()["sessions"], "ok");
        assert_eq!(server.log().contains(SAID), warned, "{}", server.log());
    }
}

/// A cache that is away leaves a server ready, and sessions that are away do not.
fn a_server_without_its_sessions_is_not_ready(backend: &Backend) {
    let (cache, sessions) = (RedisServer::start().unwrap(), RedisServer::start().unwrap());
    let (cache_url, sessions_url) = (cache.url(), sessions.url());
    let redis =
        [("MIZAN_CACHE_REDIS_URL", &*cache_url), ("MIZAN_SESSION_REDIS_URL", &*sessions_url)];
    let settings = [&[JWT, SECRET, ("MIZAN_MWT_SECRET", MWT)], &redis[..]].concat();
    let server = backend.start(Application::Identity, &settings).unwrap();
    let becomes = |status: u16, cache: &str, sessions: &str| {
        let expected = json!({ "cache": cache, "ready": status == 200, "sessions": sessions });
        crate::cache::support::soon("readiness", || {
            let ready = server.client().send(&Request::get("/readyz")).unwrap();
            ready.status == status && ready.json() == Some(expected.clone())
        });
    };
    becomes(200, "ok", "ok");
    cache.kill();
    becomes(200, "failed", "ok");
    sessions.kill();
    becomes(503, "failed", "failed");
    cache.restart_empty().unwrap();
    becomes(503, "ok", "failed");
    sessions.restart_empty().unwrap();
    becomes(200, "ok", "ok");
}

cases! {
    "cache", READ, InBothStores =>
        an_audit_reports_what_was_written_behind_its_back;
    "cache", READ =>
        a_url_without_a_secret_is_warned_of_and_nothing_is_cached
        a_secret_alone_is_a_cache_in_memory
        bad_secrets_are_refused_at_start;
    "cache", READ, Redis =>
        a_redis_that_may_drop_marks_is_warned_of
        sessions_beside_the_cache_are_warned_of
        a_server_without_its_sessions_is_not_ready;
}

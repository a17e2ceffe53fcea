//! A Redis that stops, is cut off, or comes back with other data than it had: reads go on, nothing
//! stale is served, and no mutation runs of which the cache cannot be notified.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mizan_faults::proxy::Proxy;
use mizan_faults::random::Random;
use serde_json::json;

use crate::backend::Backend;
use crate::cache::support::{By, Store, World, read};
use crate::case::cases;

/// Short times, so that a test sees their end.
const QUICK: &[(&str, &str)] = &[
    ("CACHE_LEASE_MS", "600"),
    ("CACHE_READ_TIMEOUT_MS", "50"),
    ("CACHE_WRITE_TIMEOUT_MS", "300"),
];

fn while_redis_stands_still_reads_are_answered_and_mutations_refused(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut app = world.app_with(QUICK);
    app.warm("user_id=5", 0);
    world.redis().pause().unwrap();
    // Something else changes the database, so that a response from a cache would show.
    world.set("user-5", 1);
    let start = Instant::now();
    for _ in 0..50 {
        assert_eq!(app.value("user_id=5"), (By::Bypass, 1));
    }
    // Five of them wait for 50 ms, and the rest leave Redis alone.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    for _ in 0..3 {
        let refused = app.try_call("rename", json!({ "user_id": 5, "value": 9 }));
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert_eq!(refused.header("x-mizan-invalidate"), None);
        assert_eq!(refused.json().unwrap()["error"]["code"], "UNAVAILABLE");
    }
    assert_eq!(world.data.counted("rename"), 0, "it ran");
    assert_eq!(app.count("refused"), 3);
    world.set("user-5", 0);
    world.redis().resume().unwrap();
    // What was sent meanwhile is executed now, and its marks run out.
    app.warm("user_id=5", 0);
    app.rename(5, 2);
    app.warm("user_id=5", 2);
}

/// Ends what runs next to a test, also where the test fails.
struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn cut_connections_make_nothing_old(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let proxy = Proxy::start(world.redis().address()).unwrap();
    let url = format!("redis://{}/0", proxy.address());
    let mut cut = world.app_with(&[QUICK, &[("MIZAN_CACHE_REDIS_URL", &*url)]].concat());
    let mut whole = world.app_with(&[("CACHE_LEASE_MS", "600")]);
    whole.warm("user_id=5", 0);
    cut.warm("user_id=5", 0);
    let ends = AtomicBool::new(false);
    // How often the connections may be cut until the next step, so that a slow machine has no step that is cut for ever.
    let cuts = AtomicUsize::new(0);
    let mut random = Random::seeded(17);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random::seeded(18);
            let fewer = |left: usize| left.checked_sub(1);
            while !ends.load(Ordering::Relaxed) {
                if cuts.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok() {
                    proxy.cut_all();
                }
                thread::sleep(Duration::from_micros(random.below(8_000) as u64));
            }
        });
        let _ends = OnDrop(&ends);
        let (mut done, mut refused) = (0, 0);
        for value in 1..=300 {
            cuts.store(random.below(4), Ordering::Relaxed);
            if random.below(3) == 0 {
                let ran = world.data.counted("rename");
                let args = json!({ "user_id": 5, "value": value });
                match cut.try_call("rename", args).status {
                    200 => done += 1,
                    503 if world.data.counted("rename") == ran => refused += 1,
                    other => panic!("{other}"),
                }
            }
            let now = world.data.number("user-5").unwrap();
            assert_eq!(whole.value("user_id=5").1, now);
            assert_eq!(cut.value("user_id=5").1, now);
        }
        assert!(done > 10, "{done} done, {refused} refused");
    });
    assert!(proxy.cuts() > 20);
    // A proxy that takes no one, as while a network is down: the same answers, without hits.
    proxy.refuse();
    proxy.cut_all();
    whole.call("rename", json!({ "user_id": 5, "value": 1_000 }));
    for _ in 0..20 {
        assert_eq!(cut.value("user_id=5"), (By::Bypass, 1_000));
    }
    assert_eq!(cut.try_call("rename", json!({ "user_id": 5, "value": 1_001 })).status, 503);
    proxy.accept();
    cut.warm("user_id=5", 1_000);
    whole.warm("user_id=5", 1_000);
}

fn a_restart_that_forgets_everything_leaves_nothing_old(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let (mut writer, mut reader) = (world.app_with(QUICK), world.app_with(QUICK));
    let mut value = 0;
    for point in ["before", "after"] {
        reader.warm("user_id=5", value);
        let held = world.hold_rename(&writer, point, 5, value + 1);
        let now = world.data.number("user-5").unwrap();
        // The mark is lost, and what is read now is stored before the commit.
        world.redis().restart_empty().unwrap();
        reader.warm("user_id=5", now);
        held.succeed();
        value += 1;
        for _ in 0..10 {
            assert_eq!(reader.value("user_id=5").1, value, "{point}");
            assert_eq!(writer.value("user_id=5").1, value, "{point}");
        }
        writer.warm("user_id=5", value);
    }
}

fn a_restart_from_old_data_brings_nothing_old_back(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let (mut writer, mut reader) = (world.app_with(QUICK), world.app_with(QUICK));
    for value in 1..=3 {
        writer.warm("user_id=5", value - 1);
        reader.warm("user_id=5", value - 1);
        world.redis().save().unwrap();
        writer.rename(5, value);
        reader.warm("user_id=5", value);
        // The entry of before the mutation is back, next to the tokens of its time.
        world.redis().restart_from_snapshot().unwrap();
        for _ in 0..10 {
            assert_eq!(reader.value("user_id=5").1, value);
            assert_eq!(writer.value("user_id=5").1, value);
        }
        assert_eq!(reader.read("user/?user_id=5").status, 200);
        reader.warm("user_id=5", value);
    }
    // A mutation on its way while that happens.
    world.redis().save().unwrap();
    let held = world.hold_rename(&writer, "after", 5, 4);
    world.redis().restart_from_snapshot().unwrap();
    reader.warm("user_id=5", 4);
    held.succeed();
    reader.warm("user_id=5", 4);
    // A process that starts after it knows of nothing, and needs not.
    let mut young = world.app_with(QUICK);
    assert_eq!(young.send(&read("user/?user_id=5")).json().unwrap()["profile"]["value"], 4);
    young.warm("user_id=5", 4);
}

cases! {
    "cache", READ, Redis =>
        while_redis_stands_still_reads_are_answered_and_mutations_refused
        cut_connections_make_nothing_old
        a_restart_that_forgets_everything_leaves_nothing_old
        a_restart_from_old_data_brings_nothing_old_back;
}

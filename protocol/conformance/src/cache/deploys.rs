//! Two builds of the application at one time, on one Redis.

use mizan_faults::random::Random;
use serde_json::json;

use crate::backend::Backend;
use crate::cache::support::{App, By, Store, World};
use crate::case::cases;

const LEASE: (&str, &str) = ("CACHE_LEASE_MS", "500");

fn entries_of_both_revisions_die_by_a_mutation_of_either(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut builds = [world.app(), world.app_with(&[("CACHE_REV", "1")])];
    let mut value = 0;
    for mutator in [0, 1, 1, 0] {
        builds.iter_mut().for_each(|build| build.warm("user_id=5", value));
        let keys = world.redis().keys().unwrap();
        assert_eq!(keys.iter().filter(|key| key.contains(":ctx:")).count(), 2, "{keys:?}");
        value += 1;
        builds[mutator].rename(5, value);
        for build in &mut builds {
            assert_eq!(build.value("user_id=5"), (By::Miss, value));
        }
    }
}

fn each_build_gets_the_members_of_its_own_bundle(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut old = world.app_with(&[LEASE]);
    let mut new = world.app_with(&[LEASE, ("CACHE_MORE_READS", "1")]);
    let old_members = |bundle: &serde_json::Value| assert_eq!(bundle.get("badge"), None);
    let query = "user/?user_id=5";
    for value in 0..5 {
        let new_members = |bundle: &serde_json::Value| assert_eq!(bundle["badge"], value);
        old.warm_bundle(query, old_members);
        new_members(&new.bundle(query).1);
        old_members(&old.bundle(query).1);
        new.warm_bundle(query, new_members);
        old_members(&old.bundle(query).1);
        let writer = if value % 2 == 0 { &mut old } else { &mut new };
        writer.rename(5, value + 1);
        assert_eq!(old.value("user_id=5").1, value + 1);
        assert_eq!(new.bundle(query).1["badge"], value + 1);
    }
}

/// What a build sees of a page.
fn seen(build: &mut App, user: usize, page: usize) -> (By, i64, i64) {
    let (by, bundle) = build.bundle(&format!("user/?user_id={user}&page={page}"));
    let number = |value: &serde_json::Value| value.as_i64().unwrap();
    (by, number(&bundle["profile"]["value"]), number(&bundle["orders"][0]["value"]))
}

fn a_build_that_narrows_further_makes_old_what_the_other_has_cached(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let more = [LEASE, ("CACHE_MORE_WRITES", "1")];
    let mut builds = [world.app_with(&[LEASE]), world.app_with(&more)];
    builds.iter_mut().for_each(|build| build.warm("user_id=1", 0));
    let mut random = Random::seeded(24);
    let (mut hits, mut changes) = (0, 0);
    for round in 1..=1_000 {
        let (build, user, page) = (random.below(2), random.below(3), 1 + random.below(3));
        let args = json!({ "user_id": user, "page": page, "value": round });
        match random.below(10) {
            0 => drop(builds[build].call("rename", args)),
            1 => drop(builds[build].call("add_order", args)),
            2 => drop(builds[1].call("change_page", args)),
            _ => {
                let number = |name: String| world.data.number(&name).unwrap();
                let (by, profile, order) = seen(&mut builds[build], user, page);
                hits += u32::from(by == By::Hit);
                assert_eq!(profile, number(format!("user-{user}")), "{round}: {by:?}");
                assert_eq!(order, number(format!("order-{user}-{page}")), "{round}: {by:?}");
                continue;
            }
        }
        changes += 1;
    }
    assert!(hits > 50 && changes > 200, "{hits} hits, {changes} changes");
}

cases! {
    "cache", READ, Redis =>
        entries_of_both_revisions_die_by_a_mutation_of_either
        each_build_gets_the_members_of_its_own_bundle
        a_build_that_narrows_further_makes_old_what_the_other_has_cached;
}

//! Reads race mutations of the very same values, for every type that may be a parameter: none is stale.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use mizan_core::testing::TestRequest;
use mizan_core::{Builder, CacheStatus, MemoryCache, Mizan};
use mizan_faults::random::Random;
use serde_json::Value;

use crate::random::Drawn;
use crate::row::{Row, Versions};

/// Values of each type that are raced for, and mutations of each type.
const VALUES: usize = 4;
const MUTATIONS: u64 = 60;

fn cached() -> Mizan {
    let builder = Builder::empty().functions(crate::functions()).state(Versions::default());
    builder.check_effects(false).cache(MemoryCache::default()).build().unwrap()
}

/// A value, and how many mutations of it have responded.
struct Raced {
    value: Value,
    done: AtomicU64,
}

/// What the reads of one type have seen.
#[derive(Default)]
struct Seen {
    hits: AtomicU64,
    stale: AtomicU64,
    ended: AtomicBool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_read_is_older_than_a_mutation_of_the_same_value_for_every_type() {
    let mizan = cached();
    let mut random = Random::seeded(11);
    let mut faults = Vec::new();
    for row in crate::table().into_iter().filter(|row| row.is_param) {
        let drawn = Drawn::of(&row);
        // Each text once: a set in the order of its elements, both zeros as one.
        let values: HashMap<String, Value> = (0..VALUES)
            .map(|_| drawn.value(&mut random))
            .map(|value| (identity(&row, &value), value))
            .collect();
        let raced: Vec<Raced> =
            values.into_values().map(|value| Raced { value, done: AtomicU64::new(0) }).collect();
        let (raced, seen) = (Arc::new(raced), Arc::new(Seen::default()));
        let name = row.name;
        let readers: Vec<_> = (0..2)
            .map(|_| tokio::spawn(read(mizan.clone(), name, Arc::clone(&raced), Arc::clone(&seen))))
            .collect();
        for round in 0..MUTATIONS {
            let one = &raced[random.below(raced.len())];
            let call = TestRequest::call_named(&format!("echo_{name}")).arg("value", &one.value);
            let response = call.send(&mizan).await;
            assert_eq!(response.status(), 200, "{name} {}: {}", one.value, response.json());
            one.done.fetch_add(1, Ordering::SeqCst);
            if round % 4 == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
        // Reads go on until there was a hit, so that the cache is what was tried.
        for _ in 0..1000 {
            if seen.hits.load(Ordering::SeqCst) > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        seen.ended.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.await.unwrap();
        }
        let (hits, stale) = (seen.hits.load(Ordering::SeqCst), seen.stale.load(Ordering::SeqCst));
        if hits == 0 || stale > 0 {
            faults.push(format!("{name}: {stale} stale reads, {hits} hits"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

async fn read(mizan: Mizan, name: &'static str, raced: Arc<Vec<Raced>>, seen: Arc<Seen>) {
    while !seen.ended.load(Ordering::SeqCst) {
        for one in raced.iter() {
            let done = one.done.load(Ordering::SeqCst);
            let response =
                TestRequest::read_named(name).param("value", &one.value).send(&mizan).await;
            assert_eq!(response.status(), 200, "{name} {}: {}", one.value, response.json());
            let version = response.json()[format!("read_{name}")]["version"].as_u64().unwrap();
            let hit = response.cache_status() == Some(CacheStatus::Hit);
            seen.hits.fetch_add(u64::from(hit), Ordering::SeqCst);
            seen.stale.fetch_add(u64::from(version < done), Ordering::SeqCst);
        }
        tokio::task::yield_now().await;
    }
}

fn identity(row: &Row, value: &Value) -> String {
    let mut value = value.clone();
    if let (true, Value::Array(items)) = (row.has("set"), &mut value) {
        items.sort_by_key(Value::to_string);
    }
    value.to_string()
}

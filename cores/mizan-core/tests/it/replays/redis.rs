//! Keys that processes share in Redis.

use std::time::{Duration, Instant};

use mizan_core::{Mizan, RedisReplays};
use mizan_faults::redis::RedisServer;
use mizan_faults::resp::Reply;

use super::{Shop, builder, effects, payment};

/// A process of its own, over a database that all write.
fn process(server: &RedisServer, shop: &Shop) -> Mizan {
    let store = RedisReplays::new(&format!("redis://{}/0", server.address())).unwrap();
    builder(shop).replay_store(store).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn two_processes_have_one_effect_together() {
    let server = RedisServer::start().unwrap();
    let shop = Shop::default();
    let processes = [process(&server, &shop), process(&server, &shop)];
    const KEYS: usize = 200;
    for key in 0..KEYS {
        let key = format!("key-{key}");
        let mut sent = tokio::task::JoinSet::new();
        for at in 0..6 {
            let (mizan, call) = (processes[at % 2].clone(), payment(&key, ""));
            sent.spawn(async move { call.send(&mizan).await.result::<usize>() });
        }
        let mut given = sent.join_all().await;
        given.dedup();
        assert_eq!(given.len(), 1, "{key}: {given:?}");
    }
    assert_eq!(effects(&shop), KEYS);
    // The same rules as in memory: other arguments, and what had no effect.
    assert_eq!(payment("key-0", "x").send(&processes[1]).await.status(), 422);
    assert_eq!(payment("open", "refuses").send(&processes[0]).await.status(), 422);
    assert_eq!(payment("open", "").send(&processes[1]).await.status(), 200);
    let [first, again] = [0, 1].map(|at| payment("late", "panics").send(&processes[at]));
    assert_eq!(first.await.json(), again.await.json());
    assert_eq!(effects(&shop), KEYS + 2);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn a_key_in_redis_ends_after_ten_minutes_and_that_of_a_call_under_way_after_one() {
    let server = RedisServer::start().unwrap();
    let shop = Shop::default();
    let mizan = process(&server, &shop);
    let left = || {
        let keys = server.keys().unwrap();
        let key = keys.iter().find(|key| key.starts_with("mizan:replay:"))?;
        match server.command(&["PTTL", key]).unwrap() {
            Reply::Integer(left) => Some(left),
            other => panic!("{other:?}"),
        }
    };
    let (other, call) = (mizan.clone(), payment("k", "waits"));
    let first = tokio::spawn(async move { call.send(&other).await });
    let end = Instant::now() + Duration::from_secs(5);
    while left().is_none() {
        assert!(Instant::now() < end, "no key");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(left().is_some_and(|left| (50_000..=60_000).contains(&left)), "{:?}", left());
    shop.gate.add_permits(1);
    assert_eq!(first.await.unwrap().status(), 200);
    assert!(left().is_some_and(|left| (590_000..=600_000).contains(&left)), "{:?}", left());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn without_redis_a_call_with_a_key_is_refused_before_it_runs() {
    let server = RedisServer::start().unwrap();
    let shop = Shop::default();
    let mizan = process(&server, &shop);
    assert_eq!(payment("k", "").send(&mizan).await.status(), 200);
    drop(server);
    let refused = payment("l", "").send(&mizan).await;
    assert_eq!((refused.status(), refused.header("retry-after")), (503, Some("1")));
    assert!(refused.targets().is_empty());
    assert_eq!(effects(&shop), 1);
}

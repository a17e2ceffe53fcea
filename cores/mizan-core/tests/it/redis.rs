//! The cache in a real Redis behind a network with faults: what only the client can get wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mizan_core::{
    Builder, CachePolicy, CacheStatus, Function, Mizan, RedisCache, Secret, Visibility,
};
use mizan_faults::proxy::Proxy;
use mizan_faults::redis::RedisServer;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::support::{get, param, send};

/// A server whose cache is behind a proxy.
fn mizan(proxy: &Proxy) -> Mizan {
    patient(proxy, CachePolicy::default())
}

fn patient(proxy: &Proxy, policy: CachePolicy) -> Mizan {
    let read = Function::dynamic("page", vec![param("id")], |args, _| async move {
        Ok(json!({ "id": args["id"] }))
    });
    let secret = Secret::new("a-secret-for-these-tests-0123456789").unwrap();
    let cache = RedisCache::new(&format!("redis://{}/0", proxy.address())).unwrap();
    let builder = Builder::empty().function(read.context("page").visibility(Visibility::Public));
    builder.cache(cache).cache_secret(secret).cache_policy(policy).build().unwrap()
}

async fn read(mizan: &Mizan, id: usize) -> CacheStatus {
    let reply = send(mizan, &get("/api/mizan/ctx/page/", &format!("id={id}")), "").await;
    assert_eq!(reply.status(), 200);
    reply.cache_status().unwrap()
}

/// Reads until an entry is a hit.
async fn warm(mizan: &Mizan, id: usize) {
    let end = Instant::now() + Duration::from_secs(5);
    while read(mizan, id).await != CacheStatus::Hit {
        assert!(Instant::now() < end, "it never is a hit");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn replicate(server: &RedisServer, of: Option<&RedisServer>) {
    let port = of.map(|of| of.port().to_string());
    let words = match &port {
        Some(port) => ["REPLICAOF", "127.0.0.1", port],
        None => ["REPLICAOF", "NO", "ONE"],
    };
    server.command(&words).unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while of.is_some() && server.info("master_link_status").unwrap() != "up" {
        assert!(Instant::now() < end, "it does not replicate");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A server that was demoted and promoted again is the same process with another history: its tokens
/// may be from before what happened elsewhere meanwhile.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn a_promotion_makes_everything_old() {
    let (first, second) = (RedisServer::start().unwrap(), RedisServer::start().unwrap());
    let proxy = Proxy::start(first.address()).unwrap();
    let mizan = mizan(&proxy);
    warm(&mizan, 1).await;
    let run = first.info("run_id").unwrap();
    replicate(&second, Some(&first));
    replicate(&second, None);
    replicate(&first, Some(&second));
    replicate(&first, None);
    assert_eq!(first.info("run_id").unwrap(), run, "it was not restarted");
    assert!(!first.keys().unwrap().is_empty(), "the old tokens are back");
    proxy.cut_all();
    assert_ne!(read(&mizan, 1).await, CacheStatus::Hit);
    warm(&mizan, 1).await;
}

/// Connecting takes several round trips, more than a read waits for.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn a_link_on_which_connecting_takes_longer_than_a_read_has_hits() {
    let server = RedisServer::start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    proxy.set_latency(Duration::from_millis(60));
    let read_timeout = Duration::from_millis(200);
    let mizan = patient(&proxy, CachePolicy { read_timeout, ..CachePolicy::default() });
    let end = Instant::now() + Duration::from_secs(15);
    let reads = (0..8).map(|_| {
        let mizan = mizan.clone();
        tokio::spawn(async move {
            // However busy the machine is, some read finds its connection made.
            while Instant::now() < end {
                if read(&mizan, 1).await == CacheStatus::Hit {
                    return 1;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            0
        })
    });
    let mut hits = 0;
    for reads in reads.collect::<Vec<_>>() {
        hits += reads.await.unwrap();
    }
    assert!(hits > 0);
}

/// Anyone who finds a connection broken does not break the next one that a user makes already.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask test"]
async fn a_cut_costs_a_connection_for_each_thread() {
    let server = RedisServer::start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    let mizan = mizan(&proxy);
    warm(&mizan, 1).await;
    let made = || server.info("total_connections_received").unwrap().parse::<u64>().unwrap();
    let before = made();
    proxy.set_latency(Duration::from_millis(5));
    let reads = (0..300).map(|_| {
        let mizan = mizan.clone();
        tokio::spawn(async move { read(&mizan, 1).await })
    });
    let reads: Vec<_> = reads.collect();
    tokio::time::sleep(Duration::from_millis(3)).await;
    proxy.cut_all();
    for read in reads {
        read.await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let after = made();
    println!("{} connections for one cut", after - before);
    // Two threads, both purposes, and those with which this test asks.
    assert!(after - before <= 12, "{}", after - before);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn ten_thousand_simultaneous_misses_run_once() {
    let server = RedisServer::start().unwrap();
    let (runs, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let (counted, held) = (Arc::clone(&runs), Arc::clone(&gate));
    let slow = Function::dynamic("slow", vec![], move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        let held = Arc::clone(&held);
        async move {
            drop(held.acquire().await);
            Ok(json!(1))
        }
    });
    let secret = Secret::new("a-secret-for-these-tests-0123456789").unwrap();
    let read_timeout = Duration::from_secs(20);
    let builder = Builder::empty().function(slow.context("page").visibility(Visibility::Public));
    let builder = builder.cache(RedisCache::new(&server.url()).unwrap()).cache_secret(secret);
    let policy = CachePolicy { read_timeout, ..CachePolicy::default() };
    let mizan = builder.cache_policy(policy).build().unwrap();
    let reads = (0..10_000).map(|_| {
        let mizan = mizan.clone();
        tokio::spawn(async move { read(&mizan, 1).await })
    });
    let reads: Vec<_> = reads.collect();
    // Time for all of them to look and to come to wait; one that is later runs nothing either.
    tokio::time::sleep(Duration::from_secs(2)).await;
    gate.add_permits(1);
    for read in reads {
        assert_ne!(read.await.unwrap(), CacheStatus::Bypass);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

//! What one change costs where two processes share a Redis: runs of functions, and round trips.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mizan_core::testing::TestRequest;
use mizan_core::{
    Builder, CacheStatus, Function, Limits, Mizan, RedisCache, Secret, State, Visibility, client,
    functions,
};
use mizan_faults::redis::RedisServer;
use serde_json::{Value, json};

use crate::support::param;

#[derive(Clone, Default)]
struct Shown(Arc<AtomicUsize>);

#[client(affects = "context:card", scope = [id])]
async fn set_card(value: State<Shown>, id: i64, to: u32) -> u32 {
    let _ = id;
    value.0.store(to as usize, Ordering::SeqCst);
    to
}

/// A process of its own: what it has run, over a database that both read.
struct Process {
    mizan: Mizan,
    runs: Arc<AtomicUsize>,
}

impl Process {
    fn new(server: &RedisServer, value: &Shown) -> Self {
        let runs = Arc::<AtomicUsize>::default();
        let read = |context: &'static str| {
            let (runs, value) = (Arc::clone(&runs), value.clone());
            let read = Function::dynamic(context, vec![param("id")], move |args, _| {
                runs.fetch_add(1, Ordering::SeqCst);
                let shown = value.0.load(Ordering::SeqCst);
                async move { Ok(json!([args["id"], shown])) }
            });
            read.context(context).visibility(Visibility::Public)
        };
        let cache = RedisCache::new(&format!("redis://{}/0", server.address())).unwrap();
        let secret = Secret::new("a-secret-for-these-tests-0123456789").unwrap();
        let limits = Limits { refresh_time: Duration::from_secs(20), ..Limits::default() };
        let builder = Builder::empty().functions([read("card"), read("other")]);
        let builder = builder.functions(functions![set_card]).state(value.clone());
        let builder = builder.check_effects(false).limits(limits);
        let mizan = builder.cache(cache).cache_secret(secret).build().unwrap();
        Self { mizan, runs }
    }

    /// How many functions have run since this was last asked.
    fn runs(&self) -> usize {
        self.runs.swap(0, Ordering::SeqCst)
    }

    /// Reads until the entry is a hit.
    async fn warm(&self, context: &str, id: i64) {
        let end = Instant::now() + Duration::from_secs(5);
        while self.read(context, id).await.0 != Some(CacheStatus::Hit) {
            assert!(Instant::now() < end, "it never is a hit");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn read(&self, context: &str, id: i64) -> (Option<CacheStatus>, Value) {
        let response = TestRequest::read_named(context).param("id", id).send(&self.mizan).await;
        (response.cache_status(), response.json())
    }

    /// Sets a card, from a page that holds twelve cards and one entry more.
    async fn set(&self, id: i64, to: u32) -> Value {
        let call = TestRequest::call_named("set_card").arg("id", id).arg("to", to);
        let call = (1..=12).fold(call, |call, id| call.mounted("card", json!({ "id": id })));
        let call = call.mounted("other", json!({ "id": 1 }));
        call.send(&self.mizan).await.json()["refresh"].take()
    }
}

/// How often a command was sent to the server.
fn sent(server: &RedisServer, command: &str) -> u64 {
    let calls = server.info(&format!("cmdstat_{command}")).unwrap_or_default();
    let calls = calls.split(',').next().and_then(|calls| calls.strip_prefix("calls="));
    calls.and_then(|calls| calls.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn a_change_runs_what_it_made_stale_once_in_both_processes() {
    let server = RedisServer::start().unwrap();
    let value = Shown::default();
    let (one, two) = (Process::new(&server, &value), Process::new(&server, &value));
    for id in 1..=12 {
        one.warm("card", id).await;
    }
    one.warm("other", 1).await;
    for id in 1..=12 {
        assert_eq!(two.read("card", id).await.0, Some(CacheStatus::Hit));
    }
    one.runs();
    for to in 1..=5u32 {
        let (writer, reader) = if to % 2 == 0 { (&one, &two) } else { (&two, &one) };
        // The change, and what it brings: one run, of the one entry that it made stale.
        let brought = writer.set(5, to).await;
        assert_eq!(brought, json!([{ "at": 4, "data": { "card": [5, to] } }]));
        assert_eq!((writer.runs(), reader.runs()), (1, 0));
        // It is stored, so that no one runs it again; what was not changed is a hit on both.
        writer.warm("card", 5).await;
        writer.runs();
        for process in [writer, reader] {
            for id in 1..=12 {
                let (status, card) = process.read("card", id).await;
                assert_eq!(status, Some(CacheStatus::Hit), "{id} after {to}");
                assert_eq!(card["card"][0], id);
                if id == 5 {
                    assert_eq!(card["card"][1], to);
                }
            }
            assert_eq!(process.read("other", 1).await.0, Some(CacheStatus::Hit));
        }
        assert_eq!((writer.runs(), reader.runs()), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn twelve_hits_are_one_lookup() {
    let server = RedisServer::start().unwrap();
    let process = Process::new(&server, &Shown::default());
    for id in 1..=12 {
        process.warm("card", id).await;
    }
    let before = sent(&server, "mget");
    let entries: Vec<String> = (1..=12).map(|id| format!("e=card%3Bid%3D{id}")).collect();
    let batch = TestRequest::new("GET", "/api/mizan/ctx/").query(&entries.join("&"));
    let response = batch.send(&process.mizan).await;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(text.matches(r#""cache":"HIT""#).count(), 12, "{text}");
    assert_eq!(sent(&server, "mget") - before, 1);
}

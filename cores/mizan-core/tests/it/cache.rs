//! The cache in the memory of one process, from outside.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mizan_core::{
    Builder, CachePolicy, CacheStatus, Error, Function, MemoryCache, Mizan, Target, Visibility,
};
use serde_json::{Map, Value, json};

use crate::support::{call, json as body, param, send, view};

/// A database of names, and how often it was read.
#[derive(Clone, Default)]
struct Names {
    names: Arc<Mutex<HashMap<i64, String>>>,
    reads: Arc<AtomicUsize>,
}

impl Names {
    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// A read of context `user` by `user_id` and `page`.
    fn profile(&self) -> Function {
        let own = self.clone();
        let params = vec![param("user_id"), param("page?")];
        let read = Function::dynamic("profile", params, move |args, _| {
            own.reads.fetch_add(1, Ordering::SeqCst);
            let id = args["user_id"].as_i64().unwrap_or_default();
            let name = own.names.lock().unwrap().get(&id).cloned().unwrap_or_default();
            async move { Ok(json!({ "name": name, "page": args["page"] })) }
        });
        read.context("user").visibility(Visibility::Public)
    }

    /// A write of a name, and its failure after that where it is asked for.
    fn rename(&self) -> Function {
        let own = self.clone();
        let params = vec![param("user_id"), param("name:text"), param("fail:bool=false")];
        let write = Function::dynamic("rename", params, move |args, _| {
            let id = args["user_id"].as_i64().unwrap_or_default();
            let name = args["name"].as_str().unwrap_or_default().to_owned();
            own.names.lock().unwrap().insert(id, name);
            async move {
                if args["fail"] == true {
                    Err(Error::internal("after the change"))
                } else {
                    Ok(Value::Null)
                }
            }
        });
        write.affects("user")
    }

    fn mizan(&self, more: impl IntoIterator<Item = Function>) -> Mizan {
        self.with(CachePolicy::default(), more)
    }

    fn with(&self, policy: CachePolicy, more: impl IntoIterator<Item = Function>) -> Mizan {
        let functions = [self.profile(), self.rename()].into_iter().chain(more);
        let builder = Builder::empty().functions(functions).cache_policy(policy);
        builder.cache(MemoryCache::default()).build().unwrap()
    }
}

async fn get(mizan: &Mizan, query: &str) -> (CacheStatus, Value) {
    let reply = send(mizan, &crate::support::get("/api/mizan/ctx/user/", query), "").await;
    assert_eq!(reply.status(), 200);
    (reply.cache_status().unwrap(), body(&reply)["profile"]["name"].clone())
}

#[tokio::test]
async fn a_second_read_runs_nothing() {
    let names = Names::default();
    let mizan = names.mizan([]);
    assert_eq!(get(&mizan, "user_id=5").await, (CacheStatus::Miss, json!("")));
    // Other spellings of one value, and parameters that no one declared.
    for query in ["user_id=5", "user_id=05", "user_id=+5", "user_id=5&page=", "x=1&user_id=%205"] {
        assert_eq!(get(&mizan, query).await, (CacheStatus::Hit, json!("")), "{query}");
    }
    assert_eq!(names.reads(), 1);
    assert_eq!(mizan.cache_counts().unwrap().hits, 5);
}

/// A page is in the graph of its context, and not in the bundle that is cached.
#[tokio::test]
async fn a_page_does_not_decide_how_the_bundle_is_cached() {
    let names = Names::default();
    let page = view("page", &["user_id"])
        .context("user")
        .visibility(Visibility::Raw)
        .route("/page/<user_id>/");
    let mizan = names.mizan([page]);
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Miss);
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Hit);
    assert!(mizan.manifest().contexts["user"].user_scoped);
}

#[tokio::test]
async fn a_mutation_makes_old_what_it_names_and_nothing_else() {
    let names = Names::default();
    let mizan = names.mizan([]);
    for query in ["user_id=5", "user_id=5&page=2", "user_id=6"] {
        get(&mizan, query).await;
    }
    call(&mizan, "rename", json!({ "user_id": 5, "name": "Ryth" })).await;
    assert_eq!(get(&mizan, "user_id=5").await, (CacheStatus::Miss, json!("Ryth")));
    assert_eq!(get(&mizan, "user_id=5&page=2").await, (CacheStatus::Miss, json!("Ryth")));
    assert_eq!(get(&mizan, "user_id=6").await, (CacheStatus::Hit, json!("")));
}

#[tokio::test]
async fn a_mutation_that_fails_after_its_change_makes_old_too() {
    let names = Names::default();
    let mizan = names.mizan([]);
    get(&mizan, "user_id=5").await;
    let reply = call(&mizan, "rename", json!({"user_id": 5, "name": "Ryth", "fail": true})).await;
    assert_eq!(reply.status(), 500);
    assert_eq!(body(&reply)["invalidate"], json!([{"context": "user", "params": {"user_id": 5}}]));
    assert_eq!(get(&mizan, "user_id=5").await, (CacheStatus::Miss, json!("Ryth")));
}

#[tokio::test]
async fn a_refused_call_touches_nothing() {
    let names = Names::default();
    let mizan = names.mizan([]);
    get(&mizan, "user_id=5").await;
    assert_eq!(call(&mizan, "rename", json!({ "user_id": 5 })).await.status(), 422);
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Hit);
    assert_eq!(mizan.cache_counts().unwrap().marks, 0);
}

#[tokio::test]
async fn work_outside_of_functions_makes_old_what_it_names() {
    let names = Names::default();
    let mizan = names.mizan([]);
    get(&mizan, "user_id=5").await;
    let own = names.clone();
    let work = async move { own.names.lock().unwrap().insert(5, "import".into()) };
    let target = Target::context("user").with("user_id", 5);
    mizan.mutate([target.clone()], work).await.unwrap();
    assert_eq!(get(&mizan, "user_id=5").await, (CacheStatus::Miss, json!("import")));
    names.names.lock().unwrap().insert(5, "by hand".into());
    assert_eq!(get(&mizan, "user_id=5").await, (CacheStatus::Hit, json!("import")));
    mizan.invalidate([target]).await.unwrap();
    assert_eq!(get(&mizan, "user_id=5").await, (CacheStatus::Miss, json!("by hand")));
    let unknown = mizan.invalidate([Target::context("user").with("usr_id", 5)]).await;
    assert!(format!("{:?}", unknown.unwrap_err()).contains("usr_id"));
}

#[tokio::test]
async fn the_operations_of_the_reference() {
    let names = Names::default();
    let mizan = names.mizan([]);
    let five = Map::from_iter([("user_id".to_owned(), json!(5))]);
    assert_eq!(mizan.cache_get("user", &five, None).await.unwrap(), None);
    assert!(mizan.cache_put("user", &five, None, r#"{"profile":{"name":"put"}}"#).await.unwrap());
    assert_eq!(get(&mizan, "user_id=5").await, (CacheStatus::Hit, json!("put")));
    assert!(mizan.cache_get("user", &five, None).await.unwrap().is_some());
    mizan.cache_purge("user", &five).await.unwrap();
    assert_eq!(mizan.cache_get("user", &five, None).await.unwrap(), None);
    get(&mizan, "user_id=5").await;
    mizan.cache_purge("user", &Map::new()).await.unwrap();
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Miss);
}

/// A parameter whose type reads more than it can write.
#[tokio::test]
async fn a_value_that_cannot_be_written_shares_no_entry() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    #[serde(from = "String")]
    struct Id(#[allow(dead_code, reason = "the schema names it")] String);
    impl From<String> for Id {
        fn from(text: String) -> Self {
            Self(text)
        }
    }
    impl serde::Serialize for Id {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    #[derive(mizan_core::Context)]
    struct OddContext;
    #[mizan_core::client(context = OddContext)]
    async fn odd(id: Id) -> String {
        id.0
    }
    let builder = Builder::empty().functions(mizan_core::functions![odd]);
    let mizan = builder.cache(MemoryCache::default()).build().unwrap();
    for id in ["a", "b", "a"] {
        let fake = crate::support::get("/api/mizan/ctx/odd/", &format!("id={id}"));
        let reply = send(&mizan, &fake, "").await;
        assert_eq!(
            (reply.header("x-mizan-cache"), body(&reply)),
            (Some("BYPASS"), json!({ "odd": id }))
        );
    }
}

#[tokio::test]
async fn targets_by_hand_are_checked_and_many_of_them_are_the_whole() {
    let names = Names::default();
    let mizan = names.mizan([]);
    let user = |id: Value| Target::context("user").with("user_id", id);
    for wrong in [json!("5"), json!(5.5), json!([5])] {
        assert!(mizan.invalidate([user(wrong.clone())]).await.is_err(), "{wrong}");
    }
    get(&mizan, "user_id=5").await;
    mizan.invalidate((100..110).map(|id| user(id.into()))).await.unwrap();
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Hit);
    mizan.invalidate((100..200).map(|id| user(id.into()))).await.unwrap();
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Miss);
}

#[tokio::test]
async fn an_invalidation_outlives_whoever_asked_for_it() {
    let names = Names::default();
    let mizan = names.mizan([]);
    get(&mizan, "user_id=5").await;
    drop(mizan.invalidate([Target::context("user")]));
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Hit, "it was never begun");
    // Begun and dropped at once, it runs to its end all the same.
    let mut begun = Box::pin(mizan.invalidate([Target::context("user")]));
    let waker = std::task::Waker::noop();
    let _ = begun.as_mut().poll(&mut std::task::Context::from_waker(waker));
    drop(begun);
    mizan.stop().await;
    assert_eq!(get(&mizan, "user_id=5").await.0, CacheStatus::Miss);
}

#[test]
fn settings_that_break_a_promise_are_refused() {
    use std::time::Duration;
    let refused = |policy: CachePolicy| {
        let builder = Builder::empty().allow_empty().cache(MemoryCache::default());
        builder.cache_policy(policy).build().is_err()
    };
    let good = CachePolicy::default;
    assert!(!refused(good()));
    assert!(refused(CachePolicy { await_end: false, ..good() }));
    assert!(refused(CachePolicy { lease: Duration::from_millis(10), ..good() }));
    assert!(refused(CachePolicy { ttl: Duration::ZERO, ..good() }));
    assert!(refused(CachePolicy { ttl: Duration::MAX, ..good() }));
    assert!(refused(CachePolicy { breaker_faults: 0, ..good() }));
    assert!(refused(CachePolicy { audit: Some(0), ..good() }));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_simultaneous_misses_run_once() {
    let (runs, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    let (counted, held) = (Arc::clone(&runs), Arc::clone(&gate));
    let slow = Function::dynamic("slow", vec![], move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        let held = Arc::clone(&held);
        async move {
            drop(held.acquire().await);
            Ok(json!(1))
        }
    });
    let builder = Builder::empty().function(slow.context("slow").visibility(Visibility::Public));
    let mizan = builder.cache(MemoryCache::default()).build().unwrap();
    let reads = (0..10_000).map(|_| {
        let mizan = mizan.clone();
        let read = crate::support::get("/api/mizan/ctx/slow/", "");
        tokio::spawn(async move { send(&mizan, &read, "").await.body().to_vec() })
    });
    let reads: Vec<_> = reads.collect();
    // Time for all of them to come to wait; one that is later finds the value, and runs nothing either.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    gate.add_permits(1);
    for read in reads {
        assert_eq!(&read.await.unwrap()[..], br#"{"slow":1}"#);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

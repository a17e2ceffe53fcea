//! `Each` in what a call brings with it, and over Redis.

use mizan_core::testing::TestRequest;
use mizan_core::{Identity, Mizan};
use serde_json::{Value, json};

use super::{Ran, cached, card_of, cards, read};
use crate::support::post_call;

/// A call of a page that holds these cards.
fn call(function: &str, args: &Value, ids: impl IntoIterator<Item = i64>) -> TestRequest {
    let held = |id| json!({ "context": "card", "params": { "stall_id": id } });
    let mounted: Vec<Value> = ids.into_iter().map(held).collect();
    post_call().body(json!({ "fn": function, "args": args, "mounted": mounted }).to_string())
}

async fn refreshed(mizan: &Mizan, request: TestRequest) -> Value {
    request.as_user(Identity::new("7")).send(mizan).await.json()["refresh"].take()
}

#[tokio::test]
async fn a_refresh_is_one_run() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    read(&mizan, cards(1..=12)).await;
    ran.keys();
    let found = refreshed(&mizan, call("paint_all", &json!({}), 1..=12)).await;
    let expected: Vec<Value> =
        (0..12).map(|at| json!({ "at": at, "data": card_of(at + 1) })).collect();
    assert_eq!(found, json!(expected));
    assert_eq!(ran.keys(), [(1..=12).collect::<Vec<_>>()]);
    let found = refreshed(&mizan, call("paint", &json!({ "stall_id": 5 }), 1..=12)).await;
    assert_eq!(found, json!([{ "at": 4, "data": card_of(5) }]));
    assert_eq!(ran.keys(), [[5]]);
}

#[tokio::test]
async fn entries_with_one_view_of_the_caller_are_one_run() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    for (context, runs) in
        [("headed", vec![vec![1, 2, 3]]), ("raw", vec![vec![1], vec![2], vec![3]])]
    {
        let held = (1..=3).map(|id| json!({ "context": context, "params": { "id": id } }));
        let mounted: Vec<Value> = held.collect();
        let body = json!({ "fn": "paint_others", "args": {}, "mounted": mounted });
        let call = post_call().header("x-own", "yes").body(body.to_string());
        let found = refreshed(&mizan, call).await;
        let own = |id: i64| if context == "raw" { json!(format!("id={id}")) } else { json!(id) };
        let expected: Vec<Value> =
            (1..=3).map(|id| json!({ "at": id - 1, "data": { context: own(id) } })).collect();
        assert_eq!(found, json!(expected));
        let mut found = ran.keys();
        found.sort();
        assert_eq!(found, runs);
    }
}

/// A run that breaks leaves what is read in other runs.
#[tokio::test]
async fn a_run_that_breaks_is_left_out_of_a_refresh() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    let held = |id: i64, locale: &str| json!({ "context": "card", "params": { "stall_id": id, "locale": locale } });
    let mounted = [held(1, "de"), held(500, "de"), held(2, "fr"), held(404, "fr")];
    let body = json!({ "fn": "paint_all", "args": {}, "mounted": mounted });
    let found = refreshed(&mizan, post_call().body(body.to_string())).await;
    assert_eq!(found, json!([{ "at": 2, "data": { "card": "2 fr" } }]));
}

/// Tokens are made for each entry, in a round trip of its own; the run waits for all of them.
#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn twelve_entries_over_redis_are_one_run() {
    use mizan_core::{RedisCache, Secret};
    use mizan_faults::redis::RedisServer;

    let server = RedisServer::start().unwrap();
    let ran = Ran::new();
    let build = || {
        let cache = RedisCache::new(&format!("redis://{}/0", server.address())).unwrap();
        let secret = Secret::new("a-secret-for-these-tests-0123456789").unwrap();
        super::builder(&ran).cache(cache).cache_secret(secret).build().unwrap()
    };
    let (mizan, other) = (build(), build());
    let found = read(&mizan, cards(1..=12)).await;
    assert_eq!(found, (1..=12).map(card_of).collect::<Vec<_>>());
    assert_eq!(ran.keys(), [(1..=12).collect::<Vec<_>>()]);
    // What one server has stored is a hit of another one, as soon as it is there.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(5);
    loop {
        read(&other, cards(1..=13)).await;
        match &ran.keys()[..] {
            [keys] if keys[..] == [13] => break,
            [] => break,
            _ => assert!(std::time::Instant::now() < end, "nothing is stored"),
        }
    }
    let found = refreshed(&other, call("paint", &json!({ "stall_id": 5 }), 1..=12)).await;
    assert_eq!((found, ran.keys()), (json!([{ "at": 4, "data": card_of(5) }]), vec![vec![5]]));
}

//! How many effects calls with one key have, and what their responses are.

use std::time::Duration;

use mizan_core::testing::TestRequest;
use mizan_core::{Identity, Limits};
use serde_json::json;

use super::{
    builder, effects, pay_for, pay_seldom, pay_signed_in, pay_twice, payment, print_all, server,
};

const KEYS: usize = 1_000;
/// How often each key is sent at once; it is sent so often again, and once more.
const DUPLICATES: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_replays_have_one_effect_each() {
    let (mizan, shop) = server();
    let mut numbers = std::collections::BTreeSet::new();
    for key in 0..KEYS {
        let key = format!("key-{key}");
        let mut sent = tokio::task::JoinSet::new();
        for _ in 0..DUPLICATES {
            let (mizan, call) = (mizan.clone(), payment(&key, ""));
            sent.spawn(async move { call.send(&mizan).await.result::<usize>() });
        }
        let mut given = sent.join_all().await;
        for _ in 0..=DUPLICATES {
            given.push(payment(&key, "").send(&mizan).await.result());
        }
        given.dedup();
        assert_eq!(given.len(), 1, "{key}: {given:?}");
        numbers.extend(given);
    }
    assert_eq!((effects(&shop), numbers.len()), (KEYS, KEYS));
}

#[tokio::test]
async fn a_replay_gives_the_whole_response_without_what_the_page_holds() {
    let (mizan, shop) = server();
    let held = || payment("k", "").mounted("orders", json!({ "user_id": 7 }));
    let first = held().send(&mizan).await;
    assert_eq!(first.json()["refresh"], json!([{ "at": 0, "data": { "orders": [7, 1] } }]));
    let again = held().send(&mizan).await;
    let mut expected = first.json();
    expected.as_object_mut().unwrap().remove("refresh");
    assert_eq!(again.json(), expected);
    assert_eq!(
        expected["invalidate"],
        json!([{ "context": "orders", "params": { "user_id": 7 } }])
    );
    assert_eq!(again.header("x-mizan-invalidate"), Some("orders;user_id=7"));
    assert_eq!(effects(&shop), 1);
}

#[tokio::test]
async fn a_replay_names_what_the_function_named_at_run_time() {
    let (mizan, shop) = server();
    let call = || TestRequest::call(pay_for).arg("target", 8).header("idempotency-key", "k");
    // The caller knows the target by an argument of another name alone: it holds the entry.
    let held = || call().mounted("orders", json!({ "user_id": 8 }));
    let first = held().send(&mizan).await;
    let again = held().send(&mizan).await;
    assert_eq!(first.targets().len(), 1);
    assert_eq!(again.targets(), first.targets());
    assert_eq!(again.header("x-mizan-invalidate"), Some("orders;user_id=8"));
    assert_eq!(effects(&shop), 1);
}

#[tokio::test]
async fn a_call_without_a_key_or_without_the_word_runs_each_time() {
    let (mizan, shop) = server();
    for _ in 0..2 {
        let call = TestRequest::call_named("pay").arg("user_id", 7);
        assert_eq!(call.send(&mizan).await.status(), 200);
    }
    assert_eq!(effects(&shop), 2);
    for _ in 0..2 {
        // Not even its form is checked.
        let call = TestRequest::call(pay_twice).arg("user_id", 7).header("idempotency-key", "\"");
        assert_eq!(call.send(&mizan).await.status(), 200);
    }
    assert_eq!(effects(&shop), 4);
}

#[tokio::test]
async fn what_may_have_changed_something_is_not_run_again() {
    let (mizan, shop) = server();
    for (at, (how, status)) in
        [("fails", 500), ("panics", 500), ("busy", 503)].into_iter().enumerate()
    {
        let first = payment(how, how).send(&mizan).await;
        let again = payment(how, how).send(&mizan).await;
        assert_eq!((first.status(), again.status()), (status, status));
        // With the id under which the cause is in the log, and with what is stale.
        assert_eq!(again.json(), first.json());
        assert_eq!(again.targets().len(), 1);
        assert_eq!(again.header("retry-after"), first.header("retry-after"));
        assert_eq!(effects(&shop), at + 1);
    }
}

#[tokio::test]
async fn what_had_no_effect_runs_again() {
    let (mizan, shop) = server();
    // Refused by the function, which says that nothing has changed: the same key, and now it is open.
    assert_eq!(payment("a", "refuses").send(&mizan).await.status(), 422);
    assert_eq!(payment("a", "").send(&mizan).await.status(), 200);
    // Arguments, guard and rate.
    let wrong = payment("b", "").arg("user_id", "x");
    assert_eq!(wrong.send(&mizan).await.status(), 422);
    assert_eq!(payment("b", "").send(&mizan).await.status(), 200);
    let stranger = TestRequest::call(pay_signed_in).header("idempotency-key", "c");
    assert_eq!(stranger.clone().send(&mizan).await.status(), 401);
    assert_eq!(stranger.send(&mizan).await.status(), 401);
    let seldom = |key: &str| TestRequest::call(pay_seldom).header("idempotency-key", key);
    assert_eq!(seldom("d").send(&mizan).await.status(), 200);
    assert_eq!(seldom("e").send(&mizan).await.status(), 200);
    assert_eq!(seldom("f").send(&mizan).await.status(), 429);
    assert_eq!(seldom("f").send(&mizan).await.status(), 429);
    // A replay is not a run, so no rate counts it.
    for _ in 0..10 {
        assert_eq!(seldom("e").send(&mizan).await.status(), 200);
    }
    assert_eq!(effects(&shop), 4);
}

#[tokio::test]
async fn a_caller_who_went_away_gets_the_response_with_the_next_call() {
    let (mizan, shop) = server();
    let first = tokio::time::timeout(Duration::from_millis(50), payment("k", "waits").send(&mizan));
    assert!(first.await.is_err());
    let (other, call) = (mizan.clone(), payment("k", "waits"));
    let second = tokio::spawn(async move { call.send(&other).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished(), "it waits for the first");
    shop.gate.add_permits(1);
    assert_eq!(second.await.unwrap().result::<usize>(), 1);
    assert_eq!(payment("k", "waits").send(&mizan).await.result::<usize>(), 1);
    assert_eq!(effects(&shop), 1);
}

#[tokio::test]
async fn who_has_waited_too_long_asks_again_for_the_same_call() {
    let shop = super::Shop::default();
    let limits = Limits { call_timeout: Duration::from_millis(100), ..Limits::default() };
    let mizan = builder(&shop).limits(limits).build().unwrap();
    for _ in 0..2 {
        let late = payment("k", "waits").send(&mizan).await;
        assert_eq!((late.status(), late.header("retry-after")), (503, Some("1")));
    }
    shop.gate.add_permits(1);
    assert_eq!(payment("k", "waits").send(&mizan).await.result::<usize>(), 1);
    assert_eq!(effects(&shop), 1);
    mizan.stop().await;
    assert_eq!(mizan.live_calls(), 0);
}

#[tokio::test]
async fn a_stop_waits_until_the_response_is_kept_and_keeps_it_for_repetitions() {
    let (mizan, shop) = server();
    let (other, call) = (mizan.clone(), payment("k", "waits"));
    let first = tokio::spawn(async move { call.send(&other).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let stopping = mizan.clone();
    let stop = tokio::spawn(async move { stopping.stop().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!stop.is_finished());
    shop.gate.add_permits(1);
    assert_eq!(first.await.unwrap().status(), 200);
    stop.await.unwrap();
    assert_eq!(payment("k", "waits").send(&mizan).await.result::<usize>(), 1);
    assert_eq!(payment("l", "").send(&mizan).await.status(), 503);
}

#[tokio::test]
async fn a_response_that_is_too_large_has_one_effect_and_is_not_sent_again() {
    let (mizan, shop) = server();
    for (key, letters) in [("small", (1 << 20) - 100), ("large", 1 << 20)] {
        let call = || {
            let call = TestRequest::call(print_all).arg("letters", letters);
            call.as_user(Identity::new("7")).header("idempotency-key", key)
        };
        let first = call().send(&mizan).await;
        let again = call().send(&mizan).await;
        assert_eq!(first.result::<String>().len(), letters);
        if key == "small" {
            assert!(again.body() == first.body());
        } else {
            assert_eq!((again.status(), again.code()), (503, "UNAVAILABLE".to_owned()));
        }
    }
    assert_eq!(effects(&shop), 2);
}

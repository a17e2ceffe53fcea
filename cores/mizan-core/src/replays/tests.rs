//! What needs a clock of its own: how long keys are kept, and how much memory they take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::memory::MemoryReplays;
use super::{Bound, Call, Found};
use crate::builder::Builder;
use crate::dynamic::{ArgType, Param};
use crate::function::Function;
use crate::rates::Time;
use crate::registry::Mizan;
use crate::testing::TestRequest;
use crate::visibility::Visibility;

/// Seconds that a test counts.
fn clock() -> (Arc<AtomicU64>, Time) {
    let seconds = Arc::new(AtomicU64::new(1_000));
    let read = Arc::clone(&seconds);
    (seconds, Arc::new(move || Duration::from_secs(read.load(Ordering::SeqCst))))
}

/// A server whose one call gives the number of its run.
fn server(time: &Time) -> Mizan {
    let runs = AtomicUsize::default();
    let run = move |_, _| {
        let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(json!(run)) }
    };
    let pay = Function::dynamic("pay", vec![Param::new("id", ArgType::Integer)], run);
    let pay = pay.idempotent().visibility(Visibility::User);
    Builder::empty().function(pay).replay_clock(Arc::clone(time)).build().unwrap()
}

async fn pay(mizan: &Mizan, key: &str) -> i64 {
    let call = TestRequest::call_named("pay").arg("id", 1).header("idempotency-key", key);
    call.send(mizan).await.result()
}

#[tokio::test]
async fn after_ten_minutes_a_call_runs_again() {
    let (seconds, time) = clock();
    let mizan = server(&time);
    assert_eq!(pay(&mizan, "k").await, 1);
    seconds.fetch_add(599, Ordering::SeqCst);
    assert_eq!(pay(&mizan, "k").await, 1);
    seconds.fetch_add(1, Ordering::SeqCst);
    assert_eq!(pay(&mizan, "k").await, 2);
    // A repetition does not prolong it.
    seconds.fetch_add(599, Ordering::SeqCst);
    assert_eq!(pay(&mizan, "k").await, 2);
    seconds.fetch_add(1, Ordering::SeqCst);
    assert_eq!(pay(&mizan, "k").await, 3);
}

fn call(key: usize) -> Call {
    Call::new(&key.to_string(), Bound::Subject("7"), "pay", "{}")
}

#[test]
fn a_key_that_no_one_ends_is_free_after_its_lease() {
    let (seconds, time) = clock();
    let replays = MemoryReplays::new(time);
    assert_eq!(replays.claim(&call(1), &[1; 16]), Found::Free);
    seconds.fetch_add(59, Ordering::SeqCst);
    assert_eq!(replays.claim(&call(1), &[2; 16]), Found::Running);
    // A call that is under way renews its lease.
    replays.renew(&call(1), &[1; 16]);
    seconds.fetch_add(59, Ordering::SeqCst);
    assert_eq!(replays.claim(&call(1), &[2; 16]), Found::Running);
    replays.renew(&call(1), &[2; 16]);
    seconds.fetch_add(1, Ordering::SeqCst);
    assert_eq!(replays.claim(&call(1), &[2; 16]), Found::Free);
    // The first owner comes back, and does not own it any more.
    replays.renew(&call(1), &[1; 16]);
    replays.release(&call(1), &[1; 16]);
    replays.keep(&call(1), &[1; 16], &Bytes::from_static(b"late"));
    assert_eq!(replays.claim(&call(1), &[3; 16]), Found::Running);
    replays.keep(&call(1), &[2; 16], &Bytes::from_static(b"given"));
    assert_eq!(replays.claim(&call(1), &[3; 16]), Found::Ended(Bytes::from_static(b"given")));
    // What has ended is not released.
    replays.release(&call(1), &[2; 16]);
    assert_eq!(replays.claim(&call(1), &[3; 16]), Found::Ended(Bytes::from_static(b"given")));
}

#[test]
fn memory_is_bounded_and_the_oldest_go_first() {
    let (seconds, time) = clock();
    let replays = MemoryReplays::new(time);
    let run = |key: usize, given: &Bytes| {
        assert_eq!(replays.claim(&call(key), &[1; 16]), Found::Free);
        replays.keep(&call(key), &[1; 16], given);
        if !key.is_multiple_of(50) {
            return;
        }
        let (count, bytes) = replays.size();
        assert!(count <= 10_000 && bytes <= 32 << 20, "{count} {bytes}");
    };
    // Many small ones.
    for key in 0..12_000 {
        run(key, &Bytes::from_static(b"ok"));
    }
    assert_eq!(replays.size().0, 10_000);
    assert_eq!(replays.claim(&call(1_999), &[2; 16]), Found::Free);
    replays.release(&call(1_999), &[2; 16]);
    assert_eq!(replays.claim(&call(2_000), &[2; 16]), Found::Ended(Bytes::from_static(b"ok")));
    // A few large ones.
    let large = Bytes::from(vec![0; super::LONGEST]);
    for key in 20_000..20_100 {
        run(key, &large);
    }
    assert_eq!(replays.size().0, 31);
    assert_eq!(replays.claim(&call(20_099), &[2; 16]), Found::Ended(large));
    // Calls that are under way are not let go, and those that no one ends are.
    for key in 30_000..45_000 {
        assert_eq!(replays.claim(&call(key), &[1; 16]), Found::Free);
    }
    assert_eq!(replays.claim(&call(30_000), &[2; 16]), Found::Running);
    seconds.fetch_add(600, Ordering::SeqCst);
    assert_eq!(replays.claim(&call(50_000), &[1; 16]), Found::Free);
    assert_eq!(replays.size(), (1, 0));
}

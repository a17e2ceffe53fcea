//! A time limit of one function, in place of the one of all calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mizan_core::{Builder, Context, Function, Limits, MemoryCache, State, View, client, functions};
use serde_json::{Value, json};

use crate::support::{call, function, get, read};

#[derive(Context)]
struct SlowContext;

#[derive(Context)]
struct PlainContext;

/// How many functions have come to their end.
#[derive(Clone, Default)]
struct Ends(Arc<AtomicUsize>);

async fn take(ends: &Ends, millis: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    ends.0.fetch_add(1, Ordering::SeqCst);
    millis
}

#[client(context = SlowContext, timeout = "50ms")]
async fn slow(ends: State<Ends>, millis: u64) -> u64 {
    take(&ends, millis).await
}

#[client(context = SlowContext)]
async fn beside(millis: u64) -> u64 {
    millis
}

#[client(context = PlainContext)]
async fn plain(ends: State<Ends>, millis: u64) -> u64 {
    take(&ends, millis).await
}

#[client(timeout = "50ms")]
async fn quick(ends: State<Ends>, millis: u64) -> u64 {
    take(&ends, millis).await
}

#[client(affects = PlainContext, timeout = "50ms")]
async fn change(ends: State<Ends>, millis: u64) -> u64 {
    take(&ends, millis).await
}

#[client(timeout = "1h")]
async fn report(ends: State<Ends>, millis: u64) -> u64 {
    take(&ends, millis).await
}

#[client(private, route = "/page/<millis>/", methods = ["GET"], timeout = "50ms")]
async fn page(ends: State<Ends>, millis: u64) -> View {
    View::html(take(&ends, millis).await.to_string())
}

fn builder(ends: &Ends) -> Builder {
    let all = functions![slow, beside, plain, quick, change, report, page];
    let limits = Limits { call_timeout: Duration::from_millis(400), ..Limits::default() };
    Builder::empty().functions(all).state(ends.clone()).limits(limits)
}

impl Ends {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[track_caller]
fn check_late((status, body): (u16, Value), message: &str) {
    assert_eq!((status, &body["error"]["code"]), (503, &json!("UNAVAILABLE")), "{body}");
    assert_eq!(body["error"]["message"], message);
}

const STOPPED: &str = "the call has taken too long, and was stopped";
const LATE: &str = "this has taken too long, and was stopped";

#[tokio::test]
async fn a_call_has_the_time_of_its_function_shorter_or_longer() {
    let ends = Ends::default();
    let mizan = builder(&ends).build().unwrap();
    let began = Instant::now();
    let late = call(&mizan, "quick", json!({ "millis": 10_000 })).await;
    assert!(began.elapsed() < Duration::from_millis(350), "{:?}", began.elapsed());
    assert_eq!(late.header("retry-after"), Some("1"));
    check_late((late.status(), late.json()), STOPPED);
    let in_time = call(&mizan, "quick", json!({ "millis": 1 })).await;
    assert_eq!(in_time.result::<u64>(), 1);
    // Beyond the limit of all calls.
    let long = call(&mizan, "report", json!({ "millis": 500 })).await;
    assert_eq!(long.result::<u64>(), 500);
}

#[tokio::test]
async fn a_change_goes_on_beyond_the_time_that_its_caller_waits() {
    let ends = Ends::default();
    let mizan = builder(&ends).build().unwrap();
    let late = call(&mizan, "change", json!({ "millis": 200 })).await;
    let message = "the call goes on, and takes longer than this connection waits";
    check_late((late.status(), late.json()), message);
    assert_eq!(ends.count(), 0);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(ends.count(), 1);
}

#[tokio::test]
async fn a_late_member_fails_its_bundle_with_and_without_a_cache() {
    let ends = Ends::default();
    for builder in [builder(&ends), builder(&ends).cache(MemoryCache::default())] {
        let mizan = builder.build().unwrap();
        let before = ends.count();
        check_late(read(&mizan, "slow", "millis=10000").await, LATE);
        assert_eq!(ends.count(), before, "it was stopped");
        assert_eq!(read(&mizan, "slow", "millis=1").await.1, json!({ "beside": 1, "slow": 1 }));
        // A read without a time of its own has none.
        assert_eq!(read(&mizan, "plain", "millis=500").await.1, json!({ "plain": 500 }));
    }
}

#[tokio::test]
async fn a_late_entry_leaves_the_others_of_its_batch_as_they_are() {
    let ends = Ends::default();
    let mizan = builder(&ends).build().unwrap();
    let query = "e=slow%3Bmillis%3D10000&e=plain%3Bmillis%3D1";
    let response = get("/api/mizan/ctx/", query).send(&mizan).await;
    let text = std::str::from_utf8(response.body()).unwrap();
    let mut lines: Vec<Value> =
        text.lines().take(2).map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.sort_by_key(|line| line["e"].as_u64());
    assert_eq!((&lines[0]["status"], &lines[0]["retry_after"]), (&json!(503), &json!(1)));
    assert_eq!(lines[1]["data"], json!({ "plain": 1 }));
}

#[tokio::test]
async fn a_page_that_is_late_is_stopped() {
    let ends = Ends::default();
    let mizan = builder(&ends).build().unwrap();
    let late = get("/page/10000/", "").send(&mizan).await;
    check_late((late.status(), late.json()), LATE);
    assert_eq!(get("/page/1/", "").send(&mizan).await.body(), b"1");
}

#[test]
fn a_time_out_of_range_is_a_mistake() {
    for (time, text) in [(Duration::ZERO, "0ns"), (Duration::from_secs(3601), "3601s")] {
        let late: Function = function("late", &[]).timeout(time);
        let error = Builder::empty().functions([late]).build().unwrap_err();
        assert_eq!(error.problems().len(), 1);
        let message = error.problems()[0].message();
        assert_eq!(message, format!("`timeout` of `late` is {text}"));
    }
}

//! What a call brings with it: fresh values of what it has made stale, as a read of now would give them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Authenticator, Builder, CacheStatus, Error, Function, Identity, IdentityFuture, Limits,
    MemoryCache, Mizan, RequestParts, Visibility,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::param;

/// A number that reads show and calls set, and how often it was read.
#[derive(Clone, Default)]
struct Data {
    number: Arc<AtomicI64>,
    reads: Arc<AtomicUsize>,
    /// Whether user 7 may read what is guarded.
    may: Arc<AtomicBool>,
}

impl Data {
    fn read(&self, context: &'static str) -> Function {
        let own = self.clone();
        let read = Function::dynamic(context, vec![param("id")], move |args, call| {
            let request = call.request();
            own.reads.fetch_add(1, Ordering::SeqCst);
            let value = own.number.load(Ordering::SeqCst);
            let (query, path) = (request.parts().query.clone(), request.parts().path.clone());
            let header = request.header("x-own").map(str::to_owned);
            async move {
                match context {
                    "fails" => Err(Error::internal("secret")),
                    "panics" => panic!("secret"),
                    "hangs" => std::future::pending().await,
                    "raw" => Ok(json!([path, query, header])),
                    _ => Ok(json!([args["id"], value])),
                }
            }
        });
        let visibility = if context == "raw" { Visibility::Raw } else { Visibility::User };
        read.context(context).visibility(visibility)
    }

    /// Sets the number; it affects every context but `other`.
    fn write(&self) -> Function {
        let own = self.clone();
        let params = vec![param("id"), param("to"), param("how:text=well")];
        let write = Function::dynamic("write", params, move |args, _| {
            own.number.store(args["to"].as_i64().unwrap_or_default(), Ordering::SeqCst);
            let own = own.clone();
            async move {
                match args["how"].as_str() {
                    Some("badly") => Err(Error::not_found("it is gone")),
                    Some("rights") => {
                        own.may.store(false, Ordering::SeqCst);
                        Ok(Value::Null)
                    }
                    _ => Ok(json!("done")),
                }
            }
        });
        let contexts = ["thing", "guarded", "fails", "panics", "hangs", "raw", "gated"];
        contexts
            .into_iter()
            .fold(write, |write, context| write.affects(format!("context:{context}")))
    }

    fn builder(&self) -> Builder {
        let gated = self
            .read("gated")
            .auth_predicate(Visibility::User, |_| Box::pin(std::future::pending()));
        Builder::empty().functions([
            self.read("thing"),
            self.read("other"),
            self.read("fails"),
            self.read("panics"),
            self.read("hangs"),
            self.read("raw"),
            self.read("guarded").auth_required(),
            gated,
            self.write(),
        ])
    }

    fn mizan(&self) -> Mizan {
        self.builder().authenticator(Rights(self.clone())).build().unwrap()
    }
}

/// User 7, as long as they may.
struct Rights(Data);

impl Authenticator for Rights {
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a> {
        let may = self.0.may.load(Ordering::SeqCst) && parts.headers.get("x-user").is_some();
        Box::pin(async move { Ok(may.then(|| Identity::new("7").proved_by_bearer())) })
    }
}

fn write(id: i64, to: i64) -> TestRequest {
    TestRequest::call_named("write").arg("id", id).arg("to", to)
}

fn refreshed(response: &TestResponse) -> Value {
    assert_eq!((response.status(), response.code()), (200, String::new()));
    response.json()["refresh"].clone()
}

#[tokio::test]
async fn a_call_brings_fresh_values_of_exactly_what_it_made_stale() {
    let data = Data::default();
    let mizan = data.mizan();
    let call = write(5, 9)
        .mounted("thing", json!({ "id": 6 }))
        .mounted("thing", json!({ "id": 5 }))
        .mounted("other", json!({ "id": 5 }))
        .mounted("thing", json!({ "id": 5, "more": true }));
    let response = call.send(&mizan).await;
    let fresh = json!({ "thing": [5, 9] });
    assert_eq!(
        refreshed(&response),
        json!([{ "at": 1, "data": fresh }, { "at": 3, "data": fresh }])
    );
    // Those who know no refresh get the same as before.
    assert_eq!(response.targets().len(), 7);
    assert!(response.header("x-mizan-invalidate").is_some());
    assert_eq!(write(5, 9).send(&mizan).await.json().get("refresh"), None);
}

#[tokio::test]
async fn what_is_forbidden_fails_or_takes_too_long_is_left_out() {
    let data = Data::default();
    let limits = Limits { refresh_time: Duration::from_millis(150), ..Limits::default() };
    let mizan = data.builder().limits(limits).build().unwrap();
    let mut call = write(5, 9);
    for context in ["hangs", "fails", "panics", "guarded", "nothing", "gated", "thing"] {
        call = call.mounted(context, json!({ "id": 5 }));
    }
    for params in [json!({ "id": "5" }), json!({}), json!([5]), json!(5), json!({ "id": 1.5 })] {
        call = call.mounted("thing", params);
    }
    let started = Instant::now();
    let response = call.send(&mizan).await;
    assert_eq!(refreshed(&response), json!([{ "at": 6, "data": { "thing": [5, 9] } }]));
    assert_eq!(response.json()["result"], "done");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(!String::from_utf8_lossy(response.body()).contains("secret"));
}

#[tokio::test]
async fn a_response_of_an_error_brings_nothing() {
    let data = Data::default();
    let mizan = data.mizan();
    let reads = |_: &TestResponse| data.reads.load(Ordering::SeqCst);
    let call = |how: &str| write(5, 9).arg("how", how).mounted("thing", json!({ "id": 5 }));
    let response = call("badly").send(&mizan).await;
    assert_eq!(
        (response.status(), response.json().get("refresh"), reads(&response)),
        (404, None, 0)
    );
    assert_eq!(refreshed(&call("well").send(&mizan).await)[0]["at"], 0);
}

#[tokio::test]
async fn who_may_read_is_decided_again_after_the_change() {
    let data = Data::default();
    data.may.store(true, Ordering::SeqCst);
    let mizan = data.mizan();
    let call = |how: &str| {
        let call = write(5, 9).arg("how", how).header("x-user", "7");
        call.mounted("guarded", json!({ "id": 5 })).mounted("thing", json!({ "id": 5 }))
    };
    let before = refreshed(&call("well").send(&mizan).await);
    assert_eq!(before.as_array().map(Vec::len), Some(2));
    // The call takes the right away from its own caller.
    let after = refreshed(&call("rights").send(&mizan).await);
    assert_eq!(after, json!([{ "at": 1, "data": { "thing": [5, 9] } }]));
}

#[tokio::test]
async fn who_sees_the_whole_request_sees_a_get_of_the_entry() {
    let mizan = Data::default().mizan();
    let call = write(5, 9).header("x-own", "a").mounted("raw", json!({ "id": 5 }));
    let data = json!({ "raw": ["/api/mizan/ctx/raw/", "id=5", "a"] });
    assert_eq!(refreshed(&call.send(&mizan).await), json!([{ "at": 0, "data": data }]));
}

#[tokio::test]
async fn a_forged_inventory_costs_bounded_work() {
    let data = Data::default();
    let mizan = data.mizan();
    let with = |entries: usize| {
        (0..entries).fold(write(5, 9), |call, _| call.mounted("thing", json!({ "id": 5 })))
    };
    assert_eq!(refreshed(&with(100).send(&mizan).await).as_array().map(Vec::len), Some(64));
    let reads = data.reads.load(Ordering::SeqCst);
    let response = with(10_000).send(&mizan).await;
    assert_eq!((response.status(), response.json().get("refresh")), (200, None));
    assert_eq!(data.reads.load(Ordering::SeqCst), reads);
    let limits = Limits { refresh_bytes: 40, ..Limits::default() };
    let small = data.builder().limits(limits).build().unwrap();
    assert_eq!(refreshed(&with(5).send(&small).await).as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn it_is_counted_by_no_rate() {
    let data = Data::default();
    let builder = Builder::empty().functions([data.read("thing").rate("1/d"), data.write_one()]);
    let mizan = builder.build().unwrap();
    for to in 0..5 {
        let call = write(5, to).mounted("thing", json!({ "id": 5 }));
        assert_eq!(refreshed(&call.send(&mizan).await)[0]["data"]["thing"], json!([5, to]));
    }
    let read = || TestRequest::read_named("thing").param("id", 5).send(&mizan);
    assert_eq!((read().await.status(), read().await.status()), (200, 429));
}

impl Data {
    fn write_one(&self) -> Function {
        let own = self.clone();
        let write = Function::dynamic("write", vec![param("id"), param("to")], move |args, _| {
            own.number.store(args["to"].as_i64().unwrap_or_default(), Ordering::SeqCst);
            async { Ok(Value::Null) }
        });
        write.affects("context:thing")
    }

    fn cached(&self) -> Mizan {
        let builder = Builder::empty().functions([self.read("thing"), self.write_one()]);
        builder.cache(MemoryCache::default()).build().unwrap()
    }
}

#[tokio::test]
async fn it_goes_through_the_cache() {
    let data = Data::default();
    let mizan = data.cached();
    let call =
        write(5, 9).mounted("thing", json!({ "id": 5 })).mounted("thing", json!({ "id": 5 }));
    assert_eq!(refreshed(&call.send(&mizan).await).as_array().map(Vec::len), Some(2));
    let read = TestRequest::read_named("thing").param("id", 5).send(&mizan).await;
    assert_eq!(
        (read.cache_status(), data.reads.load(Ordering::SeqCst)),
        (Some(CacheStatus::Hit), 1)
    );
    assert_eq!(read.json(), json!({ "thing": [5, 9] }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// With nothing else under way, what is brought is what a read begun afterwards gives.
    #[test]
    fn what_is_brought_equals_a_read_begun_afterwards(
        calls in prop::collection::vec((0i64..4, any::<i32>(), prop::collection::vec(0i64..4, 0..4)), 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let data = Data::default();
            for mizan in [data.cached(), data.mizan()] {
                for (id, to, mounted) in &calls {
                    let call = mounted.iter().fold(write(*id, i64::from(*to)), |call, id| {
                        call.mounted("thing", json!({ "id": id }))
                    });
                    let response = call.send(&mizan).await;
                    let brought = refreshed(&response);
                    let brought = brought.as_array().cloned().unwrap_or_default();
                    let stale = mounted.iter().filter(|mounted| *mounted == id).count();
                    assert_eq!(brought.len(), stale);
                    let read = TestRequest::read_named("thing").param("id", id).send(&mizan).await;
                    assert!(brought.iter().all(|one| one["data"] == read.json()));
                }
            }
        });
    }
}

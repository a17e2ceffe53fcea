//! Webhooks: what is not signed touches nothing, and nothing counts that the signature does not cover.

use std::time::{SystemTime, UNIX_EPOCH};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, Cache, CacheStatus, Context, Function, MemoryCache, Mizan, RawRequest, Result, State,
    View, Webhook, client, functions,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::support::param;

#[derive(Context)]
struct OrdersContext;

#[client(context = OrdersContext)]
async fn orders_read(order_id: i64) -> i64 {
    order_id
}

#[client(private, webhook, route = "/bank/paid/", affects = OrdersContext)]
async fn bank_paid(request: &RawRequest, bank: State<Webhook>, order_id: i64) -> Result<View> {
    bank.verify(request)?;
    Ok(View::html(order_id.to_string()))
}

/// The secrets of another sender.
struct Shop(Webhook);

impl AsRef<Webhook> for Shop {
    fn as_ref(&self) -> &Webhook {
        &self.0
    }
}

#[derive(Serialize, JsonSchema)]
struct Packed {
    order_id: i64,
}

/// A machine that expects data.
#[client(private, webhook = Shop, route = "/shop/packed", affects = OrdersContext)]
async fn shop_packed(order_id: i64) -> Packed {
    Packed { order_id }
}

/// One without arguments: the body is for itself.
#[client(private, webhook, route = "/bank/ping")]
async fn bank_ping(request: &RawRequest) -> View {
    View::html(String::from_utf8_lossy(request.body()).into_owned())
}

/// No webhook: a form or JSON.
#[client(private, route = "/plain")]
async fn plain(number: i64) -> i64 {
    number
}

fn bank() -> Webhook {
    Webhook::new("a secret of the bank, long enough").unwrap()
}

fn shop() -> Webhook {
    Webhook::new("a secret of the shop, long enough").unwrap()
}

fn mizan(cache: impl Into<Cache>) -> Mizan {
    let functions = functions![orders_read, bank_paid, shop_packed, bank_ping, plain];
    let builder = Builder::empty().functions(functions).state(bank()).state(Shop(shop()));
    let secret = mizan_core::Secret::new("a-secret-for-these-tests-0123456789").unwrap();
    builder.cache(cache).cache_secret(secret).build().unwrap()
}

fn unsigned(path: &str, body: &str) -> TestRequest {
    TestRequest::new("POST", path).header("content-type", "application/json").body(body)
}

fn signed(request: TestRequest, by: &Webhook, body: &str) -> TestRequest {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let request = request.header("webhook-id", "d1").header("webhook-timestamp", time.to_string());
    request.header("webhook-signature", by.sign("d1", time, body.as_bytes())).body(body)
}

#[track_caller]
fn check(response: &TestResponse, status: u16, body: &str, stale: Option<&str>) {
    let seen = String::from_utf8_lossy(response.body());
    assert_eq!(response.status(), status, "{seen}");
    if status == 200 {
        assert_eq!(seen, body);
    }
    assert_eq!(response.header("x-mizan-invalidate"), stale, "{seen}");
}

async fn status(mizan: &Mizan) -> CacheStatus {
    let read = TestRequest::read::<OrdersContext>().param("order_id", 5).send(mizan).await;
    read.cache_status().unwrap()
}

/// Unsigned posts, each refused; what is cached stays, and nothing was marked.
pub(crate) async fn refuse_unsigned(mizan: &Mizan) {
    while status(mizan).await != CacheStatus::Hit {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let before = mizan.cache_counts().unwrap();
    let body = r#"{"order_id":5}"#;
    for at in 0..500 {
        let request = unsigned("/bank/paid/", body);
        let request = match at % 3 {
            0 => request,
            1 => signed(request, &shop(), body),
            _ => signed(request, &bank(), r#"{"order_id":6}"#).body(body),
        };
        check(&request.send(mizan).await, 401, "", None);
        assert_eq!(status(mizan).await, CacheStatus::Hit);
    }
    let after = mizan.cache_counts().unwrap();
    assert_eq!(
        (after.marks, after.bypasses, after.misses),
        (before.marks, before.bypasses, before.misses)
    );
}

#[tokio::test]
async fn what_is_not_signed_touches_nothing() {
    let mizan = mizan(MemoryCache::default());
    refuse_unsigned(&mizan).await;
    let body = r#"{"order_id":5}"#;
    let response = signed(unsigned("/bank/paid/", body), &bank(), body).send(&mizan).await;
    check(&response, 200, "5", Some("orders;order_id=5"));
    assert_eq!(status(&mizan).await, CacheStatus::Miss);
}

/// The same in Redis, where every key is counted.
#[cfg(feature = "redis")]
#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test"]
async fn what_is_not_signed_touches_no_key() {
    let server = mizan_faults::redis::RedisServer::start().unwrap();
    let mizan = mizan(mizan_core::RedisCache::new(&server.url()).unwrap());
    while status(&mizan).await != CacheStatus::Hit {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let keys = server.command(&["DBSIZE"]).unwrap();
    refuse_unsigned(&mizan).await;
    assert_eq!(server.command(&["DBSIZE"]).unwrap(), keys);
}

#[tokio::test]
async fn each_sender_has_its_own_secret() {
    let mizan = mizan(MemoryCache::default());
    let body = r#"{"order_id":7}"#;
    let request = || unsigned("/shop/packed", body);
    check(&signed(request(), &bank(), body).send(&mizan).await, 401, "", None);
    let response = signed(request(), &shop(), body).send(&mizan).await;
    assert_eq!(response.header("content-type"), Some("application/json"));
    check(&response, 200, r#"{"order_id":7}"#, Some("orders;order_id=7"));
    // What failed is an error as everywhere.
    let body = r#"{"order_id":"x"}"#;
    check(&signed(unsigned("/shop/packed", body), &shop(), body).send(&mizan).await, 422, "", None);
}

#[tokio::test]
async fn a_webhook_takes_nothing_that_its_signature_does_not_cover() {
    let mizan = mizan(MemoryCache::default());
    let body = "order_id=5";
    let typed = |path, media: &str| TestRequest::new("POST", path).header("content-type", media);
    for media in ["application/x-www-form-urlencoded", "text/plain"] {
        let request = signed(typed("/bank/paid/", media), &bank(), body);
        check(&request.send(&mizan).await, 415, "", None);
        // The body is read by the function itself.
        let request = signed(typed("/bank/ping", media), &bank(), body);
        check(&request.send(&mizan).await, 200, body, None);
    }
    // What is in the query is not an argument.
    let request = unsigned("/bank/paid/?order_id=5", "{}");
    check(&signed(request, &bank(), "{}").send(&mizan).await, 422, "", None);
}

/// However a body is sent, it is one: `content-length` is missing where it comes in pieces.
#[tokio::test]
async fn a_body_without_a_type_is_a_body() {
    let mizan = mizan(MemoryCache::default());
    let untyped = |body: &str| TestRequest::new("POST", "/plain").body(body);
    check(&untyped("number=5").send(&mizan).await, 415, "", None);
    check(&untyped(r#"{"number":5}"#).send(&mizan).await, 415, "", None);
    check(&untyped("").send(&mizan).await, 422, "", None);
    let response = TestRequest::new("POST", "/plain").form(&[("number", "5")]).send(&mizan).await;
    check(&response, 200, "5", None);
}

#[track_caller]
fn check_refused(function: Function, expected: &str) {
    let built = Builder::empty().function(function).state(bank()).build();
    let error = built.unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_webhook_with_arguments_outside_of_its_body_is_refused_at_start() {
    let function = || {
        let body = async |_, _| Ok(json!(null));
        Function::dynamic("paid", vec![param("order_id")], body).webhook()
    };
    check_refused(function().private(), "not a private function with a route");
    check_refused(function().route("/paid"), "not a private function with a route");
    let uncovered = "has arguments that its signature does not cover";
    check_refused(function().private().route("/paid/<order_id>"), uncovered);
    check_refused(function().private().route("/paid").method("GET"), uncovered);
    let without = Builder::empty().function(function().private().route("/paid")).build();
    let error = without.unwrap_err().to_string();
    assert!(error.contains("needs `State<mizan_core::webhook::Webhook>`"), "{error}");
    Builder::empty().function(function().private().route("/paid")).state(bank()).build().unwrap();
}

/// Anyone who can sign for one purpose can sign for no other.
#[test]
fn the_secret_of_a_webhook_is_its_own() {
    let secret = || mizan_core::Secret::new("a secret of the bank, long enough").unwrap();
    let builder = || {
        let functions = functions![bank_paid, shop_packed, orders_read];
        Builder::empty().functions(functions).state(bank())
    };
    let twice = builder().state(Shop(bank())).build().unwrap_err().to_string();
    assert!(twice.contains("mizan_core::webhook::Webhook") && twice.contains("Shop"), "{twice}");
    let shared = builder().state(Shop(shop())).jwt_private_key(secret()).build();
    let shared = shared.unwrap_err().to_string();
    assert!(shared.contains("`JWT_PRIVATE_KEY`") && shared.contains("are the same"), "{shared}");
    builder().state(Shop(shop())).build().unwrap();
}

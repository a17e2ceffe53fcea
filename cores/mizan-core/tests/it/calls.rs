//! Calls and reads through dispatch: bodies, headers, merges, errors, views, limits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mizan_core::{Builder, ClientError, Error, ErrorCode, Function, Limits, Target, View, client};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{build, call, function, get, json as body, param, read, send, view};

fn user() -> Vec<Function> {
    vec![
        function("user_profile", &["user_id"]).context("user"),
        function("user_orders", &["user_id", "page=1"]).context("user"),
        function("notifications", &[]).context("notes"),
    ]
}

#[track_caller]
fn check(mutation: Function, args: Value, header: &str, invalidate: Value) {
    let mizan = build(user().into_iter().chain([mutation]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reply = runtime.block_on(call(&mizan, "m", args));
    assert_eq!(reply.status(), 200, "{}", body(&reply));
    assert_eq!(reply.header("x-mizan-invalidate").unwrap_or_default(), header);
    assert_eq!(body(&reply)["invalidate"], invalidate);
}

#[test]
fn targets_follow_from_names_and_values() {
    check(
        function("m", &["user_id", "name:text"]).affects("user").affects("notes").affects("user"),
        json!({"user_id": 5, "name": "x"}),
        "user;user_id=5, notes",
        json!([{"context": "user", "params": {"user_id": 5}}, "notes"]),
    );
    check(function("m", &["id"]).affects("user"), json!({"id": 5}), "user", json!(["user"]));
    check(
        function("m", &["id"]).affects("user").scope("user_id", "id"),
        json!({"id": 5}),
        "user;user_id=5",
        json!([{"context": "user", "params": {"user_id": 5}}]),
    );
    check(
        function("m", &["user_id"]).affects("user").scope_none(),
        json!({"user_id": 5}),
        "user",
        json!(["user"]),
    );
    check(
        function("m", &["user_id?", "page=3"])
            .affects("user")
            .scope("user_id", "user_id")
            .scope("page", "page"),
        json!({}),
        "user;page=3",
        json!([{"context": "user", "params": {"page": 3}}]),
    );
    check(
        function("m", &["user_id"]).affects("user_orders"),
        json!({"user_id": 5, "page": 9}),
        "user;user_id=5",
        json!([{"context": "user", "function": "user_orders", "params": {"user_id": 5}}]),
    );
    check(
        function("m", &["user_id"]).affects("user").affects("user_orders"),
        json!({"user_id": 5}),
        "user;user_id=5",
        json!([{"context": "user", "params": {"user_id": 5}}]),
    );
    check(function("m", &[]), json!({}), "", Value::Null);
}

#[tokio::test]
async fn an_integer_that_javascript_would_change_is_refused_as_an_argument() {
    let mizan = build(
        user().into_iter().chain([function("m", &["user_id", "more?:json"]).affects("user")]),
    );
    for args in
        [json!({"user_id": 1i64 << 53}), json!({"user_id": 1, "more": [{"x": 1 - (1i64 << 60)}]})]
    {
        assert_eq!(call(&mizan, "m", args).await.status(), 422);
    }
    assert_eq!(read(&mizan, "user", "user_id=9007199254740992").await.0, 422);
    assert_eq!(read(&mizan, "user", "user_id=9007199254740991").await.0, 200);
}

#[test]
fn a_header_that_is_too_long_becomes_broad_in_body_and_header() {
    let read = function("search_rows", &["text:text"]).context("search");
    let mizan =
        build([read, function("m", &["text:text"]).affects("search").scope("text", "text")]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (length, header, invalidate) in [
        (
            4084,
            format!("search;text={}", "x".repeat(4084)),
            json!([{"context": "search", "params": {"text": "x".repeat(4084)}}]),
        ),
        (4085, "search".into(), json!(["search"])),
    ] {
        let reply = runtime.block_on(call(&mizan, "m", json!({"text": "x".repeat(length)})));
        assert_eq!(reply.header("x-mizan-invalidate"), Some(&*header));
        assert_eq!(body(&reply)["invalidate"], invalidate);
    }
}

#[tokio::test]
async fn a_bundle_holds_every_member_sorted_by_name() {
    let mizan = build(user());
    let reply = send(&mizan, &get("/api/mizan/ctx/user/", "user_id=5&page=2"), "").await;
    assert_eq!(
        String::from_utf8(reply.body().into()).unwrap(),
        r#"{"user_orders":{"page":2,"user_id":5},"user_profile":{"user_id":5}}"#
    );
    let (status, fault) = read(&mizan, "user", "page=x").await;
    assert_eq!((status, fault["error"]["details"]["fields"].as_object().unwrap().len()), (422, 2));
}

#[tokio::test]
async fn one_member_is_read_alone() {
    let mizan = build(user());
    assert_eq!(
        read(&mizan, "user", "user_id=5&mizan.only=user_profile").await,
        (200, json!({"user_profile": {"user_id": 5}}))
    );
    assert_eq!(read(&mizan, "user", "user_id=5&page=x&mizan.only=user_profile").await.0, 422);
    assert_eq!(read(&mizan, "user", "user_id=5&mizan.only=notifications").await.0, 404);
}

#[tokio::test]
async fn a_context_of_views_answers_with_an_empty_bundle() {
    let mizan = build([view("page", &[]).context("pages")]);
    assert_eq!(read(&mizan, "pages", "").await, (200, json!({})));
}

#[tokio::test]
async fn a_bundle_fails_whole_with_the_first_error_by_name() {
    let fail = |name: &'static str, code| {
        Function::dynamic(name, Vec::new(), move |_, _| async move { Err(Error::new(code, name)) })
            .context("c")
    };
    let mizan = build([
        fail("b", ErrorCode::NotFound),
        fail("a", ErrorCode::Forbidden),
        function("aa", &[]).context("c"),
    ]);
    let (status, reply) = read(&mizan, "c", "").await;
    assert_eq!((status, reply), (403, json!({"error": {"code": "FORBIDDEN", "message": "a"}})));
}

#[tokio::test]
async fn members_run_side_by_side() {
    let barrier = Arc::new(tokio::sync::Barrier::new(3));
    let member = |name: &'static str| {
        let barrier = Arc::clone(&barrier);
        let wait = move |_, _| {
            let barrier = Arc::clone(&barrier);
            async move {
                barrier.wait().await;
                Ok(Value::Null)
            }
        };
        Function::dynamic(name, Vec::new(), wait).context("c")
    };
    let mizan = build([member("a"), member("b"), member("d")]);
    let waited = tokio::time::timeout(Duration::from_secs(5), read(&mizan, "c", "")).await;
    assert_eq!(waited.unwrap().0, 200);
}

#[derive(Debug)]
struct Wrapped(ClientError);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("wrapped")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[client(affects = "notes")]
async fn fails_by(how: String) -> mizan_core::Result<i64> {
    let gone =
        || ClientError::new(ErrorCode::NotFound, "no such row").with_details(json!({"id": 7}));
    match how.as_str() {
        "own" => Err(Error::forbidden("not yours")),
        "client" => Err(gone())?,
        "wrapped" => Err(Wrapped(gone()))?,
        "io" => Err(std::io::Error::other("planted-marker"))?,
        "panic" => panic!("planted-marker"),
        "later" => {
            tokio::task::yield_now().await;
            panic!("planted-marker")
        }
        _ => Ok(1 << 60),
    }
}

#[client(affects = "notes")]
async fn fails_with_client_error() -> Result<i64, ClientError> {
    Err(ClientError::new(ErrorCode::TooManyRequests, "slow down"))
}

#[client(affects = "notes")]
fn fails_with_io() -> std::io::Result<i64> {
    Err(std::io::Error::other("planted-marker"))
}

#[tokio::test]
async fn errors_keep_their_code_and_carry_the_invalidation() {
    let functions = mizan_core::functions![fails_by, fails_with_client_error, fails_with_io];
    let mizan = build(functions.into_iter().chain(user()));
    for (function, how, status, code, message) in [
        ("fails_by", "own", 403, "FORBIDDEN", "not yours"),
        ("fails_by", "client", 404, "NOT_FOUND", "no such row"),
        ("fails_by", "wrapped", 404, "NOT_FOUND", "no such row"),
        ("fails_by", "io", 500, "INTERNAL_ERROR", "internal error"),
        ("fails_by", "panic", 500, "INTERNAL_ERROR", "internal error"),
        ("fails_by", "later", 500, "INTERNAL_ERROR", "internal error"),
        ("fails_by", "big", 500, "INTERNAL_ERROR", "internal error"),
        ("fails_with_client_error", "", 429, "TOO_MANY_REQUESTS", "slow down"),
        ("fails_with_io", "", 500, "INTERNAL_ERROR", "internal error"),
    ] {
        let reply = call(&mizan, function, json!({"how": how})).await;
        assert_eq!(reply.status(), status, "{how}");
        assert_eq!(reply.header("x-mizan-invalidate"), Some("notes"), "{how}");
        let found = body(&reply);
        assert_eq!(
            (&found["error"]["code"], &found["error"]["message"]),
            (&json!(code), &json!(message)),
            "{how}"
        );
        assert_eq!(found["invalidate"], json!(["notes"]), "{how}");
        assert!(!found.to_string().contains("planted"), "{how}");
        let has_id = found["error"]["details"]["id"].is_string();
        assert_eq!(has_id, status == 500, "{how}");
    }
}

#[tokio::test]
async fn a_refused_call_touches_nothing() {
    let (ran, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counts, tells) = (Arc::clone(&ran), Arc::clone(&told));
    let run = move |_, _| {
        counts.fetch_add(1, Ordering::Relaxed);
        async { Ok(Value::Null) }
    };
    let guarded =
        Function::dynamic("m", vec![param("user_id")], run).affects("user").auth_required();
    let builder = Builder::empty().functions(user()).function(guarded);
    let observe = move |_: &[Target]| {
        tells.fetch_add(1, Ordering::Relaxed);
    };
    let mizan = builder.on_invalidation(observe).build().unwrap();
    let reply = call(&mizan, "m", json!({"user_id": 5})).await;
    assert_eq!((reply.status(), reply.header("x-mizan-invalidate")), (401, None));
    assert_eq!((ran.load(Ordering::Relaxed), told.load(Ordering::Relaxed)), (0, 0));
}

#[derive(Serialize, JsonSchema, Clone)]
struct Order {
    id: i64,
}

#[client(context = "shop")]
async fn shop_orders(org: String) -> Vec<Order> {
    vec![Order { id: org.len() as i64 }]
}

#[client(context = "shop")]
async fn shop_best(org: String) -> Order {
    Order { id: org.len() as i64 }
}

#[client(merge = "shop", key = "id", scope = [org])]
async fn add_order(org: String) -> Order {
    Order { id: org.len() as i64 + 90 }
}

#[client(merge = "shop", affects = "notes", scope = [org])]
async fn set_best(org: String) -> Order {
    Order { id: org.len() as i64 }
}

#[tokio::test]
async fn a_merge_brings_the_value_and_its_slot() {
    let functions = mizan_core::functions![shop_orders, shop_best, add_order, set_best];
    let mizan = build(functions.into_iter().chain(user()));
    let reply = call(&mizan, "add_order", json!({"org": "acme"})).await;
    assert_eq!(reply.header("x-mizan-invalidate"), Some("shop;org=acme"));
    assert_eq!(
        body(&reply),
        json!({"result": {"id": 94}, "merge": [
            {"context": "shop", "slot": "shop_orders", "params": {"org": "acme"}, "value": {"id": 94}, "mode": "upsert", "key": "id"}
        ]})
    );
    let reply = call(&mizan, "set_best", json!({"org": "a"})).await;
    assert_eq!(reply.header("x-mizan-invalidate"), Some("notes, shop;org=a"));
    assert_eq!(body(&reply)["invalidate"], json!(["notes"]));
    assert_eq!(body(&reply)["merge"][0]["mode"], "replace");
}

#[tokio::test]
async fn views_answer_with_themselves_and_announce_in_the_header() {
    let answer = |name: &'static str, view: View| {
        let run = move |_, _| {
            let view = view.clone();
            async move { Ok(view) }
        };
        Function::dynamic_view(name, Vec::new(), run).affects("notes")
    };
    let mizan = build(user().into_iter().chain([
        answer("page", View::html("<p>")),
        answer("away", View::redirect("/x/\r\nSet-Cookie: a")),
        answer("tabbed", View::redirect("/\t/elsewhere\u{85}")),
        answer("refused", View::html("no").with_status(403)),
        answer("half", View::empty(500).with_invalidation_on_error()),
    ]));
    for (name, status, header, location) in [
        ("page", 200, Some("notes"), None),
        ("away", 302, Some("notes"), Some("/x/%0D%0ASet-Cookie: a")),
        ("tabbed", 302, Some("notes"), Some("/%09/elsewhere%C2%85")),
        ("refused", 403, None, None),
        ("half", 500, Some("notes"), None),
    ] {
        let reply = call(&mizan, name, json!({})).await;
        assert_eq!(
            (reply.status(), reply.header("x-mizan-invalidate"), reply.header("location")),
            (status, header, location)
        );
    }
}

#[tokio::test]
async fn private_is_unknown_and_websocket_is_not_in_this_build() {
    let mizan = build([function("hidden", &[]).private(), function("socket", &[]).websocket()]);
    let (private, unknown) =
        (call(&mizan, "hidden", json!({})).await, call(&mizan, "nothing", json!({})).await);
    assert_eq!(format!("{private:?}"), format!("{unknown:?}"));
    assert_eq!(private.status(), 404);
    assert_eq!(call(&mizan, "socket", json!({})).await.status(), 501);
    let mizan = build([function("socket", &[]).websocket().context("sockets")]);
    assert_eq!(read(&mizan, "sockets", "").await.0, 501);
    assert!(!mizan.document().functions.contains_key("hidden"));
}

#[tokio::test]
async fn a_call_outlives_whoever_waits() {
    let (done, finished) = tokio::sync::oneshot::channel();
    let done = Mutex::new(Some(done));
    let run = move |_, _| {
        let done = done.lock().unwrap().take();
        async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _ = done.map(|done| done.send(()));
            Ok(Value::Null)
        }
    };
    let told = Arc::new(Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    let mizan = Builder::empty()
        .functions(user())
        .function(Function::dynamic("slow", vec![param("user_id")], run).affects("user"))
        .on_invalidation(move |targets| tells.lock().unwrap().extend_from_slice(targets))
        .limits(Limits { call_timeout: Duration::from_millis(5), ..Limits::default() })
        .build()
        .unwrap();
    let reply = call(&mizan, "slow", json!({"user_id": 5})).await;
    assert_eq!((reply.status(), reply.header("retry-after")), (503, Some("1")));
    assert_eq!(mizan.live_calls(), 1);
    mizan.stop().await;
    finished.await.unwrap();
    assert_eq!(
        json!(*told.lock().unwrap()),
        json!([{"context": "user", "params": {"user_id": 5}}])
    );
    let refused = call(&mizan, "slow", json!({"user_id": 5})).await;
    assert_eq!(refused.status(), 503);
}

#[tokio::test]
async fn calls_under_way_are_bounded() {
    let wait = |_, _| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(Value::Null)
    };
    let limits = Limits { calls: 4, ..Limits::default() };
    let slow = Function::dynamic("slow", Vec::new(), wait).at_once(2);
    let mizan = Builder::empty().function(slow).limits(limits).build().unwrap();
    let call = || async { call(&mizan, "slow", json!({})).await.status() };
    let (one, two, three) = tokio::join!(call(), call(), call());
    assert_eq!((one, two, three), (200, 200, 503));
    assert_eq!(call().await, 200);
}

#[client(context = "temperature")]
async fn temperature_read(degrees: f32) -> f32 {
    degrees
}

#[client(affects = "temperature", scope = [degrees])]
async fn set_temperature(degrees: f32) {
    let _ = degrees;
}

#[tokio::test]
async fn a_narrow_float_scopes_by_the_text_that_was_sent() {
    let mizan = build(mizan_core::functions![temperature_read, set_temperature]);
    let reply = call(&mizan, "set_temperature", json!({"degrees": 0.1})).await;
    assert_eq!(reply.header("x-mizan-invalidate"), Some("temperature;degrees=0.1"));
    assert_eq!(body(&reply)["invalidate"][0]["params"], json!({"degrees": 0.1}));
}

#[test]
fn a_registry_that_is_built_outside_of_a_runtime_has_one() {
    let mizan = build(user());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(read(&mizan, "notes", "")).0, 200);
}

#[tokio::test]
async fn the_schema_is_shown_only_where_it_is_exposed() {
    let get = get("/api/mizan/schema/", "");
    assert_eq!(send(&build(user()), &get, "").await.status(), 404);
    let mizan = Builder::empty().functions(user()).expose_schema(true).build().unwrap();
    let reply = send(&mizan, &get, "").await;
    let document: mizan_core::Document = serde_json::from_slice(reply.body()).unwrap();
    assert_eq!(document, mizan.document());
}

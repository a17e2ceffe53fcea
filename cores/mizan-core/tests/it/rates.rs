//! How often functions may be run: what is counted, for whom, and what the refusal is.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, Function, Identity, IdentityFuture, Mizan, UserStore, client, functions,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{build, call, function, get, param, read, view};

fn stranger(address: [u8; 4]) -> SocketAddr {
    SocketAddr::from((address, 5))
}

/// How many of several requests are let in; the others are refused as they must be.
async fn let_in(mizan: &Mizan, requests: usize, request: impl Fn(usize) -> TestRequest) -> usize {
    let mut allowed = 0;
    for at in 0..requests {
        let response = request(at).send(mizan).await;
        if response.status() == 429 {
            check_refusal(&response);
        } else {
            allowed += 1;
        }
    }
    allowed
}

#[track_caller]
fn check_refusal(response: &TestResponse) {
    let error = &response.json()["error"];
    assert_eq!(error["code"], "TOO_MANY_REQUESTS");
    assert!(response.json().get("invalidate").is_none());
    assert_eq!(response.header("x-mizan-invalidate"), None);
    let wait: u64 = response.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    assert_eq!(error["message"], format!("too many requests: try again in {wait} s"));
}

#[tokio::test]
async fn each_caller_has_a_rate_of_their_own() {
    let mizan = build([function("m", &[]).rate("3/d"), function("other", &[]).rate("3/d")]);
    let from = |address| move |_| TestRequest::call_named("m").peer(stranger(address));
    assert_eq!(let_in(&mizan, 10, from([192, 0, 2, 1])).await, 3);
    assert_eq!(let_in(&mizan, 10, from([192, 0, 2, 2])).await, 3);
    let signed_in = |subject| {
        move |_| {
            let request = TestRequest::call_named("m").peer(stranger([192, 0, 2, 1]));
            request.as_user(Identity::new(subject))
        }
    };
    assert_eq!(let_in(&mizan, 10, signed_in("7")).await, 3);
    assert_eq!(let_in(&mizan, 10, signed_in("8")).await, 3);
    let other = |_| TestRequest::call_named("other").peer(stranger([192, 0, 2, 1]));
    assert_eq!(let_in(&mizan, 10, other).await, 3, "another function counts for itself");
    let body = refused_body(&mizan).await;
    assert_eq!(body["error"]["code"], "TOO_MANY_REQUESTS");
}

async fn refused_body(mizan: &Mizan) -> serde_json::Value {
    let request = TestRequest::call_named("m").peer(stranger([192, 0, 2, 1]));
    request.send(mizan).await.json()
}

#[tokio::test]
async fn a_value_has_a_rate_whoever_calls_and_however_it_is_sent() {
    let form = view("form", &["name:text"]).route("/form/").rate("3/d by name");
    let path =
        view("path", &["name:text"]).route("/path/<name>/").method("GET").rate("3/d by name");
    let mizan = build([function("m", &["name:text", "id?"]).rate("3/d by name"), form, path]);
    let call = |at: usize| {
        // One text in several spellings, from many addresses.
        let name = ["\"a\"", "\"\\u0061\"", " \"a\" "][at % 3];
        let body = format!(r#"{{"fn":"m","args":{{"id":{at},"name":{name}}}}}"#);
        let request = TestRequest::call_named("m").body(body);
        request.peer(stranger([192, 0, 2, u8::try_from(at).unwrap()]))
    };
    assert_eq!(let_in(&mizan, 12, call).await, 3);
    assert_eq!(let_in(&mizan, 12, |_| TestRequest::call_named("m").arg("name", "b")).await, 3);
    let form = |_| TestRequest::new("POST", "/form/").form(&[("name", "a")]);
    assert_eq!(let_in(&mizan, 12, form).await, 3);
    let path = |at: usize| TestRequest::new("GET", ["/path/a/", "/path/%61/"][at % 2]);
    assert_eq!(let_in(&mizan, 12, path).await, 3);
}

/// A name in the form in which it is compared.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(from = "String")]
#[schemars(with = "String")]
struct Folded(String);

impl From<String> for Folded {
    fn from(text: String) -> Self {
        Self(text.trim().to_lowercase())
    }
}

#[client(rate = "3/d by name")]
async fn try_name(name: Folded, password: String) {
    let _ = (name.0, password);
}

#[tokio::test]
async fn a_value_is_what_its_type_reads() {
    let mizan = build(functions![try_name]);
    let call = |at: usize| {
        let name = ["bob", "Bob", " BOB "][at % 3];
        TestRequest::call(try_name).arg("name", name).arg("password", "x".repeat(at))
    };
    assert_eq!(let_in(&mizan, 12, call).await, 3);
}

#[tokio::test]
async fn a_rate_comes_before_guard_arguments_and_function() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let run = move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(serde_json::Value::Null) }
    };
    let made = Function::dynamic("m", vec![param("id"), param("name:text")], run);
    let made = made.auth_required().affects("c").rate("2/d").rate("5/d by name");
    let mizan = build([made, function("read", &[]).context("c")]);
    let statuses = async |args: serde_json::Value| {
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(call(&mizan, "m", args.clone()).await.status());
        }
        all
    };
    assert_eq!(statuses(json!({"id": 1, "name": "a"})).await, [401, 401, 429]);
    assert_eq!(statuses(json!({"id": "x"})).await, [429, 429, 429]);
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    // What the first rate refused, the second has not counted.
    let send = |subject: usize, args: serde_json::Value| {
        let request = TestRequest::call_named("m").as_user(Identity::new(subject.to_string()));
        let body = json!({"fn": "m", "args": args}).to_string();
        request.body(body)
    };
    let good = |at| send(at, json!({"id": 1, "name": "a"}));
    assert_eq!(let_in(&mizan, 10, good).await, 3, "two of five are counted for strangers");
    // An argument that cannot be read is a fault and no run.
    let faulty = |at| send(at, json!({"id": 1, "name": 5}));
    assert_eq!(let_in(&mizan, 10, |at| faulty(100 + at)).await, 10);
}

#[tokio::test]
async fn a_bundle_counts_each_member_that_is_wanted() {
    let one = function("one", &["id"]).context("c").rate("4/d");
    let two = function("two", &["id"]).context("c").rate("2/d by id");
    let mizan = build([one, two]);
    let statuses = async |queries: &[&str]| {
        let mut all = Vec::new();
        for query in queries {
            all.push(read(&mizan, "c", query).await.0);
        }
        all
    };
    assert_eq!(statuses(&["id=1", "id=1", "id=1", "id=2"]).await, [200, 200, 429, 200]);
    // The refused read has counted nothing for `one`.
    assert_eq!(statuses(&["id=2&mizan.only=one", "id=2&mizan.only=one"]).await, [200, 429]);
    assert_eq!(statuses(&["id=2&mizan.only=two", "id=2&mizan.only=two"]).await, [200, 429]);
}

#[tokio::test]
async fn strangers_have_a_rate_of_reads_and_one_of_calls() {
    let members = [function("one", &[]).context("c"), function("two", &[]).context("c")];
    let page = view("page", &[]).route("/page/").method("GET");
    let builder = Builder::empty().functions(members).function(page).function(function("m", &[]));
    let builder = builder.limit_anonymous_reads("6/d").limit_anonymous_calls("2/d");
    let mizan = builder.build().unwrap();
    let address = stranger([192, 0, 2, 1]);
    let bundle = |_| get("/api/mizan/ctx/c/", "").peer(address);
    let page = |_| TestRequest::new("GET", "/page/").peer(address);
    let call = |_| TestRequest::call_named("m").peer(address);
    assert_eq!(let_in(&mizan, 2, bundle).await, 2, "two runs each");
    assert_eq!(let_in(&mizan, 5, page).await, 2);
    assert_eq!(let_in(&mizan, 5, bundle).await, 0);
    assert_eq!(let_in(&mizan, 5, call).await, 2);
    let user = || Identity::new("7");
    assert_eq!(let_in(&mizan, 20, |at| bundle(at).as_user(user())).await, 20);
    assert_eq!(let_in(&mizan, 20, |at| call(at).as_user(user())).await, 20);
    let other = |_| get("/api/mizan/ctx/c/", "").peer(stranger([192, 0, 2, 9]));
    assert_eq!(let_in(&mizan, 5, other).await, 3);
}

/// No one.
struct NoUsers;

impl UserStore for NoUsers {
    fn identity<'a>(&'a self, _: &'a str) -> IdentityFuture<'a> {
        Box::pin(async { Ok(None) })
    }
}

#[tokio::test]
async fn changes_of_sessions_have_a_rate_by_default() {
    let builder = || Builder::empty().allow_empty().users(NoUsers);
    let paths = ["jwt/", "refresh/", "mwt/", ""];
    let change = |at: usize| {
        let path = paths[at % 4];
        let method = if path.is_empty() { "DELETE" } else { "POST" };
        let request = TestRequest::new(method, &format!("/api/mizan/session/{path}"));
        request.header("content-type", "application/json").body(r#"{"refresh":"x"}"#)
    };
    for (builder, most) in [
        (builder(), 3_000),
        (builder().limit_session_endpoints("8/d"), 8),
        (builder().limit_session_endpoints(None), 4_000),
    ] {
        let allowed = let_in(&builder.build().unwrap(), 4_000, change).await;
        // The default lets in fifty more for each second that this takes.
        assert!((most..most + most / 2).contains(&allowed) || allowed == most, "{allowed}, {most}");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_names_the_caller() {
    let builder = Builder::empty().function(function("m", &[]).rate("2/d"));
    let mizan = builder.trusted_proxies(["10.0.0.0/8"]).build().unwrap();
    for (peer, counted) in [
        ("10.1.2.3", None),
        ("::ffff:10.1.2.3", None),
        ("127.0.0.9", None),
        ("::1", None),
        ("192.0.2.1", Some("192.0.2.1")),
        ("::ffff:192.0.2.1", Some("192.0.2.1")),
        ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
    ] {
        let counted = counted.map(|address| address.parse().unwrap());
        assert_eq!(mizan.counted_address(peer.parse().unwrap()), counted, "{peer}");
    }
    let by = |proxy: [u8; 4], list: String| {
        let request = TestRequest::call_named("m").header("x-forwarded-for", list);
        request.peer(stranger(proxy))
    };
    let spoofed = |at: usize| by([192, 0, 2, 1], format!("198.51.100.{at}"));
    assert_eq!(let_in(&mizan, 10, spoofed).await, 2);
    let made_up = |at: usize| by([10, 0, 0, 1], format!("198.51.100.{at}, 203.0.113.1"));
    assert_eq!(let_in(&mizan, 10, made_up).await, 2);
    let others = |at: usize| by([10, 0, 0, 1], format!("203.0.113.1, 198.51.100.{at}"));
    assert_eq!(let_in(&mizan, 10, others).await, 10);
}

#[test]
fn mistakes_in_rates_are_reported_at_once() {
    let builder = Builder::empty()
        .function(
            function("m", &["id"]).rate("0/min").rate("5/min by name").rate("5/min").rate("5/min"),
        )
        .limit_anonymous_reads("many")
        .limit_anonymous_calls("5/m")
        .limit_session_endpoints("")
        .trusted_proxies(["proxy.example"]);
    let error = builder.build().unwrap_err().to_string();
    for words in [
        "`0/min`, a rate of `m`, is not a rate",
        "`5/min by name`, a rate of `m`, counts by `name`, which is not an argument of it",
        "`m` has the rate `5/min` twice",
        "`many`, given to `.limit_anonymous_reads(…)`, is not a rate",
        "`5/m`, given to `.limit_anonymous_calls(…)`, is not a rate",
        "``, given to `.limit_session_endpoints(…)`, is not a rate",
        "`proxy.example` is not a trusted proxy",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn the_manifest_has_rates_and_shares_and_the_schema_has_not() {
    let read = function("read", &["id"]).context("c").rate("5/min by id");
    let write = function("write", &[]).affects("c").rate("5/min").at_once(7);
    let mizan = build([read, write]);
    let manifest = serde_json::to_value(mizan.manifest()).unwrap();
    assert_eq!(manifest["contexts"]["c"]["functions"][0]["rate"], json!(["5/min by id"]));
    assert_eq!(manifest["mutations"]["write"]["rate"], json!(["5/min"]));
    assert_eq!(manifest["mutations"]["write"]["at_once"], 7);
    let schema = serde_json::to_string(&mizan.document()).unwrap();
    assert!(!schema.contains("rate") && !schema.contains("at_once"), "{schema}");
}

//! Several reads in one request: each is answered as its own `GET` would be, in a line of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use mizan_core::dynamic::Param;
use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, CacheStatus, Error, Function, Identity, Limits, MemoryCache, Mizan, Visibility,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{get, param};

const BATCH: &str = "/api/mizan/ctx/";

pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect()
}

/// An entry: `context;name=value`.
pub(crate) fn entry(context: &str, params: &[(&str, &str)]) -> String {
    let pairs = params.iter().map(|(name, text)| format!(";{}={}", encoded(name), encoded(text)));
    std::iter::once(encoded(context)).chain(pairs).collect()
}

pub(crate) fn batch(entries: &[String]) -> TestRequest {
    let query: Vec<String> = entries.iter().map(|entry| format!("e={}", encoded(entry))).collect();
    get(BATCH, &query.join("&"))
}

/// The lines in the order in which they came; the last one says how many there are.
#[track_caller]
pub(crate) fn lines(response: &TestResponse) -> Vec<Value> {
    assert_eq!(
        (response.status(), response.header("content-type")),
        (200, Some("application/x-ndjson"))
    );
    let text = std::str::from_utf8(response.body()).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let end = lines.pop().unwrap();
    assert_eq!(end, json!({ "end": lines.len() }));
    lines
}

/// The lines by position.
#[track_caller]
pub(crate) fn sorted(response: &TestResponse) -> Vec<Value> {
    let mut lines = lines(response);
    lines.sort_by_key(|line| line["e"].as_u64());
    lines.iter().enumerate().for_each(|(at, line)| assert_eq!(line["e"], at));
    lines
}

fn reads(name: &'static str, params: &[&str]) -> Function {
    let params: Vec<Param> = params.iter().map(|text| param(text)).collect();
    let read = Function::dynamic(name, params, move |args, _| async move {
        match name {
            "fails" => Err(Error::internal("secret")),
            "panics" => panic!("secret"),
            "missing" => Err(Error::not_found("no such thing")),
            "hangs" => std::future::pending().await,
            _ => Ok(Value::Object(args)),
        }
    });
    read.context(name).visibility(Visibility::Public)
}

fn mizan() -> Mizan {
    let functions = [
        reads("user", &["user_id", "page=1"]),
        reads("tagged", &["tags:list", "level?:float"]),
        reads("fails", &[]),
        reads("panics", &[]),
        reads("missing", &[]),
        reads("hangs", &[]),
        reads("mine", &[]).auth_required(),
        reads("raw", &[]).visibility(Visibility::Raw),
    ];
    Builder::empty().functions(functions).cache(MemoryCache::default()).build().unwrap()
}

#[tokio::test]
async fn each_entry_is_answered_as_its_own_get() {
    let mizan = mizan();
    let entries = [
        entry("user", &[("user_id", "5")]),
        entry("tagged", &[("tags", r#"["a","ü;,= "]"#), ("level", "1e3")]),
        entry("tagged", &[("tags", "[]")]),
        entry("user", &[("page", "2"), ("user_id", " 05 ")]),
        entry("user", &[]),
        entry("nothing", &[]),
        entry("missing", &[]),
        entry("mine", &[]),
        entry("fails", &[]),
        entry("panics", &[]),
        entry("raw", &[]),
        entry("tagged", &[("tags", "a")]),
        "user;user_id".into(),
        "user, user".into(),
        entry("user", &[("user_id", "5")]),
    ];
    let response = batch(&entries).send(&mizan).await;
    assert_eq!(response.header("x-accel-buffering"), Some("no"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let lines = sorted(&response);
    let user = |page: i64| json!({ "user": { "user_id": 5, "page": page } });
    assert_eq!(lines[0], json!({ "e": 0, "data": user(1), "cache": "MISS" }));
    assert_eq!(lines[1]["data"]["tagged"], json!({ "tags": ["a", "ü;,= "], "level": 1000.0 }));
    assert_eq!(lines[2]["data"]["tagged"]["tags"], json!([]));
    assert_eq!(lines[3]["data"], user(2));
    assert_eq!(lines[14]["data"], user(1));
    for (at, status, code) in [
        (4, 422, "VALIDATION_ERROR"),
        (5, 404, "NOT_FOUND"),
        (6, 404, "NOT_FOUND"),
        (7, 401, "UNAUTHORIZED"),
        (8, 500, "INTERNAL_ERROR"),
        (9, 500, "INTERNAL_ERROR"),
        (10, 400, "BAD_REQUEST"),
        (11, 422, "VALIDATION_ERROR"),
        (12, 400, "BAD_REQUEST"),
        (13, 400, "BAD_REQUEST"),
    ] {
        let found = (&lines[at]["status"], &lines[at]["error"]["code"]);
        assert_eq!(found, (&json!(status), &json!(code)), "{at}");
    }
    assert!(!String::from_utf8_lossy(response.body()).contains("secret"));
    // What was read is an entry of the cache like any other.
    let alone = get("/api/mizan/ctx/user/", "user_id=5").send(&mizan).await;
    assert_eq!(alone.cache_status(), Some(CacheStatus::Hit));
    let again = sorted(&batch(&entries[..1]).send(&mizan).await);
    assert_eq!(again, [json!({ "e": 0, "data": user(1), "cache": "HIT" })]);
    // Who is signed in is found out once, and holds for every entry.
    let mine = batch(&[entry("mine", &[])]).as_user(Identity::new("7")).send(&mizan).await;
    assert_eq!(sorted(&mine)[0]["data"], json!({ "mine": {} }));
}

#[tokio::test]
async fn an_entry_that_is_there_twice_is_read_once() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let read = Function::dynamic("user", vec![param("user_id")], move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(json!(1)) }
    });
    let mizan = Builder::empty().functions([read.context("user")]).build().unwrap();
    let one = entry("user", &[("user_id", "5")]);
    // No member declares what it sees, so each sees the whole request.
    assert_eq!(sorted(&batch(std::slice::from_ref(&one)).send(&mizan).await)[0]["status"], 400);
    let counted = Arc::clone(&runs);
    let read = Function::dynamic("user", vec![param("user_id")], move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(json!(1)) }
    });
    let read = read.context("user").visibility(Visibility::User);
    let mizan = Builder::empty().functions([read]).build().unwrap();
    let lines = sorted(&batch(&vec![one; 64]).send(&mizan).await);
    assert_eq!((lines.len(), runs.load(Ordering::SeqCst)), (64, 1));
    assert!(lines.iter().all(|line| line["data"] == json!({ "user": 1 })));
}

#[tokio::test]
async fn a_batch_has_bounds() {
    let mizan = mizan();
    let user = |id: usize| entry("user", &[("user_id", &id.to_string())]);
    let all: Vec<String> = (0..65).map(user).collect();
    assert_eq!(sorted(&batch(&all[..64]).send(&mizan).await).len(), 64);
    let long = vec![entry("user", &[("user_id", &"5".repeat(200))]); 60];
    for refused in [batch(&all), batch(&long), get(BATCH, ""), get(BATCH, "f=user")] {
        let response = refused.send(&mizan).await;
        assert_eq!((response.status(), &*response.code()), (400, "BAD_REQUEST"));
    }
    let other = TestRequest::new("DELETE", BATCH).send(&mizan).await;
    assert_eq!((other.status(), other.header("allow")), (405, Some("GET, POST")));
}

fn posted(entries: &Value) -> TestRequest {
    let request = TestRequest::new("POST", BATCH).header("content-type", "application/json");
    request.body(json!({ "entries": entries }).to_string())
}

#[tokio::test]
async fn what_does_not_fit_a_url_is_read_by_a_body() {
    let mizan = mizan();
    let ids = |count: usize| (0..count).map(|id| id.to_string()).collect::<Vec<_>>();
    let tagged = |tags: Vec<String>| json!({ "context": "tagged", "params": { "tags": tags } });
    let entries = json!([
        tagged(ids(1_000)),
        tagged(ids(10_001)),
        { "context": "user", "params": { "user_id": 5 } },
        { "context": "user", "params": { "user_id": "5" } },
        { "context": "user", "params": [5] },
        { "context": "raw" },
    ]);
    let lines = sorted(&posted(&entries).send(&mizan).await);
    assert_eq!(lines[0]["data"]["tagged"]["tags"], json!(ids(1_000)));
    let field = &lines[1]["error"]["details"]["fields"]["tags"][0];
    assert_eq!(
        (&lines[1]["status"], field),
        (&json!(422), &json!("a list has at most 10000 elements"))
    );
    assert_eq!(lines[2]["data"]["user"], json!({ "user_id": 5, "page": 1 }));
    let statuses: Vec<_> = lines[3..].iter().map(|line| line["status"].clone()).collect();
    assert_eq!(statuses, [422, 400, 400]);
    let again = get("/api/mizan/ctx/user/", "user_id=5").send(&mizan).await;
    assert_eq!(again.cache_status(), Some(CacheStatus::Hit), "one key, however it is read");
    // It changes nothing, so a page of this site needs no token, and one of another is refused.
    let user = json!([{ "context": "user", "params": { "user_id": 5 } }]);
    let from = |site: &str| {
        let request = posted(&user).header("cookie", "mizan_session=1");
        request.header("sec-fetch-site", site)
    };
    assert_eq!(from("same-origin").send(&mizan).await.status(), 200);
    assert_eq!(from("cross-site").send(&mizan).await.status(), 403);
    for (request, status) in [
        (TestRequest::new("POST", BATCH).body("{}"), 415),
        (posted(&json!([])), 400),
        (posted(&json!({})), 400),
        (posted(&Value::from(vec![user[0].clone(); 65])), 400),
    ] {
        assert_eq!(request.send(&mizan).await.status(), status);
    }
}

/// A set that keeps the order in which it was read.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Ordered(#[schemars(with = "std::collections::BTreeSet<i64>")] Vec<i64>);

#[mizan_core::client(context = "ordered")]
async fn ordered(ids: Ordered) -> Vec<i64> {
    ids.0
}

#[tokio::test]
async fn a_set_in_a_body_is_read_in_the_order_of_its_key() {
    let mizan = Builder::empty().functions(mizan_core::functions![ordered]).build().unwrap();
    let entries = json!([{ "context": "ordered", "params": { "ids": [30, 1, 2, 1] } }]);
    let lines = sorted(&posted(&entries).send(&mizan).await);
    let alone = get("/api/mizan/ctx/ordered/", "ids=30&ids=1&ids=2&ids=1").send(&mizan).await;
    assert_eq!(
        (&lines[0]["data"], alone.json()),
        (&json!({ "ordered": [1, 2, 30] }), json!({ "ordered": [1, 2, 30] }))
    );
}

#[tokio::test]
async fn an_entry_that_hangs_holds_back_no_other() {
    let limits = Limits { call_timeout: Duration::from_millis(300), ..Limits::default() };
    let functions = [reads("hangs", &[]), reads("user", &["user_id"])];
    let mizan = Builder::empty().functions(functions).limits(limits).build().unwrap();
    let mut entries: Vec<String> =
        (0..20).map(|id| entry("user", &[("user_id", &id.to_string())])).collect();
    entries.insert(0, entry("hangs", &[]));
    let lines = lines(&batch(&entries).send(&mizan).await);
    let (late, fast) = lines.split_last().unwrap();
    assert!(fast.iter().all(|line| line["data"].is_object()), "{fast:?}");
    assert_eq!((&late["e"], &late["status"]), (&json!(0), &json!(503)));
    assert_eq!((&late["error"]["code"], &late["retry_after"]), (&json!("UNAVAILABLE"), &json!(1)));
}

#[tokio::test]
async fn an_entry_counts_for_rates_as_its_own_get() {
    let read = reads("user", &["user_id"]).rate("3/d");
    let mizan = Builder::empty().functions([read]).build().unwrap();
    let user = |id: i64| entry("user", &[("user_id", &id.to_string())]);
    let lines = sorted(&batch(&[user(1), user(2), user(3), user(4)]).send(&mizan).await);
    assert!(lines[..3].iter().all(|line| line["data"].is_object()), "{lines:?}");
    assert_eq!(lines[3]["status"], 429);
    assert!(lines[3]["retry_after"].as_u64().is_some_and(|seconds| seconds > 0));
    let alone = get("/api/mizan/ctx/user/", "user_id=1").send(&mizan).await;
    assert_eq!(alone.status(), 429);
}

/// One for all cases: an entry that is known from another case is the same entry.
static SHARED: LazyLock<Mizan> = LazyLock::new(mizan);

fn alone() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// What a parameter may be sent as.
fn params() -> impl Strategy<Value = (i64, Vec<String>, Option<f64>)> {
    (any::<i32>(), prop::collection::vec(".{0,6}", 0..4), prop::option::of(-1e9..1e9))
        .prop_map(|(id, tags, level)| (i64::from(id), tags, level))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// One key for an entry, whichever way it is read.
    #[test]
    fn a_batch_and_a_get_name_the_same_entry((id, tags, level) in params()) {
        alone().block_on(async {
            let mizan = &*SHARED;
            let texts = Value::from(tags.clone()).to_string();
            let level_text = level.map(|level| level.to_string());
            let mut of_tagged = vec![("tags", &*texts)];
            of_tagged.extend(level_text.as_deref().map(|text| ("level", text)));
            let entries = [entry("user", &[("user_id", &id.to_string())]), entry("tagged", &of_tagged)];
            let lines = sorted(&batch(&entries).send(mizan).await);
            let alone = TestRequest::read_named("user").param("user_id", id).send(mizan).await;
            assert_eq!((alone.cache_status(), alone.json()), (Some(CacheStatus::Hit), lines[0]["data"].clone()));
            let alone = TestRequest::read_named("tagged").param("tags", &tags).param("level", level);
            let alone = alone.send(mizan).await;
            assert_eq!((alone.cache_status(), alone.json()), (Some(CacheStatus::Hit), lines[1]["data"].clone()));
        });
    }

}

/// No list takes longer than this, on a busy machine either.
const LONGEST: Duration = Duration::from_secs(2);

/// A line of an entry is not longer than this.
const LONGEST_LINE: usize = 1_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Whatever is sent, each entry has a line and none is an error of the server; time and bytes are bounded.
    #[test]
    fn hostile_entries_are_refused_each_in_its_line(
        entries in prop::collection::vec("(user|tagged|mine|raw|[^&#]{0,3})(;(user_id|tags|[a-z\\[\\]%]{0,5})=?[0-9a-z%\\[\\]\",;=+]{0,20}){0,4}", 1..70),
    ) {
        alone().block_on(async {
            let query: Vec<String> = entries.iter().map(|entry| format!("e={}", encoded(entry))).collect();
            let began = std::time::Instant::now();
            let response = get(BATCH, &query.join("&")).send(&SHARED).await;
            assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
            assert!(response.body().len() <= (entries.len() + 1) * LONGEST_LINE);
            if response.status() == 400 {
                assert!(entries.len() > 64 || query.join("&").len() > 8_000);
                return;
            }
            let lines = sorted(&response);
            assert_eq!(lines.len(), entries.len());
            let status = |line: &Value| line["status"].as_u64().unwrap_or(200);
            assert!(lines.iter().all(|line| status(line) < 500), "{lines:?}");
        });
    }
}

#[tokio::test]
async fn the_manifest_says_what_an_edge_may_do_with_a_batch() {
    let mizan = mizan();
    let manifest = json!(mizan.manifest());
    assert_eq!(manifest["batch"], json!({ "endpoint": BATCH, "get": "split", "post": "origin" }));
    let contexts = manifest["contexts"].as_object().unwrap();
    // The origin treats an entry of each as the manifest says.
    for (name, context) in contexts.iter().filter(|(name, _)| **name != "hangs") {
        let line = &sorted(&batch(&[entry(name, &[("id", "1")])]).send(&mizan).await)[0];
        let is_refused =
            line["error"]["message"].as_str().is_some_and(|text| text.contains("a GET of its own"));
        assert_eq!(is_refused, context.get("batch") == Some(&json!(false)), "{name}: {line}");
    }
    assert_eq!(contexts["raw"]["batch"], json!(false));
}

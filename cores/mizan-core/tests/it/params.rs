//! `X-Mizan-Params`: a client that has sent other texts than those of the entry gets those of the entry.

use std::collections::BTreeSet;

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, CacheStatus, Context, Cors, MemoryCache, Mizan, client, functions, invalidate_header,
};
use serde_json::{Value, json};

use crate::support::{get, json_request};

#[derive(Context)]
struct ThingContext;

#[derive(Context)]
struct SetContext;

#[client(context = ThingContext)]
async fn thing(id: i64, level: Option<f64>, tags: Option<Vec<f64>>) -> String {
    format!("{id} {level:?} {tags:?}")
}

#[client(context = ThingContext)]
async fn paged(id: i64, #[default = 1] page: u32) -> String {
    format!("{id} {page}")
}

#[client(context = SetContext)]
async fn chosen(ids: BTreeSet<u32>, text: Option<String>) -> String {
    format!("{ids:?} {text:?}")
}

fn builder() -> Builder {
    let origin = Cors::origins(["https://app.example.org"]);
    Builder::empty().functions(functions![thing, paged, chosen]).cors(origin)
}

async fn read(mizan: &Mizan, context: &str, query: &str) -> TestResponse {
    let response = get(&format!("/api/mizan/ctx/{context}/"), query).send(mizan).await;
    assert_eq!(response.status(), 200, "{query}: {}", response.json());
    response
}

/// What the response to each query has, on a miss and on a hit of the cache, and without one.
async fn check(context: &str, cases: &[(&str, Option<&str>)]) {
    let cached = builder().cache(MemoryCache::default()).build().unwrap();
    let plain = builder().build().unwrap();
    for (query, expected) in cases {
        let uncached = read(&plain, context, query).await;
        assert_eq!((uncached.cache_status(), uncached.header("x-mizan-params")), (None, *expected));
        read(&cached, context, query).await;
        let hit = read(&cached, context, query).await;
        assert_eq!(hit.cache_status(), Some(CacheStatus::Hit));
        assert_eq!(hit.header("x-mizan-params"), *expected, "{query}");
        assert_eq!((uncached.body(), uncached.json()), (hit.body(), hit.json()), "{query}");
    }
    let fresh = builder().cache(MemoryCache::default()).build().unwrap();
    let miss = read(&fresh, context, cases[0].0).await;
    assert_eq!(miss.cache_status(), Some(CacheStatus::Miss));
    assert_eq!(miss.header("x-mizan-params"), cases[0].1);
}

#[tokio::test]
async fn a_read_carries_the_texts_of_its_entry_where_they_are_not_those_that_were_sent() {
    let cases = [
        ("id=%205&page=1", Some("thing;id=5;page=1")),
        ("id=05&page=2&level=1e2", Some("thing;id=5;level=100;page=2")),
        // A default is named where something is.
        ("id=05", Some("thing;id=5;page=1")),
        ("id=5&page=1&level=", Some("thing;id=5;page=1")),
        (
            "id=5&page=1&tags=1.0&tags=5e-1",
            Some("thing;id=5;page=1;tags=%5B%221%22%2C%220.5%22%5D"),
        ),
    ];
    check("thing", &cases).await;
    let cases = [
        ("ids=3&ids=1&ids=2", Some("set;ids=%5B%221%22%2C%222%22%2C%223%22%5D")),
        ("ids=1&ids=1", Some("set;ids=%5B%221%22%5D")),
    ];
    check("set", &cases).await;
}

#[tokio::test]
async fn nothing_is_sent_where_the_texts_agree() {
    let cases = [
        ("id=5&page=1", None),
        // What was left out is covered by every target.
        ("id=5", None),
        ("id=-9007199254740991&page=4294967295", None),
        ("page=1&id=5&unknown=7", None),
        // A float without a fraction has none in JavaScript.
        ("id=5&page=1&level=1", None),
        ("id=5&page=1&level=0", None),
        ("id=5&page=1&level=100000000000000000", None),
        ("id=5&page=1&level=1e%2B21", None),
        ("id=5&page=1&level=1e-7", None),
        ("id=5&page=1&level=0.1", None),
        ("id=5&page=1&tags=1&tags=0.5&tags=1", None),
        ("id=5&page=1&tags[]=", None),
    ];
    check("thing", &cases).await;
    let cases = [
        ("ids[]=", None),
        ("", None),
        ("ids=1&ids=2&ids=3", None),
        ("ids=10&ids=9", None),
        ("ids=1&text=a+b%22%5C%0A%C3%A9", None),
        ("ids=1&text=", None),
    ];
    check("set", &cases).await;
}

#[tokio::test]
async fn texts_that_are_too_long_are_the_context_alone() {
    let mizan = builder().build().unwrap();
    let told = async |letters: usize| {
        let query = format!("ids=2&ids=1&text={}", "a".repeat(letters));
        let response = read(&mizan, "set", &query).await;
        response.header("x-mizan-params").unwrap().to_owned()
    };
    let frame = told(1).await.len() - 1;
    assert_eq!(told(4096 - frame).await.len(), 4096);
    assert_eq!(told(4097 - frame).await, "set");
}

#[tokio::test]
async fn a_read_of_one_member_names_no_entry() {
    let mizan = builder().build().unwrap();
    let response = read(&mizan, "thing", "id=05&mizan.only=paged").await;
    assert_eq!(response.header("x-mizan-params"), None);
}

#[tokio::test]
async fn a_page_of_another_origin_may_read_the_texts() {
    let mizan = builder().build().unwrap();
    let request = TestRequest::new("GET", "/api/mizan/ctx/thing/").query("id=05");
    let response = request.header("origin", "https://app.example.org").send(&mizan).await;
    let exposed = response.header("access-control-expose-headers").unwrap();
    assert!(exposed.split(", ").any(|name| name == "x-mizan-params"), "{exposed}");
    assert_eq!(response.header("x-mizan-params"), Some("thing;id=5;page=1"));
}

/// The lines by position, without the last one.
fn lines(response: &TestResponse) -> Vec<Value> {
    let text = std::str::from_utf8(response.body()).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.pop();
    lines.sort_by_key(|line| line["e"].as_u64());
    lines
}

#[tokio::test]
async fn a_line_of_a_batch_has_the_texts_that_a_read_of_its_own_would() {
    let mizan = builder().cache(MemoryCache::default()).build().unwrap();
    let query = "e=thing%3Bid%3D05&e=thing%3Bid%3D5%3Bpage%3D1&e=thing%3Bid%3D05&e=set%3Bids%3D%255B%25222%2522%252C%25221%2522%255D";
    let (entry, set) = ("thing;id=5;page=1", "set;ids=%5B%221%22%2C%222%22%5D");
    for _miss_or_hit in 0..2 {
        let lines = lines(&get("/api/mizan/ctx/", query).send(&mizan).await);
        let params: Vec<&Value> = lines.iter().map(|line| &line["params"]).collect();
        assert_eq!(params, [&json!(entry), &Value::Null, &json!(entry), &json!(set)]);
        assert!(lines[1].get("params").is_none() && lines[1].get("data").is_some(), "{}", lines[1]);
        for text in [entry, set] {
            assert_eq!(invalidate_header::parse(text).unwrap().len(), 1);
        }
    }
    let entries = json!({ "entries": [
        { "context": "thing", "params": { "id": 5 } },
        { "context": "thing", "params": { "id": 5, "page": 1, "level": 1, "tags": [] } },
        { "context": "thing", "params": { "id": 5, "page": 1, "level": null } },
        { "context": "set", "params": { "ids": [2, 1, 2] } },
        { "context": "set", "params": { "ids": [1, 2] } },
        { "context": "thing", "params": { "id": "no" } },
    ] });
    let request = json_request("POST", "/api/mizan/ctx/").body(entries.to_string());
    let lines = self::lines(&request.send(&mizan).await);
    let params: Vec<Option<&str>> = lines.iter().map(|line| line["params"].as_str()).collect();
    assert_eq!(params, [None, None, None, Some(set), None, None]);
}

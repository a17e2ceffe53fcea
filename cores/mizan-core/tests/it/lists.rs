//! Lists that grow: their pages, their entries in a cache, and what makes them stale.

use std::sync::{Arc, Mutex};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, CacheStatus, Context, Desc, MemoryCache, Mizan, Page, Range, Request, Result, State,
    Target, client, functions,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{get, send};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
struct Order {
    stall_id: i64,
    at: i64,
    id: i64,
}

type Key = (Desc<i64>, i64);

/// All orders of all stalls.
#[derive(Clone, Default)]
struct Orders(Arc<Mutex<Vec<Order>>>);

impl Orders {
    /// Orders of two stalls, `count` of each.
    fn of(count: i64) -> Self {
        let order = |id| Order { stall_id: id % 2, at: id / 4, id };
        Self(Arc::new(Mutex::new((0..2 * count).map(order).collect())))
    }

    fn rows(&self, stall_id: i64, range: &Range<Key>) -> Vec<Order> {
        let mut rows = self.0.lock().unwrap().clone();
        rows.retain(|order| {
            let key = key(order);
            order.stall_id == stall_id
                && range.after().is_none_or(|after| key > *after)
                && range.until().is_none_or(|until| key <= *until)
        });
        rows.sort_by_key(key);
        rows.truncate(range.limit() as usize + 1);
        rows
    }
}

fn key(order: &Order) -> Key {
    (Desc(order.at), order.id)
}

#[derive(Context)]
struct GrowingContext;

/// The newest first.
#[client(context = GrowingContext)]
async fn growing(db: State<Orders>, stall_id: i64, range: Range<Key>) -> Result<Page<Order>> {
    Ok(range.page(db.rows(stall_id, &range), key))
}

/// What is neither `async` nor last among the arguments, with a rule of its own.
#[client(context = "growing_sync")]
fn growing_sync(
    db: State<Orders>,
    range: Range<Key>,
    #[garde(range(max = 7))] stall_id: i64,
) -> Result<Page<Order>> {
    Ok(range.page(db.rows(stall_id, &range), key))
}

/// Its arguments are called as parameters of the list.
#[client(affects = GrowingContext)]
async fn growing_add(db: State<Orders>, stall_id: i64, limit: u32, after: String) -> Order {
    let mut orders = db.0.lock().unwrap();
    let order = Order { stall_id, at: 1_000_000, id: i64::from(limit) + orders.len() as i64 };
    orders.push(order);
    let _ = after;
    order
}

/// Names a page in place of the list.
#[client(affects = GrowingContext)]
async fn growing_wrong(request: &Request) -> Result<()> {
    request.narrow_to([Target::context("growing").with("limit", 20)]).await
}

#[client(context = "growing_raw")]
async fn growing_other(stall_id: i64) -> i64 {
    stall_id
}

#[client(context = "growing_raw")]
async fn growing_company(range: Range<i64>, stall_id: i64) -> Page<i64> {
    range.page(vec![stall_id], |row| *row)
}

#[client(context = "growing_bare")]
async fn growing_no_page(range: Range<i64>) -> Vec<i64> {
    vec![i64::from(range.limit())]
}

#[client(context = "growing_long")]
async fn growing_long(range: Range<(String, String, String)>) -> Page<String> {
    range.page(Vec::new(), |row: &String| (row.clone(), row.clone(), row.clone()))
}

#[client(affects = GrowingContext, scope = [limit])]
async fn growing_scoped(stall_id: i64, limit: u32) {
    let _ = (stall_id, limit);
}

fn builder(orders: &Orders) -> Builder {
    let all = functions![growing, growing_sync, growing_add, growing_wrong];
    Builder::empty().functions(all).state(orders.clone())
}

async fn read(mizan: &Mizan, query: &str) -> TestResponse {
    send(mizan, &get("/api/mizan/ctx/growing/", query), "").await
}

async fn page(mizan: &Mizan, query: &str) -> (Vec<i64>, Option<String>) {
    let body = read(mizan, query).await.json();
    let page = &body["growing"];
    let ids = page["items"].as_array().unwrap_or_else(|| panic!("{body}"));
    (
        ids.iter().map(|order| order["id"].as_i64().unwrap()).collect(),
        page["next"].as_str().map(str::to_owned),
    )
}

#[tokio::test]
async fn a_list_is_read_page_by_page_to_its_end() {
    let orders = Orders::of(45);
    let mizan = builder(&orders).build().unwrap();
    let all: Vec<i64> = {
        let window = Range::new(None, None, 500).unwrap();
        orders.rows(1, &window).iter().map(|order| order.id).collect()
    };
    let (mut ids, mut next) = page(&mizan, "stall_id=1").await;
    assert_eq!(ids.len(), 20);
    while let Some(cursor) = next {
        let (more, then) = page(&mizan, &format!("stall_id=1&after={cursor}&limit=11")).await;
        ids.extend(more);
        next = then;
    }
    assert_eq!(ids, all);
}

#[tokio::test]
async fn a_window_is_read_again_up_to_its_end_though_the_row_there_is_gone() {
    let orders = Orders::of(30);
    let mizan = builder(&orders).build().unwrap();
    let (first, end) = page(&mizan, "stall_id=1").await;
    let end = end.unwrap();
    orders.0.lock().unwrap().retain(|order| order.id != first[19] && order.id != first[3]);
    orders.0.lock().unwrap().push(Order { stall_id: 1, at: 99, id: 500 });
    let (window, next) = page(&mizan, &format!("stall_id=1&until={end}&limit=500")).await;
    let mut expected = first.clone();
    expected.retain(|id| *id != first[19] && *id != first[3]);
    expected.insert(0, 500);
    assert_eq!((window, next), (expected, Some(end)));
}

#[tokio::test]
async fn a_cursor_or_a_limit_that_does_not_fit_is_a_422_on_its_name() {
    let mizan = builder(&Orders::of(30)).build().unwrap();
    let (_, next) = page(&mizan, "stall_id=1").await;
    let next = next.unwrap();
    for (query, field) in [
        ("after=5".to_owned(), "after"),
        (format!("until={next}-"), "until"),
        (format!("after={}", "-".repeat(5000)), "after"),
        ("after=a&after=b".into(), "after"),
        ("limit=0".into(), "limit"),
        ("limit=501".into(), "limit"),
        (format!("after={next}&limit=201"), "limit"),
        (format!("after={next}&until={next}&limit=501"), "limit"),
        ("limit=x".into(), "limit"),
    ] {
        let response = read(&mizan, &format!("stall_id=1&{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        let body = response.json();
        let fields = body["error"]["details"]["fields"].as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), [field], "{body}");
    }
}

#[tokio::test]
async fn a_list_may_be_sync_and_have_rules_for_other_arguments() {
    let mizan = builder(&Orders::of(30)).build().unwrap();
    let read = |query: &'static str| {
        let mizan = mizan.clone();
        async move { send(&mizan, &get("/api/mizan/ctx/growing_sync/", query), "").await }
    };
    let body = read("stall_id=0&limit=3").await.json();
    assert_eq!(body["growing_sync"]["items"].as_array().unwrap().len(), 3);
    assert_eq!(read("stall_id=8").await.status(), 422);
}

/// Reads until it is a hit, so that the read before has stored it.
async fn warm(mizan: &Mizan, query: &str) {
    for _ in 0..200 {
        if read(mizan, query).await.cache_status() == Some(CacheStatus::Hit) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("{query} is never a hit");
}

/// One call makes every page of its stall stale, and none of another.
async fn one_call_makes_all_pages_stale(mizan: Mizan) {
    let (_, next) = page(&mizan, "stall_id=1").await;
    let next = next.unwrap();
    let mut pages = vec!["stall_id=1".to_owned(), "stall_id=1&limit=5".into()];
    pages.push(format!("stall_id=1&after={next}"));
    pages.push(format!("stall_id=1&until={next}&limit=500"));
    for query in pages.iter().map(String::as_str).chain(["stall_id=0"]) {
        warm(&mizan, query).await;
    }
    // What is left out is the default: one entry.
    assert_eq!(read(&mizan, "stall_id=1&limit=20").await.cache_status(), Some(CacheStatus::Hit));
    let args = json!({"stall_id": 1, "limit": 5, "after": next});
    let called = crate::support::call(&mizan, "growing_add", args).await;
    assert_eq!(
        called.json()["invalidate"],
        json!([{"context": "growing", "params": {"stall_id": 1}}])
    );
    for query in &pages {
        assert_ne!(read(&mizan, query).await.cache_status(), Some(CacheStatus::Hit), "{query}");
    }
    assert_eq!(read(&mizan, "stall_id=0").await.cache_status(), Some(CacheStatus::Hit));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_makes_all_pages_stale_in_memory() {
    let builder = builder(&Orders::of(50)).cache(MemoryCache::default());
    one_call_makes_all_pages_stale(builder.build().unwrap()).await;
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: cargo xtask test"]
async fn one_call_makes_all_pages_stale_in_redis() {
    let server = mizan_faults::redis::RedisServer::start().unwrap();
    let cache = mizan_core::RedisCache::new(&server.url()).unwrap();
    let secret = mizan_core::Secret::new("a-secret-for-these-tests-0123456789").unwrap();
    let builder = builder(&Orders::of(50)).cache(cache).cache_secret(secret);
    one_call_makes_all_pages_stale(builder.build().unwrap()).await;
}

#[tokio::test]
async fn a_page_is_refreshed_by_a_call_as_the_window_that_it_sent() {
    let mizan = builder(&Orders::of(50)).build().unwrap();
    let (first, end) = page(&mizan, "stall_id=1").await;
    let (window, params) = (end.clone(), json!({"stall_id": 1, "until": end, "limit": 500}));
    let request = TestRequest::call(growing_add)
        .arg("stall_id", 1)
        .arg("limit", 5)
        .arg("after", "")
        .mounted("growing", json!({"stall_id": 0}))
        .mounted("growing", params);
    let body = request.send(&mizan).await.json();
    let refresh = body["refresh"].as_array().unwrap();
    assert_eq!((refresh.len(), &refresh[0]["at"]), (1, &json!(1)), "{body}");
    let page = &refresh[0]["data"]["growing"];
    let ids: Vec<&Value> =
        page["items"].as_array().unwrap().iter().map(|order| &order["id"]).collect();
    assert_eq!((ids.len(), ids[1]), (21, &json!(first[0])));
    assert_eq!(page["next"].as_str(), window.as_deref());
}

#[tokio::test]
async fn a_batch_reads_windows_and_pages() {
    let mizan = builder(&Orders::of(50)).build().unwrap();
    let (first, end) = page(&mizan, "stall_id=1").await;
    let end = end.unwrap();
    let query = format!(
        "e=growing%3Blimit%3D500%3Bstall_id%3D1%3Buntil%3D{end}&e=growing%3Bafter%3D{end}%3Bstall_id%3D1"
    );
    let response = send(&mizan, &get("/api/mizan/ctx/", &query), "").await;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |at: u64| {
        let line = lines.iter().find(|line| line["e"] == at).unwrap();
        line["data"]["growing"]["items"].as_array().unwrap().clone()
    };
    assert_eq!((of(0).len(), of(1).len()), (20, 20));
    assert_eq!(of(0)[0]["id"], first[0]);
}

#[tokio::test]
async fn what_part_of_a_list_is_read_is_in_no_target_and_no_shape() {
    let mizan = builder(&Orders::default()).build().unwrap();
    let (document, manifest) = (json!(mizan.document()), json!(mizan.manifest()));
    let params = |of: &Value| -> Vec<Value> {
        let params = of["params"].as_array().unwrap().iter();
        params.map(|param| json!([param["name"], param["range"], param["required"]])).collect()
    };
    let parts = [
        json!(["after", true, false]),
        json!(["limit", true, false]),
        json!(["stall_id", null, true]),
        json!(["until", true, false]),
    ];
    assert_eq!(params(&document["contexts"]["growing"]), parts);
    assert_eq!(
        document["functions"]["growing_add"]["affects"],
        json!([{"context": "growing", "params": ["stall_id"]}])
    );
    let context = &manifest["contexts"]["growing"];
    assert_eq!(context["params"], json!(["after", "limit", "stall_id", "until"]));
    assert_eq!((&context["range"], &context["shapes"]), (&json!(true), &json!([[], ["stall_id"]])));
    assert_eq!(manifest["mutations"]["growing_add"]["auto_scoped_params"], json!(["stall_id"]));
    // Nor does a function name a page at run time.
    let called = crate::support::call(&mizan, "growing_wrong", json!({})).await;
    assert_eq!(called.status(), 500);
}

#[test]
fn build_refuses_a_list_that_cannot_be_read_page_by_page() {
    let all = functions![
        growing,
        growing_company,
        growing_other,
        growing_no_page,
        growing_long,
        growing_scoped
    ];
    let built = Builder::empty().functions(all).state(Orders::default()).build();
    let text = built.map(|_| ()).map_err(|error| error.to_string()).unwrap_err();
    for part in [
        "`growing_company` has a `Range` and is not alone in context `growing_raw`",
        "give the list a context of its own",
        "`growing_no_page` has a `Range` and does not return a page",
        "return `Result<Page<T>>`: `Ok(range.page(rows, |row| key))`",
        "a cursor of `growing_long` may have 260 characters, and 256 is the most",
        "declare the texts of its key shorter, like `Text<20>` in place of `String`",
        "`scope` of `growing_scoped` names `limit`, which no target has",
    ] {
        assert!(text.contains(part), "{part}\n\n{text}");
    }
    assert!(text.starts_with("mizan found 4 problems"), "{text}");
}

#[tokio::test]
async fn a_list_is_an_ordinary_function_in_unit_tests() {
    let page = growing(State::new(Orders::of(30)), 1, Range::first()).await.unwrap();
    assert_eq!((page.items.len(), page.next().is_some()), (20, true));
}

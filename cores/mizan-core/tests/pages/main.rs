//! Views that are components: rendered by a real worker, kept while nothing changes, and rendered again ahead.

#![cfg(feature = "pages")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod kept;
mod listed;
mod live;
#[cfg(feature = "redis")]
mod race;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, Context, Identity, MemoryCache, Mizan, Pages, State, UserRequest, View, client,
    functions,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Context)]
struct StallContext;

#[derive(Context)]
struct NoticeContext;

#[derive(Context)]
struct OwnContext;

/// A market: a price for each stall, a notice, and what was run.
#[derive(Clone, Default)]
struct Market {
    prices: Arc<Mutex<[i64; 10]>>,
    notice: Arc<Mutex<String>>,
    shown: Arc<AtomicUsize>,
}

impl Market {
    fn price(&self, stall: i64) -> i64 {
        let at = usize::try_from(stall).unwrap_or_default();
        self.prices.lock().unwrap().get(at).copied().unwrap_or_default()
    }

    fn shown(&self) -> usize {
        self.shown.load(Ordering::SeqCst)
    }
}

#[client(context = StallContext)]
fn price(market: State<Market>, stall_id: i64) -> i64 {
    market.price(stall_id)
}

#[client(context = OwnContext)]
fn greeting(request: &UserRequest) -> String {
    request.user().map_or_else(|| "hello".into(), |user| format!("hello {}", user.subject()))
}

#[client(affects = StallContext)]
fn set_price(market: State<Market>, stall_id: i64, price: i64) {
    let at = usize::try_from(stall_id).unwrap_or_default();
    market.prices.lock().unwrap()[at] = price;
}

#[client(context = NoticeContext)]
fn notice(market: State<Market>) -> String {
    market.notice.lock().unwrap().clone()
}

#[client(affects = NoticeContext)]
fn set_notice(market: State<Market>, text: String) {
    *market.notice.lock().unwrap() = text;
}

/// Its props come from the notice, which is its own context; its bundles from the stall, and from whoever looks.
#[client(context = NoticeContext, route = "/stalls/<stall_id>/", methods = ["GET"])]
fn stall_page(market: State<Market>, stall_id: i64) -> View {
    market.shown.fetch_add(1, Ordering::SeqCst);
    let note = market.notice.lock().unwrap().clone();
    View::page("Stall", json!({ "note": note }))
        .with::<StallContext>(json!({ "stall_id": stall_id }))
        .with::<OwnContext>(())
        .with_header("x-own", "1")
}

/// The same for whoever looks at it.
#[client(context = NoticeContext, route = "/own/<stall_id>/", methods = ["GET"])]
fn own_page(request: &UserRequest, stall_id: i64) -> View {
    let who = request.user().map(|user| user.subject().to_owned());
    View::page("Stall", json!({ "note": who }))
        .with::<StallContext>(json!({ "stall_id": stall_id }))
        .with::<OwnContext>(())
}

#[client(context = NoticeContext, route = "/throw/", methods = ["GET"])]
fn throw_page() -> View {
    View::page("Throw", json!({})).with::<StallContext>(json!({ "stall_id": 1 }))
}

#[client(context = NoticeContext, route = "/die/<round>/", methods = ["GET"], cache = false)]
fn die_page(round: u64) -> View {
    View::page("Die", json!({ "round": round }))
}

#[client(context = NoticeContext, route = "/slow/<ms>/", methods = ["GET"])]
fn slow_page(ms: u64) -> View {
    View::page("Slow", json!({ "ms": ms }))
}

#[derive(Serialize, JsonSchema)]
struct ListedPage {
    stall_id: i64,
}

#[client(private)]
fn listing() -> Vec<ListedPage> {
    (1..=3).map(|stall_id| ListedPage { stall_id }).collect()
}

#[client(context = NoticeContext, route = "/listed/<stall_id>/", methods = ["GET"], pages = listing)]
fn listed_page(stall_id: i64) -> View {
    View::page("Stall", json!({ "note": stall_id }))
        .with::<StallContext>(json!({ "stall_id": stall_id }))
}

#[client(context = NoticeContext, route = "/gone/", methods = ["GET"])]
fn gone_page() -> View {
    View::page("Stall", json!({ "note": "gone" })).with_status(404)
}

/// A folder as Vite writes it, with a manifest and nothing else.
fn client_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages-client");
    let manifest = r#"{"src/main.js": {"file": "assets/main-1.js", "isEntry": true, "css": ["assets/main-2.css"]}}"#;
    fs::create_dir_all(folder.join(".vite")).unwrap();
    let path = folder.join(".vite/manifest.json");
    if fs::read_to_string(&path).ok().as_deref() != Some(manifest) {
        fs::write(path, manifest).unwrap();
    }
    folder
}

fn pages() -> Pages {
    let worker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/worker.mjs");
    Pages::new(client_folder())
        .worker(worker)
        .workers(1)
        .deadline(Duration::from_secs(20))
        .wait(Duration::from_secs(20))
}

fn builder(market: &Market, pages: Pages) -> Builder {
    let all = functions![
        price, greeting, set_price, notice, set_notice, stall_page, own_page, throw_page,
        slow_page, die_page, gone_page,
    ];
    Builder::empty().functions(all).state(market.clone()).pages(pages)
}

async fn call(mizan: &Mizan, function: &str, args: Value) {
    let args = args.as_object().unwrap().iter();
    let request = args
        .fold(TestRequest::call_named(function), |request, (name, value)| request.arg(name, value));
    assert_eq!(request.send(mizan).await.status(), 200);
}

async fn get(mizan: &Mizan, path: &str) -> TestResponse {
    TestRequest::new("GET", path).send(mizan).await
}

async fn text(mizan: &Mizan, path: &str) -> String {
    let response = get(mizan, path).await;
    assert_eq!(response.status(), 200, "{path}: {}", String::from_utf8_lossy(response.body()));
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// The JSON that the browser gets.
#[track_caller]
fn data(page: &str) -> Value {
    let after =
        page.split("<script type=\"application/json\" id=\"mizan-page-data\">").nth(1).unwrap();
    serde_json::from_str(after.split("</script>").next().unwrap()).unwrap()
}

/// What the worker rendered.
#[track_caller]
fn rendered(page: &str) -> &str {
    let after = page.split("<div id=\"mizan-page\">").nth(1).unwrap();
    after.split("</div>").next().unwrap()
}

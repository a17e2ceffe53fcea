//! A registry in an application of axum: next to its own routes, and under layers of tower.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use mizan_axum::MizanExt;
use mizan_core::{Builder, Context, Mizan, RawRequest, State, View, client, functions};
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

#[derive(Context)]
struct RowsContext;

/// How many calls have ended.
#[derive(Default)]
struct Ended(AtomicUsize);

#[client(context = RowsContext)]
fn rows() -> Vec<String> {
    vec!["a row that is there often".to_owned(); 200]
}

/// Who asks, as the connection says.
#[client]
fn asker(request: &RawRequest) -> Option<String> {
    request.parts().peer.map(|peer| peer.to_string())
}

#[client(affects = RowsContext)]
async fn change(ended: State<Arc<Ended>>) -> bool {
    tokio::time::sleep(Duration::from_millis(300)).await;
    ended.0.fetch_add(1, Ordering::SeqCst);
    true
}

#[client(route = "/hall/<name>/", methods = ["GET"])]
fn hall(name: String) -> View {
    View::html(format!("<p>{name}</p>"))
}

fn mizan(ended: &Arc<Ended>) -> Mizan {
    let builder = Builder::empty().functions(functions![rows, asker, change, hall]);
    builder.state(Arc::clone(ended)).no_cache().build().unwrap()
}

fn app(ended: &Arc<Ended>) -> Router {
    Router::new().route("/own", get(|| async { "own" })).fallback_service(mizan(ended).service())
}

fn call(function: &str) -> Request<Body> {
    let body = format!(r#"{{"fn":"{function}"}}"#);
    let request = Request::post("/api/mizan/call/").header("content-type", "application/json");
    request.body(body.into()).unwrap()
}

fn read(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

async fn text(response: Response<Body>) -> String {
    let body: Bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_registry_is_next_to_the_routes_of_its_application() {
    let app = app(&Arc::default());
    let own = app.clone().oneshot(read("/own")).await.unwrap();
    assert_eq!(text(own).await, "own");
    let rows = app.clone().oneshot(read("/api/mizan/ctx/rows/")).await.unwrap();
    assert_eq!(rows.status(), StatusCode::OK);
    assert!(text(rows).await.starts_with(r#"{"rows":["a row"#));
    let hall = app.clone().oneshot(read("/hall/north/")).await.unwrap();
    assert_eq!(text(hall).await, "<p>north</p>");
    for path in ["/nowhere", "/api/mizan/nowhere/"] {
        let nothing = app.clone().oneshot(read(path)).await.unwrap();
        assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
        assert!(text(nothing).await.contains(r#""code":"NOT_FOUND""#), "{path}");
    }
}

#[tokio::test]
async fn the_address_of_a_connection_is_handed_on() {
    let app = app(&Arc::default());
    let unknown = app.clone().oneshot(call("asker")).await.unwrap();
    assert!(text(unknown).await.starts_with(r#"{"result":null"#));
    let mut request = call("asker");
    let peer: SocketAddr = ([192, 0, 2, 1], 5).into();
    request.extensions_mut().insert(ConnectInfo(peer));
    let known = app.oneshot(request).await.unwrap();
    assert!(text(known).await.starts_with(r#"{"result":"192.0.2.1:5""#));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layers_of_tower_go_around_a_registry() {
    let (ended, traced) = (Arc::<Ended>::default(), Arc::<AtomicUsize>::default());
    let count = Arc::clone(&traced);
    let trace = TraceLayer::new_for_http().on_response(
        move |_: &Response<_>, _: Duration, _: &tracing::Span| {
            count.fetch_add(1, Ordering::SeqCst);
        },
    );
    let timeout =
        TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(50));
    let app = app(&ended).layer(timeout).layer(CompressionLayer::new()).layer(trace);

    let mut request = read("/api/mizan/ctx/rows/");
    request.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    let rows = app.clone().oneshot(request).await.unwrap();
    // By the layer or by the adapter, and never by both.
    let codings: Vec<_> = rows.headers().get_all("content-encoding").iter().collect();
    assert_eq!(codings, ["gzip"]);
    let body = to_bytes(rows.into_body(), usize::MAX).await.unwrap();
    assert!(body.starts_with(b"\x1f\x8b") && body.len() < 1000, "{} bytes", body.len());

    // A call whose caller gets a timeout has begun, and comes to its end.
    let late = app.oneshot(call("change")).await.unwrap();
    assert_eq!(late.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(ended.0.load(Ordering::SeqCst), 0);
    let start = std::time::Instant::now();
    while ended.0.load(Ordering::SeqCst) == 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "the call is cut off");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(traced.load(Ordering::SeqCst), 2);
}

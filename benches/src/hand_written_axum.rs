//! The same ceilings as in `hand_written`, as someone would write them with axum alone.

use std::io;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::hand_written::{Body, Bundle, UserParams};

const READ: &str = "/api/mizan/ctx/user/";
const NO_STORE: &str = "no-store";

/// The bundled read and the mutation, without a cache.
pub fn plain() -> io::Result<()> {
    let read = get(async |params: Query<UserParams>| {
        ([(CACHE_CONTROL, NO_STORE)], Json(Bundle::of(params.user_id)))
    });
    let call = post(async |Json(body): Json<Body>| {
        let (invalidate, answer) = body.answer();
        let headers =
            [(CACHE_CONTROL.as_str(), NO_STORE.to_owned()), ("x-mizan-invalidate", invalidate)];
        (headers, Json(answer))
    });
    serve(Router::new().route(READ, read).route("/api/mizan/call/", call))
}

/// The bundled read whose body was built before the first request, for the parameters that are `known`.
pub fn prebuilt(bundle: &impl Serialize, known: fn(&UserParams) -> bool) -> io::Result<()> {
    let body = Bytes::from(serde_json::to_vec(bundle)?);
    let read = get(move |params: Query<UserParams>| {
        let body = body.clone();
        async move { if known(&params) { stored(body) } else { StatusCode::OK.into_response() } }
    });
    serve(Router::new().route(READ, read))
}

fn stored(body: Bytes) -> Response {
    let headers = [
        (CACHE_CONTROL, NO_STORE),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_TYPE, "application/json"),
    ];
    (headers, body).into_response()
}

/// Serves with one worker until SIGTERM.
fn serve(app: Router) -> io::Result<()> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut terminate = signal(SignalKind::terminate())?;
        println!("http://{}", listener.local_addr()?);
        let stop = async move {
            let _ = terminate.recv().await;
        };
        axum::serve(listener, app).with_graceful_shutdown(stop).await
    })
}

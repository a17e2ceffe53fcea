//! One request: ask the core what to do, bring the body if it wants one.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::BytesMut;
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream;
use mizan_core::{Mizan, PendingCall, Reply, Step};
use tokio::time::{Instant, timeout_at};

use crate::extract::Head;
use crate::respond::respond;

/// How long a body may take, whole.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long one may take that is slower than `BODY_RATE`, in bytes per second.
const BODY_GRACE: Duration = Duration::from_secs(5);
const BODY_RATE: u64 = 1_024;

pub(crate) async fn handle(mizan: &Mizan, request: &HttpRequest, payload: Payload) -> HttpResponse {
    respond(match mizan.accept(&Head(request)) {
        Step::Reply(reply) => reply,
        Step::Read(read) => read.await,
        Step::Call(pending) => call(pending, payload).await,
    })
}

async fn call(pending: PendingCall, payload: Payload) -> Reply {
    match read_body(payload, pending.body_limit()).await {
        Ok(body) => pending.run(body).await,
        Err(BodyFault::TooLarge) => pending.too_large(),
        Err(BodyFault::Broken) => pending.broken(),
    }
}

enum BodyFault {
    TooLarge,
    Broken,
}

/// Reads a body of at most `limit` bytes; one that is larger or too slow is not read on.
async fn read_body(mut payload: Payload, limit: usize) -> Result<BytesMut, BodyFault> {
    let mut body = BytesMut::new();
    let start = Instant::now();
    loop {
        let paid = Duration::from_millis(body.len() as u64 * 1_000 / BODY_RATE);
        let until = start + (BODY_GRACE + paid).min(BODY_TIMEOUT);
        let chunk = timeout_at(until, poll_fn(|cx| Pin::new(&mut payload).poll_next(cx)));
        let Some(chunk) = chunk.await.map_err(|_| BodyFault::Broken)? else { return Ok(body) };
        let chunk = chunk.map_err(|_| BodyFault::Broken)?;
        if body.len() + chunk.len() > limit {
            return Err(BodyFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
}

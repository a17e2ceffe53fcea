//! One request: ask the core what to do, bring the body if it wants one.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::BytesMut;
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream;
use mizan_core::{Mizan, PendingCall, Reply, Step};

use crate::extract::Head;
use crate::respond::respond;

/// How long a body may take, whole.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) async fn handle(mizan: &Mizan, request: &HttpRequest, payload: Payload) -> HttpResponse {
    respond(match mizan.accept(&Head(request)) {
        Step::Reply(reply) => reply,
        Step::Read(read) => read.await,
        Step::Call(pending) => call(pending, payload).await,
    })
}

async fn call(pending: PendingCall, payload: Payload) -> Reply {
    let read = read_body(payload, pending.body_limit());
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(body)) => pending.run(body).await,
        Ok(Err(BodyFault::TooLarge)) => pending.too_large(),
        Ok(Err(BodyFault::Broken)) | Err(_) => pending.broken(),
    }
}

enum BodyFault {
    TooLarge,
    Broken,
}

/// Reads a body of at most `limit` bytes; one that is larger is not read on.
async fn read_body(mut payload: Payload, limit: usize) -> Result<BytesMut, BodyFault> {
    let mut body = BytesMut::new();
    while let Some(chunk) = poll_fn(|cx| Pin::new(&mut payload).poll_next(cx)).await {
        let chunk = chunk.map_err(|_| BodyFault::Broken)?;
        if body.len() + chunk.len() > limit {
            return Err(BodyFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

//! One request: ask the core what to do, bring the body if it wants one.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use actix_web::dev::Payload;
use actix_web::web::BytesMut;
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream;
use mizan_core::{Mizan, Next, PendingBody, Response};
use tokio::time::{Instant, sleep_until};

use crate::extract::Head;
use crate::respond::respond;

pub(crate) async fn handle(mizan: &Mizan, request: &HttpRequest, payload: Payload) -> HttpResponse {
    let response = match mizan.accept(&Head(request)) {
        Next::Done(response) => response,
        Next::Run(run) => run.await,
        Next::NeedsBody(pending) => with_body(pending, payload).await,
    };
    #[cfg(feature = "compress")]
    if response.may_compress() {
        return crate::compress::compressed(request, respond(response));
    }
    respond(response)
}

async fn with_body(pending: PendingBody, payload: Payload) -> Response {
    match read_body(payload, &pending).await {
        Ok(body) => pending.run(body).await,
        Err(BodyFault::TooLarge) => pending.too_large(),
        Err(BodyFault::Broken) => pending.broken(),
    }
}

enum BodyFault {
    TooLarge,
    Broken,
}

/// Reads a body; one that is too large, or comes too slowly, is not read on, and actix closes its
/// connection after the response.
async fn read_body(mut payload: Payload, pending: &PendingBody) -> Result<BytesMut, BodyFault> {
    let (mut body, start) = (BytesMut::new(), Instant::now());
    let mut due = pin!(sleep_until(start + pending.deadline(0)));
    loop {
        let next = poll_fn(|cx| match Pin::new(&mut payload).poll_next(cx) {
            Poll::Ready(chunk) => Poll::Ready(chunk.transpose().map_err(|_| BodyFault::Broken)),
            Poll::Pending => due.as_mut().poll(cx).map(|()| Err(BodyFault::Broken)),
        });
        let Some(chunk) = next.await? else { return Ok(body) };
        if body.len() + chunk.len() > pending.body_limit() {
            return Err(BodyFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
        let until = start + pending.deadline(body.len());
        if until != due.deadline() {
            due.as_mut().reset(until);
        }
    }
}

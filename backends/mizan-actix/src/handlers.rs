//! One request: ask the core what to do, bring the body if it wants one.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::BytesMut;
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream;
use mizan_core::{Mizan, Next, PendingBody, Response};
use tokio::time::{Instant, sleep_until};

use crate::extract::Head;
use crate::respond::respond;

/// How long a body may take, however slowly it comes.
const BODY_GRACE: Duration = Duration::from_secs(5);
/// How long it may take at most.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Beyond the grace, so many bytes must have come for each second.
const BODY_RATE: u64 = 1024;

pub(crate) async fn handle(mizan: &Mizan, request: &HttpRequest, payload: Payload) -> HttpResponse {
    respond(match mizan.accept(&Head(request)) {
        Next::Done(reply) => reply,
        Next::Run(read) => read.await,
        Next::NeedsBody(pending) => call(pending, payload).await,
    })
}

async fn call(pending: PendingBody, payload: Payload) -> Response {
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

/// Reads a body of at most `limit` bytes; one that is larger, or comes too slowly, is not read on, and
/// actix closes its connection behind the answer.
async fn read_body(mut payload: Payload, limit: usize) -> Result<BytesMut, BodyFault> {
    let (mut body, start) = (BytesMut::new(), Instant::now());
    let mut due = pin!(sleep_until(start + allowed(0)));
    loop {
        let next = poll_fn(|cx| match Pin::new(&mut payload).poll_next(cx) {
            Poll::Ready(chunk) => Poll::Ready(chunk.transpose().map_err(|_| BodyFault::Broken)),
            Poll::Pending => due.as_mut().poll(cx).map(|()| Err(BodyFault::Broken)),
        });
        let Some(chunk) = next.await? else { return Ok(body) };
        if body.len() + chunk.len() > limit {
            return Err(BodyFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
        let until = start + allowed(body.len());
        if until != due.deadline() {
            due.as_mut().reset(until);
        }
    }
}

/// How long a body may have taken of which so many bytes have come.
fn allowed(received: usize) -> Duration {
    let earned = u64::try_from(received).unwrap_or(u64::MAX) / BODY_RATE;
    Duration::from_secs(earned).clamp(BODY_GRACE, BODY_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_earns_its_time() {
        for (received, seconds) in [
            (0, 5),
            (1, 5),
            (5 * 1024, 5),
            (6 * 1024 - 1, 5),
            (6 * 1024, 6),
            (20 * 1024, 20),
            (31 * 1024, 30),
            (usize::MAX, 30),
        ] {
            assert_eq!(allowed(received), Duration::from_secs(seconds), "{received} bytes");
        }
    }
}

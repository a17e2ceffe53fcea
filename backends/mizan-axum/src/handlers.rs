//! One request: ask the core what to do, bring the body if it wants one.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use axum::body::{Bytes, HttpBody};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{Request, Version};
use axum::response::Response;
use mizan_core::{Mizan, Next, PendingBody};
use tokio::time::{Instant, sleep_until};

use crate::extract::Head;
use crate::respond::respond;

pub(crate) async fn handle<B>(
    mizan: &Mizan,
    request: Request<B>,
    peer: Option<SocketAddr>,
) -> Response
where
    B: HttpBody<Data = Bytes>,
{
    let (head, body) = request.into_parts();
    let next = mizan.accept(&Head(&head, peer));
    let response = match next {
        Next::Done(response) => response,
        Next::Run(run) => run.await,
        Next::NeedsBody(pending) => match read_body(body, &pending).await {
            Ok(body) => pending.run(body).await,
            Err(fault) => return refused(pending, &fault, head.version),
        },
    };
    #[cfg(feature = "compress")]
    if response.may_compress() {
        return crate::compress::compressed(&head.headers, respond(response)).await;
    }
    respond(response)
}

enum BodyFault {
    TooLarge,
    Broken,
}

/// The response to a body that is not read on: its connection is closed after it.
fn refused(pending: PendingBody, fault: &BodyFault, version: Version) -> Response {
    let mut response = respond(match fault {
        BodyFault::TooLarge => pending.too_large(),
        BodyFault::Broken => pending.broken(),
    });
    // A connection of HTTP/2 has other requests, and ends this one alone.
    if version < Version::HTTP_2 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Reads a body; one that is too large, or comes too slowly, is not read on.
async fn read_body<B>(body: B, pending: &PendingBody) -> Result<Vec<u8>, BodyFault>
where
    B: HttpBody<Data = Bytes>,
{
    let (mut read, start) = (Vec::new(), Instant::now());
    let (mut body, mut due) = (pin!(body), pin!(sleep_until(start + pending.deadline(0))));
    loop {
        let next = poll_fn(|cx| match body.as_mut().poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(frame.transpose().map_err(|_| BodyFault::Broken)),
            Poll::Pending => due.as_mut().poll(cx).map(|()| Err(BodyFault::Broken)),
        });
        let Some(frame) = next.await? else { return Ok(read) };
        // A frame of trailers holds nothing of the body.
        let Ok(chunk) = frame.into_data() else { continue };
        if read.len() + chunk.len() > pending.body_limit() {
            return Err(BodyFault::TooLarge);
        }
        read.extend_from_slice(&chunk);
        let until = start + pending.deadline(read.len());
        if until != due.deadline() {
            due.as_mut().reset(until);
        }
    }
}

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

pub(crate) async fn handle(
    mizan: &Mizan,
    request: Request<impl HttpBody<Data = Bytes>>,
    peer: Option<SocketAddr>,
) -> Response {
    let (head, body) = request.into_parts();
    let next = mizan.accept(&Head(&head, peer));
    let response = match next {
        Next::Done(response) => response,
        Next::Run(run) => run.await,
        Next::NeedsBody(pending) => match read_body(body, &pending).await {
            Ok(body) => pending.run(body).await,
            Err(refusal) => {
                let mut response = respond(refusal(pending));
                // A connection of HTTP/2 has other requests, and ends this one alone.
                if head.version < Version::HTTP_2 {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                return response;
            }
        },
    };
    #[cfg(feature = "compress")]
    if response.may_compress() {
        let coding = crate::compress::accepted(&head.headers);
        return crate::compress::by(coding, respond(response)).await;
    }
    respond(response)
}

/// The response to a body that could not be read.
type Refusal = fn(PendingBody) -> mizan_core::Response;
const BROKEN: Refusal = PendingBody::broken;

/// Reads a body; one that is too large, or comes too slowly, is not read on, and its connection is closed after the
/// response.
async fn read_body(
    body: impl HttpBody<Data = Bytes>,
    pending: &PendingBody,
) -> Result<Vec<u8>, Refusal> {
    let (mut read, start) = (Vec::new(), Instant::now());
    let (mut body, mut due) = (pin!(body), pin!(sleep_until(start + pending.deadline(0))));
    loop {
        let next = poll_fn(|cx| match body.as_mut().poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(frame.transpose().map_err(|_| BROKEN)),
            Poll::Pending => due.as_mut().poll(cx).map(|()| Err(BROKEN)),
        });
        let Some(frame) = next.await? else { return Ok(read) };
        // A frame of trailers holds nothing of the body.
        let Ok(chunk) = frame.into_data() else { continue };
        if read.len() + chunk.len() > pending.body_limit() {
            return Err(PendingBody::too_large);
        }
        read.extend_from_slice(&chunk);
        let until = start + pending.deadline(read.len());
        if until != due.deadline() {
            due.as_mut().reset(until);
        }
    }
}

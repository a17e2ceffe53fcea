//! A call with an `Idempotency-Key`: however often it is sent, its function has one effect, and every response is that
//! of the first.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time::timeout;

use super::call::{Arguments, From, Patience, goes_on_alone, run};
use super::rates::Sent;
use crate::accounts::Caller;
use crate::dispatch::guard;
use crate::error::{Error, Result};
use crate::graph::FunctionId;
use crate::http::{ProtocolHeader, Provenance, Response};
use crate::identity::Identity;
use crate::registry::Mizan;
use crate::replays::{Begun, Bound, Call, LONGEST, RENEWAL, Turn, sent};
use crate::request::RawRequest;
use crate::task::Detach;

/// What a call with a key asks for.
pub(super) struct Keyed<'a> {
    /// The header.
    pub(super) key: &'a [u8],
    pub(super) provenance: Option<&'a Provenance>,
    pub(super) function: FunctionId,
    /// The text of the arguments.
    pub(super) args: &'a str,
}

/// Runs a call, or gives what the first with its key gave. One that comes while the first runs waits for it.
///
/// # Errors
/// `BAD_REQUEST` for an invalid key, `VALIDATION_ERROR` for one of another call, `UNAVAILABLE` where the store cannot be
/// asked or the first call takes longer than a caller waits; and what the call itself is refused with.
pub(super) async fn once(
    mizan: &Mizan,
    keyed: Keyed<'_>,
    From { request, sent: Sent { caller, address }, known }: From<'_>,
    body: &[u8],
) -> Result<Response> {
    let Some(replays) = &mizan.0.replays else {
        return Err(Error::internal("no store of keys was made"));
    };
    let node = &mizan.0.graph[keyed.function];
    let bound = bound(caller, keyed.provenance);
    let call = Call::new(sent(keyed.key)?, bound, &node.function.name, keyed.args);
    let (time, start) =
        (node.function.timeout.unwrap_or(mizan.0.limits.call_timeout), Instant::now());
    let turn = timeout(time, replays.turn(call)).await.map_err(|_| goes_on_alone())?;
    let begun = match turn? {
        Turn::First(begun) => begun,
        Turn::Again(kept) => {
            // Who may not call it any more is not shown what it gave.
            guard(node, request).await?;
            return again(&kept);
        }
    };
    let left = time.saturating_sub(start.elapsed());
    let work = Work {
        mizan: mizan.clone(),
        request: Arc::clone(request),
        caller: caller.clone(),
        address,
        known,
        body: Bytes::copy_from_slice(body),
        time: left,
    };
    let runtime = mizan.0.runtime.clone();
    let whole = Detach::new(Box::pin(work.once(begun)), || true, runtime);
    timeout(left, whole).await.unwrap_or_else(|_| Err(goes_on_alone()))
}

/// Who alone may repeat a call: no one sees the response of another by a key.
fn bound<'a>(caller: &'a Caller, provenance: Option<&'a Provenance>) -> Bound<'a> {
    match (&caller.identity, &caller.session) {
        (Some(identity), _) => Bound::Subject(identity.subject()),
        (None, Some(session)) => Bound::Session(session),
        (None, None) => {
            provenance.and_then(Provenance::browser).map_or(Bound::Anyone, Bound::Browser)
        }
    }
}

/// A call that goes on without its caller, up to the response that is kept.
struct Work {
    mizan: Mizan,
    request: Arc<RawRequest>,
    caller: Caller,
    address: Option<IpAddr>,
    known: Option<Identity>,
    body: Bytes,
    /// In this time what the page holds may be read.
    time: Duration,
}

impl Work {
    async fn once(self, begun: Begun) -> Result<Response> {
        let ended = {
            let mut running = pin!(self.run());
            loop {
                match timeout(RENEWAL, running.as_mut()).await {
                    Ok(ended) => break ended,
                    Err(_) => begun.renew(),
                }
            }
        };
        // An error is a refusal before the function ran: it may be called again, and so may one that changed nothing.
        let Ok(mut done) = ended else {
            begun.release().await;
            return ended.map(|done| done.response);
        };
        match done.kept.take() {
            Some(kept) => begun.keep(kept).await,
            None => begun.release().await,
        }
        Ok(done.response)
    }

    async fn run(&self) -> Result<super::call::Done> {
        let Self { mizan, request, caller, address, known, body, time } = self;
        let arguments = Arguments::of_call(&mizan.0.graph, body, mizan.0.limits.depth)?;
        let sent = Sent { caller, address: *address };
        let from = From { request, sent, known: known.clone() };
        run(mizan, &arguments, false, from, (body, Patience::ToTheEnd(*time))).await
    }
}

/// What is kept of a response: status, two headers, and the body. Cookies are not, and neither is what its page held.
pub(super) fn keep(response: &Response) -> Bytes {
    if response.body().len() > LONGEST {
        let message = "the call has taken effect, and its response is too large to be sent again";
        return keep(&Response::error(Error::unavailable(message)));
    }
    let header = |header: ProtocolHeader| response.header(header.as_str()).unwrap_or_default();
    let (invalidate, wait) =
        (header(ProtocolHeader::Invalidate), header(ProtocolHeader::RetryAfter));
    let head = format!("{}\n{invalidate}\n{wait}\n", response.status());
    [head.as_bytes(), response.body()].concat().into()
}

/// The response that was kept.
fn again(kept: &Bytes) -> Result<Response> {
    let mut parts = kept.splitn(4, |byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(parts.next().unwrap_or_default()).ok();
    let head = (text().and_then(|status| status.parse().ok()), text(), text());
    let (Some(status), Some(invalidate), Some(wait)) = head else {
        return Err(Error::internal("a kept response is not as it was kept"));
    };
    let body = kept.slice_ref(parts.next().unwrap_or_default());
    let mut response = Response::json(body).with_status(status);
    for (header, value) in
        [(ProtocolHeader::Invalidate, invalidate), (ProtocolHeader::RetryAfter, wait)]
    {
        if !value.is_empty() {
            response = response.with(header, value.to_owned());
        }
    }
    Ok(response)
}

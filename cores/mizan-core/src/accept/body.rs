//! Requests whose body is needed: how much of it, how fast, and what to do with it.

use std::time::Duration;

use super::call::{Purpose, Sender, call};
use crate::error::{Error, Result};
use crate::http::{Grant, ProtocolHeader, RequestHead, Response, header_text, is_json};
use crate::identity::Identity;
use crate::registry::Mizan;

/// How long a body may take, however slowly it comes.
const GRACE: Duration = Duration::from_secs(5);
/// How long it may take at most.
const LONGEST: Duration = Duration::from_secs(30);
/// After the grace, this number of bytes must have come for each second.
const RATE: u64 = 1024;

/// A request whose body has not been read yet.
pub struct PendingBody(Box<Pending>);

/// Boxed, since it is handed on from future to future while the body comes.
pub(super) struct Pending {
    pub(super) mizan: Mizan,
    pub(super) purpose: Purpose,
    pub(super) sender: Sender,
    grant: Option<Grant>,
}

impl Pending {
    /// A page, which needs no body and no proof.
    pub(super) fn page(
        mizan: &Mizan,
        head: &dyn RequestHead,
        purpose: Purpose,
        known: Option<Identity>,
    ) -> Box<Self> {
        let (parts, address) = (mizan.parts(head, known.as_ref()), mizan.0.proxies.caller(head));
        let sender = Sender { parts, provenance: None, known, address, key: None };
        Box::new(Self { mizan: mizan.clone(), purpose, sender, grant: None })
    }
}

impl PendingBody {
    pub(super) fn new(
        mizan: &Mizan,
        head: &dyn RequestHead,
        purpose: Purpose,
        known: Option<Identity>,
    ) -> Self {
        let below_mount = !matches!(purpose, Purpose::Route(_));
        let provenance = Some(mizan.0.csrf.provenance(head, below_mount));
        let (parts, address) = (mizan.parts(head, known.as_ref()), mizan.0.proxies.caller(head));
        let has_key = mizan.0.replays.is_some() && matches!(purpose, Purpose::Call);
        let key = has_key.then(|| head.header(ProtocolHeader::IdempotencyKey)).flatten();
        let sender = Sender { parts, provenance, known, address, key: key.map(Box::from) };
        Self(Box::new(Pending { mizan: mizan.clone(), purpose, sender, grant: None }))
    }

    /// A request whose body is JSON and nothing else.
    pub(super) fn json(
        mizan: &Mizan,
        head: &dyn RequestHead,
        purpose: Purpose,
        known: Option<Identity>,
    ) -> Result<Self> {
        if !is_json(head) {
            return Err(Error::unsupported_media_type("the body of a call is `application/json`"));
        }
        check_length(mizan, head)?;
        Ok(Self::new(mizan, head, purpose, known))
    }

    pub(super) fn granted(mut self, grant: Grant) -> Self {
        self.0.grant = Some(grant);
        self
    }

    /// The most bytes that may be read of the body.
    pub fn body_limit(&self) -> usize {
        self.0.mizan.0.limits.body
    }

    /// How long the body may have taken of which `received` bytes have come, since the first check:
    /// 5 s, then a second for each KiB, and 30 s at most. One that comes more slowly is [`broken`].
    ///
    /// [`broken`]: Self::broken
    pub fn deadline(&self, received: usize) -> Duration {
        deadline(received)
    }

    /// The response to a body that is larger than the limit. The adapter reads no further, and closes
    /// the connection after it.
    pub fn too_large(self) -> Response {
        let error = too_large(&self.0.mizan);
        self.respond(Response::error(error))
    }

    /// The response to a body that broke off, came too slowly, or was not sent as its headers say.
    pub fn broken(self) -> Response {
        self.respond(Response::error(Error::bad_request("the body could not be read")))
    }

    /// Runs the call. The future may be dropped at any time: a call that has begun runs to its end.
    pub async fn run(mut self, body: impl AsRef<[u8]>) -> Response {
        let grant = self.0.grant.take();
        // On the heap, so that a request without a body does not carry the size of a call.
        let response = Box::pin(call(self.0, body.as_ref())).await;
        match grant {
            Some(grant) => grant.apply(response),
            None => response,
        }
    }

    fn respond(self, response: Response) -> Response {
        match self.0.grant {
            Some(grant) => grant.apply(response),
            None => response,
        }
    }
}

/// Refuses a body that is announced as too large.
pub(super) fn check_length(mizan: &Mizan, head: &dyn RequestHead) -> Result<()> {
    let length = header_text(head, ProtocolHeader::ContentLength);
    let length = length.and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| length > mizan.0.limits.body as u64) {
        return Err(too_large(mizan));
    }
    Ok(())
}

fn too_large(mizan: &Mizan) -> Error {
    Error::payload_too_large(format!("the body is larger than {} bytes", mizan.0.limits.body))
}

fn deadline(received: usize) -> Duration {
    let earned = u64::try_from(received).unwrap_or(u64::MAX) / RATE;
    Duration::from_secs(earned).clamp(GRACE, LONGEST)
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
            assert_eq!(deadline(received), Duration::from_secs(seconds), "{received} bytes");
        }
    }
}

//! The life of a batch, `GET ctx/?e=…` or `POST ctx/`: several reads in one request, each as its own GET would be.

use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;

use super::body::Pending;
use super::call::Sender;
use super::entries::{Asked, Params, in_body, in_query};
use super::finish;
use super::lines::{Lines, Reading};
use super::rates::Sent;
use super::read::{Reader, split};
use super::together::{Entry, Prepared, poll_once, read_together};
use crate::accounts::{Access, Caller};
use crate::args::{Pairs, Source};
use crate::dispatch::Selection;
use crate::error::{Error, Result};
use crate::graph::ContextId;
use crate::http::{ContentType, ProtocolHeader, Response};
use crate::identity::Identity;
use crate::registry::Mizan;
use crate::request::RawRequest;
use crate::task::BoxFuture;

/// Every stage of a batch in a query, in order: who is calling, once for all entries, and then each entry.
pub(super) async fn batch(mizan: Mizan, text: String, reader: Reader) -> Response {
    let Reader { parts, known, address } = reader;
    let (request, caller) = match mizan.identify(parts, Access::Read, known, Bytes::new()).await {
        Ok(known) => known,
        Err(error) => return Response::error(error),
    };
    let asked = in_query(&mizan.0.graph, &text, &mizan.0.limits);
    respond(mizan, asked, request, (caller, address)).await
}

/// The same for a batch in a body. It changes nothing, so it needs no token; but no page of another site may send it.
pub(super) async fn posted(pending: Box<Pending>, body: &[u8]) -> Response {
    let Pending { mizan, sender, .. } = *pending;
    let Sender { parts, provenance, known, address, .. } = sender;
    let (request, caller) = match mizan.identify(parts, Access::Read, known, Bytes::new()).await {
        Ok(known) => known,
        Err(error) => return Response::error(error),
    };
    let by_bearer = request.user().is_some_and(Identity::is_proved_by_bearer);
    let provenance = provenance.filter(|_| !by_bearer);
    let allowed = provenance.map_or(Ok(()), |provenance| provenance.check_origin());
    let asked = allowed.and_then(|()| in_body(&mizan.0.graph, body, &mizan.0.limits));
    respond(mizan, asked, request, (caller, address)).await
}

/// Reads what is asked for. A line is sent as soon as its entry is read.
async fn respond(
    mizan: Mizan,
    asked: Result<Vec<Asked>>,
    request: Arc<RawRequest>,
    (caller, address): (Caller, Option<std::net::IpAddr>),
) -> Response {
    let asked = match asked {
        Ok(asked) => asked,
        Err(error) => return finish(Err(error), &request),
    };
    let lines = Lines::new(asked.iter().map(|asked| asked.at.len()).sum());
    let (out, seen) = (Arc::clone(&lines), Arc::clone(&request));
    let mut work: BoxFuture<'static, ()> = Box::pin(async move {
        let sent = Sent { caller: &caller, address };
        let all = read_all(&mizan, asked, (&seen, sent), &out);
        let _ended_or_late = tokio::time::timeout(mizan.0.limits.call_timeout, all).await;
        out.end(|| Error::unavailable("this entry has taken too long"));
    });
    let response = match poll_once(&mut work).await {
        Poll::Ready(()) => Response::of(ContentType::Lines, lines.take()),
        Poll::Pending => {
            let reading = Reading { lines, work: Some(work) };
            Response::chunks(ContentType::Lines, Box::pin(reading))
        }
    };
    // A proxy that gathers a response would hold back the lines that are there.
    finish(Ok(response.with(ProtocolHeader::AccelBuffering, "no")), &request)
}

async fn read_all(
    mizan: &Mizan,
    asked: Vec<Asked>,
    (request, sent): (&Arc<RawRequest>, Sent<'_>),
    lines: &Lines,
) {
    let mut known = Vec::with_capacity(asked.len());
    for Asked { at, read } in asked {
        match read {
            Ok((context, params)) => known.push((at, context, params)),
            Err(error) => lines.answer(&at, Err(error)),
        }
    }
    let entries = known.iter().map(|(at, context, params)| {
        let query = match params {
            Params::Query(query) => Some(&**query),
            Params::Json(_) => None,
        };
        let preparing = Box::pin(prepare(mizan, (*context, params), (request, sent)));
        Entry { at, query, request, context: *context, preparing }
    });
    read_together(mizan, entries.collect(), &|at, read| lines.answer(at, read)).await;
}

/// The stages of a read before anything is looked up.
async fn prepare<'m>(
    mizan: &'m Mizan,
    (context, params): (ContextId, &Params),
    (request, sent): (&Arc<RawRequest>, Sent<'_>),
) -> Result<Prepared<'m>> {
    let pairs = match params {
        Params::Query(query) => split(query, mizan.0.limits.params)?,
        Params::Json(_) => Pairs::NONE,
    };
    let source = match params {
        Params::Query(_) => Source::Query(&pairs),
        Params::Json(text) => Source::Json(text, &pairs),
    };
    let selection = Selection::whole(&mizan.0.graph, context, source);
    mizan.count_read(&selection, sent).await?;
    selection.guard(request).await?;
    let members = selection.decode()?;
    let params = members.canonical(source);
    Ok(Prepared { members, params })
}

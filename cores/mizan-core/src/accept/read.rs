//! The life of a read, `GET ctx/<context>/`.

use std::net::IpAddr;

use bytes::Bytes;

use super::finish;
use super::rates::Sent;
use crate::accounts::Access;
use crate::args::Pairs;
use crate::dispatch::{Selection, WatchedRead};
use crate::error::Error;
use crate::graph::ContextId;
use crate::head::RequestParts;
use crate::http::{ProtocolHeader, Response};
use crate::identity::Identity;
use crate::registry::Mizan;

/// Who sends a read, and from where.
pub(super) struct Reader {
    pub(super) parts: Option<RequestParts>,
    pub(super) known: Option<Identity>,
    pub(super) address: Option<IpAddr>,
}

/// Every stage of a read, in order. Nothing is answered before every guard has passed, on a hit of the
/// cache as well.
pub(super) async fn read(
    mizan: Mizan,
    context: ContextId,
    text: String,
    Reader { parts, known, address }: Reader,
) -> Response {
    let inner = &mizan.0;
    let (request, caller) = match mizan.identify(parts, Access::Read, known, Bytes::new()).await {
        Ok(known) => known,
        Err(error) => return Response::error(error),
    };
    let response = async {
        let query = split(&text, inner.limits.params)?;
        let selection = Selection::new(&inner.graph, context, &query)?;
        mizan.count_read(&selection, Sent { caller: &caller, address }).await?;
        selection.guard(&request).await?;
        let members = selection.decode()?;
        let params = members.canonical(selection.source());
        let watched = WatchedRead::begin(&mizan, &members, &text, &request);
        let bundle = members.bundle(inner.cache.as_deref(), &request, &inner.runtime, None);
        let (body, status) = bundle.await?;
        watched.keep(&mizan, &body);
        let mut response = Response::json(body);
        if let Some(params) = params {
            response = response.with(ProtocolHeader::Params, params);
        }
        if let Some(status) = status.filter(|_| inner.cache_status) {
            response = response.with(ProtocolHeader::Cache, status.as_str());
        }
        Ok(response)
    }
    .await;
    finish(response, &request)
}

pub(super) fn split(query: &str, limit: usize) -> Result<Pairs<'_>, Error> {
    Pairs::split(query, limit)
        .ok_or_else(|| Error::bad_request(format!("the query has more than {limit} parameters")))
}

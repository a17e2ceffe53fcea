//! The life of a read, `GET ctx/<context>/`.

use bytes::Bytes;

use super::finish;
use crate::accounts::Access;
use crate::args::Pairs;
use crate::dispatch::{Selection, WatchedRead};
use crate::error::Error;
use crate::graph::ContextId;
use crate::head::RequestParts;
use crate::http::{ProtocolHeader, Response};
use crate::identity::Identity;
use crate::registry::Mizan;

/// Every stage of a read, in order. Nothing is answered before every guard has passed, on a hit of the
/// cache as well.
pub(super) async fn read(
    mizan: Mizan,
    context: ContextId,
    text: String,
    parts: Option<RequestParts>,
    known: Option<Identity>,
) -> Response {
    let inner = &mizan.0;
    let request = match mizan.identify(parts, Access::Read, known, Bytes::new()).await {
        Ok((request, _)) => request,
        Err(error) => return Response::error(error),
    };
    let response = async {
        let query = split(&text, inner.limits.params)?;
        let selection = Selection::new(&inner.graph, context, &query)?;
        selection.guard(&request).await?;
        let members = selection.decode()?;
        let watched = WatchedRead::begin(&mizan, &members, &text, &request);
        let bundle = members.bundle(inner.cache.as_deref(), &request, &inner.runtime);
        let (body, status) = bundle.await?;
        watched.keep(&mizan, &body);
        let response = Response::json(body);
        Ok(match status.filter(|_| inner.cache_status) {
            Some(status) => response.with(ProtocolHeader::Cache, status.as_str()),
            None => response,
        })
    }
    .await;
    finish(response, &request)
}

fn split(query: &str, limit: usize) -> Result<Pairs<'_>, Error> {
    Pairs::split(query, limit)
        .ok_or_else(|| Error::bad_request(format!("the query has more than {limit} parameters")))
}

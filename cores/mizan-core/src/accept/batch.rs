//! The life of a batch, `GET ctx/?e=…`: several reads in one request, each as its own GET would be.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::entries::{Asked, asked};
use super::finish;
use super::lines::{Lines, Reading};
use super::rates::Sent;
use super::read::Reader;
use crate::accounts::Access;
use crate::dispatch::{Looked, Members, Selection, WatchedRead};
use crate::error::{Error, Result};
use crate::graph::ContextId;
use crate::http::{CacheStatus, ContentType, ProtocolHeader, Response};
use crate::registry::Mizan;
use crate::request::RawRequest;
use crate::task::{BoxFuture, CatchUnwind, Join};

/// At most so many entries of one request run at once.
const AT_ONCE: usize = 8;

/// The bundle of one entry.
type Read = Result<(Bytes, Option<CacheStatus>)>;

/// Every stage of a batch, in order: who is calling, once for all entries, and then each entry. A line is sent as
/// soon as its entry is read.
pub(super) async fn batch(
    mizan: Mizan,
    text: String,
    Reader { parts, known, address }: Reader,
) -> Response {
    let (request, caller) = match mizan.identify(parts, Access::Read, known, Bytes::new()).await {
        Ok(known) => known,
        Err(error) => return Response::error(error),
    };
    let asked = match asked(&mizan.0.graph, &text, mizan.0.limits.params) {
        Ok(asked) => asked,
        Err(error) => return finish(Err(error), &request),
    };
    let lines = Lines::new(asked.iter().map(|asked| asked.at.len()).sum());
    let (out, to_read) = (Arc::clone(&lines), Arc::clone(&request));
    let mut work: BoxFuture<'static, ()> = Box::pin(async move {
        let time = mizan.0.limits.call_timeout;
        let sent = Sent { caller: &caller, address };
        let all = read_all(&mizan, asked, (&to_read, sent), &out);
        let _ended_or_late = tokio::time::timeout(time, all).await;
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

/// Reads every entry. What is ready at once is looked up in the cache together, in one round trip.
async fn read_all(
    mizan: &Mizan,
    asked: Vec<Asked>,
    (request, sent): (&Arc<RawRequest>, Sent<'_>),
    lines: &Lines,
) {
    let inner = &mizan.0;
    let mut entries = Vec::with_capacity(asked.len());
    for Asked { at, read } in asked {
        match read {
            Ok((context, query)) => entries.push((at, context, query)),
            Err(error) => lines.answer(&at, Err(error)),
        }
    }
    let (mut ready, mut late) = (Vec::new(), Vec::new());
    for (at, context, query) in &entries {
        let mut preparing = caught(prepare(mizan, (*context, query), (request, sent)));
        match poll_once(&mut preparing).await {
            Poll::Ready(Ok(members)) => ready.push((&**at, query, members)),
            Poll::Ready(Err(error)) => lines.answer(at, Err(error)),
            Poll::Pending => late.push((&**at, query, preparing)),
        }
    }
    let (mut looked, mut to_look_up) = (Vec::new(), Vec::new());
    if let Some(cache) = &inner.cache {
        let entry = |members: &Members<'_>| members.entry(cache, request.user());
        let entries: Vec<_> = ready.iter().map(|(_, _, members)| entry(members)).collect();
        looked = entries.iter().map(Option::is_some).collect();
        to_look_up = entries.into_iter().flatten().collect();
    }
    let glances = match &inner.cache {
        Some(cache) if !to_look_up.is_empty() => cache.glance_all(&to_look_up).await,
        _ => Vec::new(),
    };
    let mut glances = to_look_up.into_iter().zip(glances);
    let mut found = Vec::with_capacity(ready.len());
    for at in 0..ready.len() {
        let has_entry = looked.get(at).is_some_and(|has_entry| *has_entry);
        found.push(if has_entry { glances.next() } else { None });
    }
    let places = Semaphore::new(AT_ONCE);
    let mut reads: Vec<BoxFuture<'_, ()>> = Vec::new();
    for ((at, query, members), found) in ready.into_iter().zip(found) {
        match found {
            Some((_, Err(body))) => lines.answer(at, Ok((body, shown(mizan, CacheStatus::Hit)))),
            found => {
                let looked = found.and_then(|(entry, glance)| Some((entry, glance.ok()?)));
                let places = &places;
                let read = caught(async move {
                    let _place = places.acquire().await;
                    bundle(mizan, members, looked, (query, request)).await
                });
                reads.push(Box::pin(async move { lines.answer(at, read.await) }));
            }
        }
    }
    for (at, query, preparing) in late {
        let places = &places;
        let read = caught(async move {
            let members = preparing.await?;
            let _place = places.acquire().await;
            bundle(mizan, members, None, (query, request)).await
        });
        reads.push(Box::pin(async move { lines.answer(at, read.await) }));
    }
    Join::new(reads).await;
}

/// The stages of a read before anything is looked up.
async fn prepare<'m>(
    mizan: &'m Mizan,
    (context, query): (ContextId, &str),
    (request, sent): (&Arc<RawRequest>, Sent<'_>),
) -> Result<Members<'m>> {
    let pairs = super::read::split(query, mizan.0.limits.params)?;
    let selection = Selection::new(&mizan.0.graph, context, &pairs)?;
    mizan.count_read(&selection, &pairs, sent).await?;
    selection.guard(request).await?;
    selection.decode()
}

/// Reads one entry whose guards have passed.
async fn bundle(
    mizan: &Mizan,
    members: Members<'_>,
    looked: Option<Looked>,
    (query, request): (&str, &Arc<RawRequest>),
) -> Read {
    let inner = &mizan.0;
    let watched = WatchedRead::begin(mizan, &members, query, request);
    let cache = inner.cache.as_deref();
    let (body, status) = match (cache, looked) {
        (Some(cache), Some(looked)) => {
            members.looked_up(cache, looked, request, &inner.runtime).await?
        }
        (cache, _) => members.bundle(cache, request, &inner.runtime).await?,
    };
    watched.keep(mizan, &body);
    Ok((body, status.and_then(|status| shown(mizan, status))))
}

fn shown(mizan: &Mizan, status: CacheStatus) -> Option<CacheStatus> {
    mizan.0.cache_status.then_some(status)
}

/// A future whose panic is an error of its own entry.
fn caught<'a, T: 'a>(
    work: impl Future<Output = Result<T>> + Send + 'a,
) -> BoxFuture<'a, Result<T>> {
    let work = CatchUnwind(Box::pin(work));
    Box::pin(async move {
        let panicked = |text| Err(Error::internal(format!("a read panicked: {text}")));
        work.await.unwrap_or_else(panicked)
    })
}

/// Polls once. What is not ready will wake the task of whoever asked.
async fn poll_once<F: Future + Unpin>(work: &mut F) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *work).poll(cx))).await
}

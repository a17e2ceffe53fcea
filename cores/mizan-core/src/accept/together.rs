//! Entries that are read together: one lookup in the cache for all that are ready, and each with an end of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;

use crate::dispatch::{Gather, Gathered, Looked, Members, Ticket, WatchedRead};
use crate::error::{Error, Result};
use crate::graph::ContextId;
use crate::http::CacheStatus;
use crate::registry::Mizan;
use crate::request::RawRequest;
use crate::task::{BoxFuture, CatchUnwind, Join};

/// At most so many entries of one request run at once.
const AT_ONCE: usize = 8;

/// The bundle of one entry.
pub(super) type Read = Result<Bundle>;

/// What a read of one entry gives.
pub(super) struct Bundle {
    pub(super) body: Bytes,
    /// The target that names the entry, if its texts are not those that were sent.
    pub(super) params: Option<String>,
    pub(super) status: Option<CacheStatus>,
}

/// What was asked for, when its guards have passed.
pub(super) struct Prepared<'a> {
    pub(super) members: Members<'a>,
    /// See [`Bundle::params`].
    pub(super) params: Option<String>,
}

/// An entry that is to be read.
pub(super) struct Entry<'a> {
    /// Its positions in the list of its request.
    pub(super) at: &'a [usize],
    /// The query of its own GET, where the check of undeclared effects may run it again.
    pub(super) query: Option<&'a str>,
    /// What its members see.
    pub(super) request: &'a Arc<RawRequest>,
    /// The context that it is of.
    pub(super) context: ContextId,
    /// The stages before anything is looked up.
    pub(super) preparing: BoxFuture<'a, Result<Prepared<'a>>>,
}

/// An entry whose guards have passed.
struct Ready<'a> {
    at: &'a [usize],
    query: Option<&'a str>,
    request: &'a Arc<RawRequest>,
    members: Members<'a>,
    params: Option<String>,
}

/// Reads every entry, and hands each on as soon as it is read. Those that are ready at once are looked up in the
/// cache together, in one round trip; one whose guard waits holds back no other.
pub(super) async fn read_together<'a>(
    mizan: &'a Mizan,
    entries: Vec<Entry<'a>>,
    answer: &(dyn Fn(&[usize], Read) + Sync),
) {
    let gather = &Gather::new(AT_ONCE);
    let (mut ready, mut late) = (Vec::new(), Vec::new());
    for Entry { at, query, request, context, preparing } in entries {
        let mut preparing = caught(preparing);
        match poll_once(&mut preparing).await {
            Poll::Ready(Ok(Prepared { members, params })) => {
                ready.push(Ready { at, query, request, members, params });
            }
            Poll::Ready(Err(error)) => answer(at, Err(error)),
            Poll::Pending => late.push((at, query, request, context, preparing)),
        }
    }
    let graph = &mizan.0.graph;
    let ticket = |context| graph.takes_each(context).then(|| gather.ticket(context));
    let mut reads: Vec<BoxFuture<'_, ()>> = Vec::new();
    for (ready, looked) in look_up(mizan, ready).await {
        let (at, ticket) = (ready.at, ticket(ready.members.context()));
        let looked = match looked {
            Some(Err(body)) => {
                let (params, status) = (ready.params, shown(mizan, CacheStatus::Hit));
                answer(at, Ok(Bundle { body, params, status }));
                continue;
            }
            Some(Ok(looked)) => Some(looked),
            None => None,
        };
        let turn = Turn { gather, ticket };
        reads.push(ending(at, answer, turn.take(mizan, async move { Ok(ready) }, looked)));
    }
    for (at, query, request, context, preparing) in late {
        let turn = Turn { gather, ticket: ticket(context) };
        let ready = async move {
            let Prepared { members, params } = preparing.await?;
            Ok(Ready { at, query, request, members, params })
        };
        reads.push(ending(at, answer, turn.take(mizan, ready, None)));
    }
    let reads = Join::new(reads);
    let reads = Box::pin(async move {
        reads.await;
    });
    Gathered::new(gather, &mizan.0.runtime, reads).await;
}

/// The turn of an entry.
struct Turn<'t, 'a> {
    gather: &'t Gather<'a>,
    /// Where a member of it takes `Each`: it takes its place for each of the others.
    ticket: Option<Ticket<'t, 'a>>,
}

impl<'a> Turn<'_, 'a> {
    /// Reads the entry.
    async fn take(
        self,
        mizan: &Mizan,
        ready: impl Future<Output = Result<Ready<'a>>>,
        looked: Option<Looked>,
    ) -> Read {
        let _place = match self.ticket {
            Some(_) => None,
            None => Some(self.gather.places().acquire().await),
        };
        bundle(mizan, ready.await?, looked, self.ticket.as_ref()).await
    }
}

/// What the cache knows of each entry: `Err` is the body of a hit, and `None` that the entry is not cached.
async fn look_up<'a>(
    mizan: &Mizan,
    ready: Vec<Ready<'a>>,
) -> Vec<(Ready<'a>, Option<Result<Looked, Bytes>>)> {
    let Some(cache) = &mizan.0.cache else {
        return ready.into_iter().map(|ready| (ready, None)).collect();
    };
    let entry = |ready: &Ready<'_>| ready.members.entry(cache, ready.request.user());
    let entries: Vec<_> = ready.iter().map(entry).collect();
    let known: Vec<_> = entries.iter().flatten().cloned().collect();
    let glances = if known.is_empty() { Vec::new() } else { cache.glance_all(&known).await };
    let mut glances = glances.into_iter();
    let looked = entries.into_iter().map(|entry| {
        let entry = entry?;
        Some(glances.next()?.map(|glance| (entry, glance)))
    });
    ready.into_iter().zip(looked.collect::<Vec<_>>()).collect()
}

/// Hands on what was read.
fn ending<'a>(
    at: &'a [usize],
    answer: &'a (dyn Fn(&[usize], Read) + Sync),
    read: impl Future<Output = Read> + Send + 'a,
) -> BoxFuture<'a, ()> {
    let read = caught(read);
    Box::pin(async move { answer(at, read.await) })
}

/// Reads one entry whose guards have passed.
async fn bundle<'a>(
    mizan: &Mizan,
    ready: Ready<'a>,
    looked: Option<Looked>,
    ticket: Option<&Ticket<'_, 'a>>,
) -> Read {
    let Ready { query, request, members, params, .. } = ready;
    let inner = &mizan.0;
    let watched = query.map(|query| WatchedRead::begin(mizan, &members, query, request));
    let (body, status) = match (inner.cache.as_deref(), looked) {
        (Some(cache), Some(looked)) => {
            members.looked_up(cache, looked, request, &inner.runtime, ticket).await?
        }
        (cache, _) => members.bundle(cache, request, &inner.runtime, ticket).await?,
    };
    if let Some(watched) = watched {
        watched.keep(mizan, &body);
    }
    let status = status.and_then(|status| shown(mizan, status));
    Ok(Bundle { body, params, status })
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
pub(super) async fn poll_once<F: Future + Unpin>(work: &mut F) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *work).poll(cx))).await
}

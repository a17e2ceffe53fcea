//! Pages that are kept, and served for as long as nothing that they are made of has changed.
//!
//! A page is found by the stamps of what it reads, so what it reads must be known before: a page that this process has not
//! served yet runs its view function once to learn that, and again under the stamps.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::value::RawValue;

use super::page::{read_all, reads, service};
use crate::args::{Pairs, Source};
use crate::cache::{ContextCache, PageKey, PagePlan};
use crate::clock::millis_now;
use crate::dispatch::{Ended, Planned};
use crate::error::{Error, Result};
use crate::graph::FunctionId;
use crate::http::{CacheStatus, Coding, ProtocolHeader, RequestHead, Response, header_text};
use crate::pages::{PageId, PageService, Reads, StoredPage};
use crate::registry::Mizan;
use crate::task::Detach;
use crate::view::View;

/// A page that reads something else each time is not kept.
const TRIES: usize = 3;

/// What a request says of the page that it wants.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    coding: Option<Coding>,
    held: Option<String>,
}

impl Wanted {
    pub(super) fn of(head: &dyn RequestHead) -> Self {
        let coding = Coding::accepted(head.header(ProtocolHeader::AcceptEncoding));
        let held = header_text(head, ProtocolHeader::IfNoneMatch).map(str::to_owned);
        Self { coding, held }
    }
}

/// A page as it was found or made.
enum Found {
    /// One that may be kept, and whether it was.
    Page(Arc<StoredPage>, CacheStatus),
    /// What the view function gave, if it may not be kept.
    Other(Box<Ended>),
}

impl Mizan {
    /// What a request wants of a page, where the pages of its view function are kept.
    pub(super) fn wanted(&self, function: FunctionId, head: &dyn RequestHead) -> Option<Wanted> {
        self.page_plan(function).map(|_| Wanted::of(head))
    }

    fn page_plan(&self, function: FunctionId) -> Option<&PagePlan> {
        self.0.pages.as_ref()?.plans.get(&function)
    }
}

/// Answers with a kept page. One that is being rendered is waited for, within a bound; the render goes on without its
/// request.
pub(super) async fn page(
    mizan: &Mizan,
    (function, planned): (FunctionId, Planned),
    wanted: &Wanted,
) -> Result<Response> {
    let service = service(mizan)?;
    let Some(args) = planned.args_json() else {
        return show_without(mizan, planned).await;
    };
    let id = PageId { function, args: args.into() };
    let (own, whole) = (mizan.clone(), id.clone());
    let render = Box::pin(async move { find(&own, &whole).await });
    let runtime = mizan.0.runtime.clone();
    let found = tokio::time::timeout(service.wait, Detach::new(render, || true, runtime)).await;
    match found {
        Ok(found) => match found? {
            Found::Page(page, status) => {
                service.count_kept();
                Ok(answer(mizan, &page, wanted, status))
            }
            Found::Other(ended) => finish(mizan, *ended, false).await,
        },
        Err(_late) => match service.known.old(&id).filter(|_| service.serve_old) {
            Some(old) => Ok(answer(mizan, &old, wanted, CacheStatus::Bypass)),
            None => show_without(mizan, planned).await,
        },
    }
}

fn answer(mizan: &Mizan, page: &StoredPage, wanted: &Wanted, status: CacheStatus) -> Response {
    let response = page.respond(wanted.coding, wanted.held.as_deref());
    if !mizan.0.cache_status {
        return response;
    }
    response.with(ProtocolHeader::Cache, status.as_str())
}

/// The page without its component.
async fn show_without(mizan: &Mizan, planned: Planned) -> Result<Response> {
    let ended = planned.show(&mizan.0.anonymous, &mizan.0.runtime).await;
    finish(mizan, ended, true).await
}

/// A page that is not kept: rendered for this request, or as a shell.
async fn finish(mizan: &Mizan, mut ended: Ended, is_shell: bool) -> Result<Response> {
    let request = &mizan.0.anonymous;
    let Some(page) = ended.take_page() else {
        return Ok(ended.write(false, request, |_| false, false));
    };
    let service = service(mizan)?;
    let bundles = read_all(mizan, &reads(mizan, &page)?, request).await;
    let shown = if is_shell {
        service.empty(&page, &bundles)?
    } else {
        service.show(&page, &bundles).await?
    };
    let response = ended.with_text(shown.html).write(false, request, |_| false, false);
    Ok(response.with(ProtocolHeader::Link, service.link()))
}

/// The pages that a function lists: one for each of its objects, which hold the arguments of the view.
///
/// # Errors
/// What the function fails with, and `INTERNAL_ERROR` if it is not a list of such objects.
pub(super) async fn listed(
    mizan: &Mizan,
    (view, listing): (FunctionId, FunctionId),
) -> Result<Vec<PageId>> {
    let graph = &mizan.0.graph;
    let planned = Planned::decode(graph, listing, Source::Json("{}", &Pairs::NONE), &[])?;
    let ended = planned.show(&mizan.0.anonymous, &mizan.0.runtime).await;
    let json = ended.into_json()?;
    let failed = |error: serde_json::Error| {
        Error::internal(format!("`{}` gave no list: {error}", graph[listing].function.name))
    };
    let all: Vec<&RawValue> = serde_json::from_slice(&json).map_err(failed)?;
    all.into_iter().map(|args| page_of(mizan, view, args.get())).collect()
}

/// The page with these arguments, a JSON object.
///
/// # Errors
/// `VALIDATION_ERROR` for values that the view does not take.
pub(super) fn page_of(mizan: &Mizan, view: FunctionId, args: &str) -> Result<PageId> {
    let planned = Planned::decode(&mizan.0.graph, view, Source::Json(args, &Pairs::NONE), &[])?;
    let args = planned.args_json();
    let args =
        args.ok_or_else(|| Error::internal("an argument of a page cannot be written as JSON"))?;
    Ok(PageId { function: view, args: args.into() })
}

/// The HTML of a page that is kept; `None` for one that is not.
///
/// # Errors
/// What the view function fails with.
pub(super) async fn html(mizan: &Mizan, id: &PageId) -> Result<Option<Bytes>> {
    Ok(match find(mizan, id).await? {
        Found::Page(page, CacheStatus::Hit | CacheStatus::Miss) => Some(page.html().clone()),
        _ => None,
    })
}

/// Renders a page ahead, if it is not there.
pub(super) async fn ahead(mizan: &Mizan, id: &PageId) {
    let Ok(service) = service(mizan) else { return };
    match find(mizan, id).await {
        Ok(Found::Page(_, CacheStatus::Miss)) => service.count_ahead(),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, args = &*id.args, "a page was not rendered ahead"),
    }
}

/// The page as it is kept, or made and kept.
async fn find(mizan: &Mizan, id: &PageId) -> Result<Found> {
    let service = service(mizan)?;
    let Some((cache, plan)) = mizan.0.cache.as_deref().zip(mizan.page_plan(id.function)) else {
        return Ok(Found::Other(Box::new(run(mizan, id).await?)));
    };
    let mut known = match service.known.reads(id) {
        Some(known) => known,
        None => match learn(mizan, cache, id).await? {
            Ok(reads) => reads,
            Err(other) => return Ok(Found::Other(other)),
        },
    };
    for _ in 0..TRIES {
        let attempt = Attempt { mizan, service, cache, plan, id };
        match attempt.under(&known).await? {
            Tried::Done(found) => return Ok(found),
            Tried::Reads(now) => known = now,
        }
    }
    Ok(Found::Other(Box::new(run(mizan, id).await?)))
}

/// Runs the view function.
async fn run(mizan: &Mizan, id: &PageId) -> Result<Ended> {
    let source = Source::Json(&id.args, &Pairs::NONE);
    let planned = Planned::decode(&mizan.0.graph, id.function, source, &[])?;
    Ok(planned.show(&mizan.0.anonymous, &mizan.0.runtime).await)
}

/// Runs the view function to learn what its page reads.
async fn learn(
    mizan: &Mizan,
    cache: &ContextCache,
    id: &PageId,
) -> Result<Result<Reads, Box<Ended>>> {
    let ended = run(mizan, id).await?;
    match public_reads(mizan, cache, &ended)? {
        Some(reads) => Ok(Ok(reads)),
        None => Ok(Err(Box::new(ended))),
    }
}

/// What a page reads of public contexts; `None` if it may not be kept. The browser reads the rest.
fn public_reads(mizan: &Mizan, cache: &ContextCache, ended: &Ended) -> Result<Option<Reads>> {
    let view = ended.view().filter(|view| view.status() == 200);
    let Some(page) = view.and_then(View::as_page) else { return Ok(None) };
    let reads = reads(mizan, page)?.into_iter();
    Ok(Some(reads.filter(|(context, _)| cache.is_public(*context)).collect()))
}

/// One try to find or make a page.
struct Attempt<'a> {
    mizan: &'a Mizan,
    service: &'a Arc<PageService>,
    cache: &'a ContextCache,
    plan: &'a PagePlan,
    id: &'a PageId,
}

enum Tried {
    Done(Found),
    /// The page reads something else than it was looked for by.
    Reads(Reads),
}

/// What a run of the view function gave that is not kept under the name it was looked for by.
enum Aside {
    Reads(Reads),
    Other(Box<Ended>),
    /// A page whose component the browser renders.
    Shell(Arc<StoredPage>),
}

impl Attempt<'_> {
    async fn under(&self, known: &Reads) -> Result<Tried> {
        let Self { mizan, service, cache, plan, id } = *self;
        let graph = &mizan.0.graph;
        let function = &*graph[id.function].function.name;
        let key = PageKey { function, plan, args: &id.args, build: &service.build, bundles: known };
        let entry = match cache.page_entry(graph, &key).await {
            Ok(Some(entry)) => entry,
            Ok(None) | Err(_) => return self.past(known).await,
        };
        let glance = match cache.glance(&entry) {
            Ok(glance) => glance,
            Err(body) => return decoded(&body, CacheStatus::Hit),
        };
        let aside = Mutex::new(None);
        let render = Box::pin(async {
            match self.render(known).await? {
                Ok(page) => Ok(page.encode()),
                Err(other) => {
                    *aside.lock().unwrap_or_else(PoisonError::into_inner) = Some(other);
                    Err(Error::unavailable("this page is not kept"))
                }
            }
        });
        let (body, status) = cache.read(entry.clone(), glance, render, &|| {}).await;
        match aside.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(Aside::Reads(reads)) => Ok(Tried::Reads(reads)),
            Some(Aside::Other(ended)) => Ok(Tried::Done(Found::Other(ended))),
            Some(Aside::Shell(page)) => Ok(Tried::Done(Found::Page(page, CacheStatus::Bypass))),
            None => {
                // A request that waited for a render without a result renders for itself.
                let Ok(body) = body else { return self.past(known).await };
                let tried = decoded(&body, status)?;
                if let (Tried::Done(Found::Page(page, _)), CacheStatus::Miss) = (&tried, status) {
                    service.known.learn(id, known);
                    let old = service.serve_old.then(|| Arc::clone(page));
                    if let Some(before) = service.known.stored(id, entry, old) {
                        // It can never be found again: give back its memory.
                        let _ = cache.unlink(&before).await;
                    }
                }
                Ok(tried)
            }
        }
    }

    /// A page while something that it reads is being changed, or the store does not respond: it is rendered and not kept.
    async fn past(&self, known: &Reads) -> Result<Tried> {
        match self.render(known).await? {
            Ok(page) => Ok(Tried::Done(Found::Page(page.into(), CacheStatus::Bypass))),
            Err(Aside::Reads(reads)) => Ok(Tried::Reads(reads)),
            Err(Aside::Other(ended)) => Ok(Tried::Done(Found::Other(ended))),
            Err(Aside::Shell(page)) => Ok(Tried::Done(Found::Page(page, CacheStatus::Bypass))),
        }
    }

    /// Runs the view function, reads what the page reads, and renders.
    async fn render(&self, known: &Reads) -> Result<Result<StoredPage, Aside>> {
        let Self { mizan, service, cache, id, .. } = *self;
        let mut ended = run(mizan, id).await?;
        match public_reads(mizan, cache, &ended)? {
            Some(reads) if reads == *known => {}
            Some(reads) => return Ok(Err(Aside::Reads(reads))),
            None => return Ok(Err(Aside::Other(Box::new(ended)))),
        }
        let Some(page) = ended.take_page() else {
            return Ok(Err(Aside::Other(Box::new(ended))));
        };
        let bundles = read_all(mizan, known, &mizan.0.anonymous).await;
        let shown = service.show(&page, &bundles).await?;
        let headers = ended.view().map(View::headers).unwrap_or_default();
        let own = headers.iter().map(|(name, value)| (name.to_string(), value.clone()));
        let link = (ProtocolHeader::Link.as_str().to_owned(), service.link());
        let headers = std::iter::once(link).chain(own).collect();
        let is_whole = shown.is_rendered && bundles.len() == known.len();
        let stored = StoredPage::new(shown.html, headers, millis_now());
        Ok(if is_whole { Ok(stored) } else { Err(Aside::Shell(stored.into())) })
    }
}

fn decoded(body: &Bytes, status: CacheStatus) -> Result<Tried> {
    let page = StoredPage::decode(body);
    let page = page.ok_or_else(|| Error::internal("a kept page cannot be read"))?;
    Ok(Tried::Done(Found::Page(page.into(), status)))
}

//! Views that are components: what they read, and their HTML.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value};

use super::entries::query_of;
use super::together::{Entry, Prepared, Read, read_together};
use crate::accounts::Access;
use crate::args::{Pairs, Source};
use crate::dispatch::{Ended, Selection};
use crate::error::{Error, Result};
use crate::graph::ContextId;
use crate::http::{ProtocolHeader, Response};
use crate::identity::Identity;
use crate::pages::{PageBundle, PageService};
use crate::registry::Mizan;
use crate::request::RawRequest;
use crate::view::{BundleView, PageView};

pub(super) use super::kept::{Wanted, page as kept};

/// Gives a view its text, if it is a component: bundles are read as the caller, and the worker renders.
pub(super) async fn fill(
    mizan: &Mizan,
    mut ended: Ended,
    (request, known): (&Arc<RawRequest>, Option<Identity>),
) -> Filled {
    let Some(page) = ended.take_page() else { return Filled { ended, link: None } };
    let shown = async {
        let service = service(mizan)?;
        let bundles = read_as_caller(mizan, &page, (request, known)).await?;
        Ok((service.show(&page, &bundles).await?.html, service.link()))
    };
    // On the heap, so that no other call carries its size.
    match Box::pin(shown).await {
        Ok((html, link)) => Filled { ended: ended.with_text(html), link: Some(link) },
        Err(error) => Filled { ended: ended.failed(error), link: None },
    }
}

/// A call whose view has its text.
pub(super) struct Filled {
    ended: Ended,
    link: Option<String>,
}

impl Filled {
    /// Writes the response. A page that may hold what only its caller may see is kept by no one.
    pub(super) fn write(self, write: impl FnOnce(Ended) -> Response) -> Response {
        let response = write(self.ended);
        match self.link {
            Some(link) => {
                response.with(ProtocolHeader::Link, link).with_cache_control("private, no-store")
            }
            None => response,
        }
    }
}

/// What renders pages.
///
/// # Errors
/// `INTERNAL_ERROR` where the builder was given nothing.
pub(super) fn service(mizan: &Mizan) -> Result<&Arc<PageService>> {
    mizan
        .0
        .pages
        .as_ref()
        .ok_or_else(|| Error::internal("`View::page` needs `.pages(Pages::new(…))` on the builder"))
}

/// What a page reads, by context.
///
/// # Errors
/// `INTERNAL_ERROR` for a context that is not in this server, and for parameters that are not an object.
pub(super) fn reads(
    mizan: &Mizan,
    page: &PageView,
) -> Result<Vec<(ContextId, Map<String, Value>)>> {
    let read = |bundle: &BundleView| {
        let failed = |problem: &str| {
            Error::internal(format!("`{}` reads `{}`: {problem}", page.component, bundle.context))
        };
        let context = mizan.0.graph.context(&bundle.context);
        let context = context.ok_or_else(|| failed("this context does not exist"))?;
        let params = bundle.params.clone().map_err(|problem| failed(&problem))?;
        Ok((context, params))
    };
    page.bundles.iter().map(read).collect()
}

/// Reads bundles as reads of the caller: who is calling, and what they may see, is decided as for each of them.
async fn read_as_caller(
    mizan: &Mizan,
    page: &PageView,
    (request, known): (&Arc<RawRequest>, Option<Identity>),
) -> Result<Vec<PageBundle>> {
    let reads = reads(mizan, page)?;
    if reads.is_empty() {
        return Ok(Vec::new());
    }
    let parts = (mizan.0.needs_parts || known.is_some()).then(|| request.parts().clone());
    let (request, _) = mizan.identify(parts, Access::Read, known, Bytes::new()).await?;
    Ok(read_all(mizan, &reads, &request).await)
}

/// Reads bundles together. One that fails is left out: the browser asks for it, and shows why.
pub(super) async fn read_all(
    mizan: &Mizan,
    reads: &[(ContextId, Map<String, Value>)],
    request: &Arc<RawRequest>,
) -> Vec<PageBundle> {
    let inner = &mizan.0;
    let places: Vec<[usize; 1]> = (0..reads.len()).map(|at| [at]).collect();
    let requests: Vec<Arc<RawRequest>> =
        reads.iter().map(|(context, params)| reading(mizan, *context, params, request)).collect();
    let found: Mutex<Vec<Option<Bytes>>> = Mutex::new(vec![None; reads.len()]);
    let entries = reads.iter().zip(&places).zip(&requests);
    let entries = entries.map(|(((context, params), at), request)| {
        let text = Value::Object(params.clone()).to_string();
        let preparing = Box::pin(async move {
            let none = Pairs::NONE;
            let selection = Selection::whole(&inner.graph, *context, Source::Json(&text, &none));
            selection.guard(request).await?;
            Ok(Prepared { members: selection.decode()?, params: None })
        });
        Entry { at, query: None, request, context: *context, preparing }
    });
    let answer = |at: &[usize], read: Read| match (read, at) {
        (Ok(bundle), [at]) => {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found[*at] = Some(bundle.body);
        }
        (Err(error), [at]) => {
            let context = &*inner.graph[reads[*at].0].name;
            tracing::debug!(context, %error, "a page is without a bundle");
        }
        _ => {}
    };
    read_together(mizan, entries.collect(), &answer).await;
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let bundles = reads.iter().zip(found).filter_map(|((context, params), data)| {
        let context = inner.graph[*context].name.to_string();
        Some(PageBundle { context, params: params.clone(), data: data? })
    });
    bundles.collect()
}

/// What the members of a context see. Members that see the whole request see a GET of this entry.
fn reading(
    mizan: &Mizan,
    context: ContextId,
    params: &Map<String, Value>,
    request: &Arc<RawRequest>,
) -> Arc<RawRequest> {
    let inner = &mizan.0;
    if inner.graph.is_batched(context) {
        return Arc::clone(request);
    }
    let path = format!("{}/ctx/{}/", inner.mount, inner.graph[context].name);
    Arc::new(request.reading(path, query_of(params)))
}

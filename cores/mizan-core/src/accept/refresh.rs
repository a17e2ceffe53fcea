//! What a call brings with it: fresh values of the entries that its page holds and that it has made stale.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use mizan_schema::Target;

use super::entries::{mounted, query_of};
use super::together::{Entry, Prepared, Read, read_together};
use crate::accounts::Access;
use crate::args::{Pairs, Source};
use crate::dispatch::Selection;
use crate::http::Response;
use crate::identity::Identity;
use crate::registry::Mizan;
use crate::request::RawRequest;

/// What a page holds is read up to so many bytes.
const MAX_MOUNTED: usize = 8 << 10;

/// The call that has ended, and what its page holds.
pub(super) struct Refresh<'a> {
    /// The text of the list.
    pub(super) mounted: &'a str,
    /// What the call has made stale.
    pub(super) stale: Vec<Target>,
    /// The request of the call.
    pub(super) request: &'a Arc<RawRequest>,
    /// A caller who is known without being asked for: in tests.
    pub(super) known: Option<Identity>,
    /// How long the caller may still be kept waiting.
    pub(super) time: Duration,
}

impl Refresh<'_> {
    /// Adds `refresh` to the response. What is forbidden, fails or takes too long is left out: it is in `invalidate`.
    pub(super) async fn add_to(self, mizan: &Mizan, response: Response) -> Response {
        let limits = &mizan.0.limits;
        if self.stale.is_empty() || self.mounted.is_empty() || self.mounted.len() > MAX_MOUNTED {
            return response;
        }
        let time = self.time.min(limits.refresh_time);
        let found = Mutex::new(Vec::new());
        let keep = |at: usize, body: Bytes| {
            found.lock().unwrap_or_else(PoisonError::into_inner).push((at, body));
        };
        let _ended_or_late = tokio::time::timeout(time, self.read(mizan, &keep)).await;
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable_by_key(|(at, _)| *at);
        let (mut list, mut room) = (Vec::new(), limits.refresh_bytes);
        for (at, body) in found {
            if let Some(left) = room.checked_sub(body.len()) {
                room = left;
                list.extend_from_slice(if list.is_empty() { b"[" } else { b"," });
                list.extend_from_slice(format!("{{\"at\":{at},\"data\":").as_bytes());
                list.extend_from_slice(&body);
                list.push(b'}');
            }
        }
        if list.is_empty() {
            return response;
        }
        list.push(b']');
        response.with_member("refresh", &list)
    }

    /// Reads as a read of now: who is calling, and what they may see, is decided again, after the change.
    async fn read(&self, mizan: &Mizan, keep: &(dyn Fn(usize, Bytes) + Sync)) {
        let inner = &mizan.0;
        let has_head = inner.needs_parts || self.known.is_some();
        let parts = has_head.then(|| self.request.parts().clone());
        let identified = mizan.identify(parts, Access::Read, self.known.clone(), Bytes::new());
        let Ok((request, _)) = identified.await else { return };
        let none = Pairs::NONE;
        let (mut places, mut decoded) = (Vec::new(), Vec::new());
        for (at, context, params) in mounted(&inner.graph, self.mounted) {
            let name = &inner.graph[context].name;
            if self.stale.iter().all(|target| target.context != **name) {
                continue;
            }
            let source = Source::Json(params, &none);
            let selection = Selection::whole(&inner.graph, context, source);
            let Ok(members) = selection.decode() else { continue };
            let Some(params) = members.params() else { continue };
            if self.stale.iter().any(|target| target.covers(name, &params)) {
                // Whoever sees the whole request sees a GET of this entry.
                let request = if inner.graph.is_batched(context) {
                    Arc::clone(&request)
                } else {
                    let path = format!("{}/ctx/{name}/", inner.mount);
                    Arc::new(request.reading(path, query_of(&params)))
                };
                places.push(([at], request));
                decoded.push((selection, members));
            }
        }
        let entries = places.iter().zip(decoded).map(|((at, request), (selection, members))| {
            let context = members.context();
            let preparing = Box::pin(async move {
                selection.guard(request).await?;
                Ok(Prepared { members, params: None })
            });
            Entry { at, query: None, request, context, preparing }
        });
        let answer = |at: &[usize], read: Read| {
            if let (Some(at), Ok(bundle)) = (at.first(), read) {
                keep(*at, bundle.body);
            }
        };
        read_together(mizan, entries.collect(), &answer).await;
    }
}

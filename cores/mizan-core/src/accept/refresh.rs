//! What a call brings with it: fresh values of the entries that its page holds and that it has made stale.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use mizan_schema::Target;
use serde_json::{Map, Value};

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

/// What was read for the page.
#[derive(Default)]
pub(super) struct Refreshed {
    /// Contexts and parameters of the entries that could be read.
    pub(super) held: Vec<(String, Map<String, Value>)>,
    /// The JSON of the list, or empty.
    list: Vec<u8>,
}

impl Refreshed {
    /// Adds `refresh` to the response.
    pub(super) fn add_to(self, response: Response) -> Response {
        if self.list.is_empty() {
            return response;
        }
        response.with_member("refresh", &self.list)
    }
}

/// An entry of the page that the call has made stale.
struct Held {
    at: [usize; 1],
    context: String,
    params: Map<String, Value>,
    request: Arc<RawRequest>,
}

impl Refresh<'_> {
    /// Reads what the call has made stale. What is forbidden, fails or takes too long is left out: it is in `invalidate`.
    pub(super) async fn read(self, mizan: &Mizan) -> Refreshed {
        let limits = &mizan.0.limits;
        if self.stale.is_empty() || self.mounted.is_empty() || self.mounted.len() > MAX_MOUNTED {
            return Refreshed::default();
        }
        let time = self.time.min(limits.refresh_time);
        let found = Mutex::new(Vec::new());
        let keep = |held: &Held, body: Bytes| {
            let (context, params) = (held.context.clone(), held.params.clone());
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push((held.at[0], body, (context, params)));
        };
        let _ended_or_late = tokio::time::timeout(time, self.read_held(mizan, &keep)).await;
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable_by_key(|(at, ..)| *at);
        let (mut refreshed, mut room) = (Refreshed::default(), limits.refresh_bytes);
        for (at, body, held) in found {
            refreshed.held.push(held);
            if let Some(left) = room.checked_sub(body.len()) {
                room = left;
                let list = &mut refreshed.list;
                list.extend_from_slice(if list.is_empty() { b"[" } else { b"," });
                list.extend_from_slice(format!("{{\"at\":{at},\"data\":").as_bytes());
                list.extend_from_slice(&body);
                list.push(b'}');
            }
        }
        if !refreshed.list.is_empty() {
            refreshed.list.push(b']');
        }
        refreshed
    }

    /// Reads as a read of now: who is calling, and what they may see, is decided again, after the change.
    async fn read_held(&self, mizan: &Mizan, keep: &(dyn Fn(&Held, Bytes) + Sync)) {
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
                let context = name.to_string();
                places.push(Held { at: [at], context, params, request });
                decoded.push((selection, members));
            }
        }
        let entries = places.iter().zip(decoded).map(|(held, (selection, members))| {
            let Held { at, request, .. } = held;
            let context = members.context();
            let preparing = Box::pin(async move {
                selection.guard(request).await?;
                Ok(Prepared { members, params: None })
            });
            Entry { at, query: None, request, context, preparing }
        });
        let answer = |at: &[usize], read: Read| {
            let held = places.iter().find(|held| held.at == at);
            if let (Some(held), Ok(bundle)) = (held, read) {
                keep(held, bundle.body);
            }
        };
        read_together(mizan, entries.collect(), &answer).await;
    }
}

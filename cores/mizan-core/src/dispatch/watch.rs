//! Where the graph checks itself, every read is kept for a while, and every call is followed by a check of
//! what it did not declare to change. Builds without debug assertions contain none of this.

use bytes::Bytes;

use super::call::Ended;
use super::read::Members;
use crate::registry::Mizan;

#[cfg(debug_assertions)]
mod on {
    use std::sync::Arc;

    use super::{Bytes, Ended, Members, Mizan};
    use crate::dispatch::recheck::Called;
    use crate::graph::ContextId;
    use crate::registry::{Change, Seen};
    use crate::request::RawRequest;

    /// A read that is about to run.
    pub(crate) struct WatchedRead(Option<Seen>);

    impl WatchedRead {
        pub(crate) fn begin(
            mizan: &Mizan,
            members: &Members<'_>,
            query: &str,
            request: &Arc<RawRequest>,
        ) -> Self {
            let recent = mizan.0.recent.as_ref().filter(|_| members.is_whole());
            let quiet = recent.and_then(|recent| recent.quiet());
            Self(quiet.and_then(|through| {
                Some(Seen {
                    context: members.context(),
                    query: query.into(),
                    request: Arc::clone(request),
                    params: Arc::new(members.params()?),
                    body: Bytes::new(),
                    through,
                    stale: Default::default(),
                })
            }))
        }

        /// Keeps what the read gave.
        pub(crate) fn keep(self, mizan: &Mizan, body: &Bytes) {
            if let (Some(seen), Some(recent)) = (self.0, &mizan.0.recent) {
                recent.keep(Seen { body: body.clone(), ..seen });
            }
        }
    }

    /// A call that is about to run.
    pub(crate) struct WatchedCall(Option<Change>);

    impl WatchedCall {
        pub(crate) fn begin(mizan: &Mizan) -> Self {
            Self(mizan.0.recent.as_ref().map(|recent| recent.begin()))
        }

        /// Looks at what the call did not declare to change, off the path of its response.
        pub(crate) fn end(self, mizan: &Mizan, ended: &Ended) {
            let Some(change) = self.0 else { return };
            let graph = &mizan.0.graph;
            let name = |context: ContextId| graph[context].name.to_string();
            if let Some(number) = change.end(&ended.targets(), name) {
                Called::new(number, ended).recheck(mizan);
            }
        }
    }
}

#[cfg(not(debug_assertions))]
mod off {
    use super::{Bytes, Ended, Members, Mizan};

    pub(crate) struct WatchedRead;

    impl WatchedRead {
        pub(crate) fn begin<Q: ?Sized, R>(_: &Mizan, _: &Members<'_>, _: &Q, _: &R) -> Self {
            Self
        }
        pub(crate) fn keep(self, _: &Mizan, _: &Bytes) {}
    }

    pub(crate) struct WatchedCall;

    impl WatchedCall {
        pub(crate) fn begin(_: &Mizan) -> Self {
            Self
        }
        pub(crate) fn end(self, _: &Mizan, _: &Ended) {}
    }
}

#[cfg(not(debug_assertions))]
pub(crate) use off::{WatchedCall, WatchedRead};
#[cfg(debug_assertions)]
pub(crate) use on::{WatchedCall, WatchedRead};

//! Without the feature `pages` no view is a component, and no page is kept.

use std::sync::Arc;

use crate::dispatch::{Ended, Planned};
use crate::error::Result;
use crate::graph::FunctionId;
use crate::http::{RequestHead, Response};
use crate::identity::Identity;
use crate::registry::Mizan;
use crate::request::RawRequest;

/// What a request says of a page that is kept.
#[derive(Debug)]
pub(super) enum Wanted {}

/// A call that has ended.
pub(super) struct Filled(Ended);

impl Filled {
    pub(super) fn write(self, write: impl FnOnce(Ended) -> Response) -> Response {
        write(self.0)
    }
}

pub(super) async fn fill(
    _: &Mizan,
    ended: Ended,
    _: (&Arc<RawRequest>, Option<Identity>),
) -> Filled {
    Filled(ended)
}

pub(super) async fn kept(_: &Mizan, _: (FunctionId, Planned), wanted: &Wanted) -> Result<Response> {
    match *wanted {}
}

impl Mizan {
    pub(super) fn wanted(&self, _: FunctionId, _: &dyn RequestHead) -> Option<Wanted> {
        None
    }
}

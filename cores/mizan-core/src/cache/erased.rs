//! The engine without the type of its store, so that the rest of the core need not know it.

use std::sync::Arc;

use bytes::Bytes;
use mizan_cache::{Ended, Engine, Entry, Fault, Glance, Marks, Outcome, Run, Scope, Store};

use crate::error::{Error, Result};
use crate::task::BoxFuture;

/// A bundle or the error of its functions, and how the read was answered.
type Answered = (Result<Bytes, Arc<Error>>, Outcome);

/// For each entry what is known of it; `Err` is the body of a hit.
pub(crate) type Glances = Vec<Result<Option<Glance>, Bytes>>;

/// An engine around some store.
pub(crate) trait AnyEngine: Send + Sync {
    fn glance(&self, entry: &Entry) -> Result<Option<Glance>, Bytes>;
    fn glance_all<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Glances>;
    fn read<'a>(
        self: Arc<Self>,
        entry: Entry,
        glance: Option<Glance>,
        run: Run<'a, Error>,
        following: &'a (dyn Fn() + Send + Sync),
    ) -> BoxFuture<'a, Answered>;
    fn begin(
        self: Arc<Self>,
        scopes: Vec<Scope>,
    ) -> BoxFuture<'static, Result<Arc<dyn AnyMarks>, Fault>>;
    fn invalidate<'a>(&'a self, scopes: &'a [Scope]) -> BoxFuture<'a, Ended>;
    fn get<'a>(&'a self, entry: &'a Entry) -> BoxFuture<'a, Result<Option<Bytes>, Fault>>;
    fn put<'a>(&'a self, entry: &'a Entry, body: Bytes) -> BoxFuture<'a, Result<bool, Fault>>;
    fn unlink<'a>(&'a self, entry: &'a Entry) -> BoxFuture<'a, Result<(), Fault>>;
    #[cfg(feature = "pages")]
    fn stamps<'a>(
        self: Arc<Self>,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Option<Vec<mizan_cache::Stamp>>, Fault>>;
}

/// The marks of one mutation in some store.
pub(crate) trait AnyMarks: Send + Sync {
    fn add(&self, scopes: Vec<Scope>) -> BoxFuture<'_, Result<(), Fault>>;
    fn narrow(&self, scopes: Vec<Scope>) -> BoxFuture<'_, Result<(), Fault>>;
    fn end(&self) -> BoxFuture<'_, Ended>;
}

impl<S: Store> AnyEngine for Engine<S, Error> {
    fn glance(&self, entry: &Entry) -> Result<Option<Glance>, Bytes> {
        Engine::glance(self, entry)
    }

    fn glance_all<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Glances> {
        Box::pin(Engine::glance_all(self, entries))
    }

    fn read<'a>(
        self: Arc<Self>,
        entry: Entry,
        glance: Option<Glance>,
        run: Run<'a, Error>,
        following: &'a (dyn Fn() + Send + Sync),
    ) -> BoxFuture<'a, Answered> {
        Box::pin(async move { Engine::read_noting(&self, entry, glance, run, following).await })
    }

    fn begin(
        self: Arc<Self>,
        scopes: Vec<Scope>,
    ) -> BoxFuture<'static, Result<Arc<dyn AnyMarks>, Fault>> {
        Box::pin(async move {
            let marks = Engine::begin(&self, scopes).await?;
            Ok(Arc::new(marks) as Arc<dyn AnyMarks>)
        })
    }

    fn invalidate<'a>(&'a self, scopes: &'a [Scope]) -> BoxFuture<'a, Ended> {
        Box::pin(Engine::invalidate(self, scopes))
    }

    fn get<'a>(&'a self, entry: &'a Entry) -> BoxFuture<'a, Result<Option<Bytes>, Fault>> {
        Box::pin(Engine::get(self, entry))
    }

    fn put<'a>(&'a self, entry: &'a Entry, body: Bytes) -> BoxFuture<'a, Result<bool, Fault>> {
        Box::pin(Engine::put(self, entry, body))
    }

    fn unlink<'a>(&'a self, entry: &'a Entry) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(Engine::unlink(self, entry))
    }

    #[cfg(feature = "pages")]
    fn stamps<'a>(
        self: Arc<Self>,
        entries: &'a [Entry],
    ) -> BoxFuture<'a, Result<Option<Vec<mizan_cache::Stamp>>, Fault>> {
        Box::pin(async move { Engine::stamps(&self, entries).await })
    }
}

impl<S: Store> AnyMarks for Marks<S, Error> {
    fn add(&self, scopes: Vec<Scope>) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(Marks::add(self, scopes))
    }

    fn narrow(&self, scopes: Vec<Scope>) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(Marks::narrow(self, scopes))
    }

    fn end(&self) -> BoxFuture<'_, Ended> {
        Box::pin(Marks::end(self))
    }
}

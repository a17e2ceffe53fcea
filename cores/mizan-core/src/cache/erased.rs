//! The engine without the type of its store, so that the rest of the core need not know it.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use super::engine::{Engine, Entry, Outcome, Run};
use super::keys::Digest;
use super::marks::{Ended, Marks};
use super::shell::{Fault, Scope, Store};
use crate::error::Result;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An engine around some store.
pub(crate) trait AnyCache: Send + Sync {
    fn glance(&self, entry: &Entry) -> Option<Bytes>;
    fn read<'a>(self: Arc<Self>, entry: Entry, run: Run<'a>)
    -> Boxed<'a, (Result<Bytes>, Outcome)>;
    fn begin(self: Arc<Self>, scopes: Vec<Scope>) -> Boxed<'static, Result<Arc<dyn AnyMarks>>>;
    fn invalidate<'a>(&'a self, scopes: &'a [Scope]) -> Boxed<'a, Ended>;
    fn get<'a>(&'a self, entry: &'a Entry) -> Boxed<'a, Result<Option<Bytes>, Fault>>;
    fn put<'a>(&'a self, entry: &'a Entry, body: Bytes) -> Boxed<'a, Result<bool, Fault>>;
    fn unlink<'a>(&'a self, context: &'a str, value: Digest) -> Boxed<'a, Result<(), Fault>>;
}

/// The marks of one mutation in some store.
pub(crate) trait AnyMarks: Send + Sync {
    fn add(&self, scopes: Vec<Scope>) -> Boxed<'_, Result<()>>;
    fn narrow(&self, scopes: Vec<Scope>) -> Boxed<'_, Result<()>>;
    fn end(&self) -> Boxed<'_, Ended>;
}

impl<S: Store> AnyCache for Engine<S> {
    fn glance(&self, entry: &Entry) -> Option<Bytes> {
        let body = Engine::glance(self, entry)?;
        self.counters.hits.add();
        Some(body)
    }

    fn read<'a>(
        self: Arc<Self>,
        entry: Entry,
        run: Run<'a>,
    ) -> Boxed<'a, (Result<Bytes>, Outcome)> {
        Box::pin(async move { Engine::read(&self, entry, run).await })
    }

    fn begin(self: Arc<Self>, scopes: Vec<Scope>) -> Boxed<'static, Result<Arc<dyn AnyMarks>>> {
        Box::pin(async move {
            let marks = Engine::begin(&self, scopes).await?;
            Ok(Arc::new(marks) as Arc<dyn AnyMarks>)
        })
    }

    fn invalidate<'a>(&'a self, scopes: &'a [Scope]) -> Boxed<'a, Ended> {
        Box::pin(Engine::invalidate(self, scopes))
    }

    fn get<'a>(&'a self, entry: &'a Entry) -> Boxed<'a, Result<Option<Bytes>, Fault>> {
        Box::pin(Engine::get(self, entry))
    }

    fn put<'a>(&'a self, entry: &'a Entry, body: Bytes) -> Boxed<'a, Result<bool, Fault>> {
        Box::pin(Engine::put(self, entry, body))
    }

    fn unlink<'a>(&'a self, context: &'a str, value: Digest) -> Boxed<'a, Result<(), Fault>> {
        Box::pin(async move { self.shell.unlink(context, &[value]).await })
    }
}

impl<S: Store> AnyMarks for Marks<S> {
    fn add(&self, scopes: Vec<Scope>) -> Boxed<'_, Result<()>> {
        Box::pin(Marks::add(self, scopes))
    }

    fn narrow(&self, scopes: Vec<Scope>) -> Boxed<'_, Result<()>> {
        Box::pin(Marks::narrow(self, scopes))
    }

    fn end(&self) -> Boxed<'_, Ended> {
        Box::pin(Marks::end(self))
    }
}

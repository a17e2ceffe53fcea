//! A function with `Each`: entries with the same other arguments are one run.

use std::any::Any;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::{Each, Found, KeyCodec};
use crate::args::{Source, Tuple};
use crate::error::{Error, FieldErrors, Result};
use crate::function::body::{Body, Decoded, Running, RunningEach};
use crate::function::{Check, Invocation, Outcome, Violations};

/// A function, its arguments in the order of its parameters: those of the key from a position on.
pub(in crate::function) struct EachTyped<C: Tuple, K, D: Tuple, F> {
    pub(in crate::function) shared: Arc<Shared<C, K, D, F>>,
    /// The names of the arguments that are not in the key.
    pub(in crate::function) names: Vec<&'static str>,
    pub(in crate::function) keys: Vec<&'static str>,
    pub(in crate::function) check: Check<C::Values>,
}

/// What every run needs.
pub(in crate::function) struct Shared<C: Tuple, K, D: Tuple, F> {
    pub(in crate::function) codecs: C,
    pub(in crate::function) key: KeyCodec<K, D>,
    /// The position of the key, and for how many arguments it stands.
    pub(in crate::function) at: usize,
    pub(in crate::function) width: usize,
    /// How many other arguments there are.
    pub(in crate::function) others: usize,
    pub(in crate::function) body: F,
}

/// Where an argument is.
enum Place {
    Key(usize),
    Other(usize),
}

impl<C: Tuple, K, D: Tuple, F> Shared<C, K, D, F> {
    fn place(&self, index: usize) -> Place {
        match index.checked_sub(self.at) {
            None => Place::Other(index),
            Some(within) if within < self.width => Place::Key(within),
            Some(_) => Place::Other(index - self.width),
        }
    }
}

impl<C, K, D, F, R> Body for EachTyped<C, K, D, F>
where
    C: Tuple,
    K: Clone + Eq + Hash + Send + 'static,
    D: Tuple,
    F: Fn(C::Values, Each<K>, Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Found<K, Outcome>>> + Send + 'static,
{
    fn decode(
        &self,
        source: Source<'_>,
        faults: &mut FieldErrors,
    ) -> Result<Option<Box<dyn Decoded>>> {
        let others = self.shared.codecs.decode(&self.names, source, faults)?;
        let key = self.shared.key.codecs.decode(&self.keys, source, faults)?;
        let (Some(others), Some(key)) = (others, key) else { return Ok(None) };
        let others = match self.check {
            Some(check) => check(others, &mut Violations::new(faults, source)),
            None => others,
        };
        Ok(Some(Box::new(EachCall { others, key, shared: Arc::clone(&self.shared) })))
    }

    fn argument_json(&self, source: Source<'_>, index: usize) -> Option<Vec<u8>> {
        match self.shared.place(index) {
            Place::Key(index) => self.shared.key.codecs.argument_json(&self.keys, source, index),
            Place::Other(index) => self.shared.codecs.argument_json(&self.names, source, index),
        }
    }
}

struct EachCall<C: Tuple, K, D: Tuple, F> {
    others: C::Values,
    key: D::Values,
    shared: Arc<Shared<C, K, D, F>>,
}

impl<C, K, D, F, R> Decoded for EachCall<C, K, D, F>
where
    C: Tuple,
    K: Clone + Eq + Hash + Send + 'static,
    D: Tuple,
    F: Fn(C::Values, Each<K>, Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Found<K, Outcome>>> + Send + 'static,
{
    fn write_json(&self, index: usize, buffer: &mut Vec<u8>) -> bool {
        match self.shared.place(index) {
            Place::Key(index) => self.shared.key.codecs.write_json(&self.key, index, buffer),
            Place::Other(index) => self.shared.codecs.write_json(&self.others, index, buffer),
        }
    }

    fn check_text(&self, index: usize) -> Result<()> {
        match self.shared.place(index) {
            Place::Key(index) => self.shared.key.codecs.check_text(&self.key, index),
            Place::Other(index) => self.shared.codecs.check_text(&self.others, index),
        }
    }

    fn run(self: Box<Self>, call: Invocation) -> Running {
        let key = (self.shared.key.of)(self.key);
        let keys = Each::new([key.clone()]);
        let running = (self.shared.body)(self.others, keys, call);
        Box::pin(async move { running.await?.take(&key).unwrap_or_else(absent) })
    }

    fn group(&self) -> Option<Vec<u8>> {
        let Shared { codecs, others, .. } = &*self.shared;
        let mut group = Vec::new();
        for index in 0..*others {
            // An argument that cannot be written is not known to be the same.
            codecs.write_json(&self.others, index, &mut group).then(|| group.push(b','))?;
        }
        Some(group)
    }

    fn run_with(self: Box<Self>, rest: Vec<Box<dyn Decoded>>, call: Invocation) -> RunningEach {
        let shared = Arc::clone(&self.shared);
        let entries = rest.len() + 1;
        // By key, the positions of its entries.
        let mut at: HashMap<K, Vec<usize>> = HashMap::with_capacity(entries);
        let mut keys = Vec::with_capacity(entries);
        let mut add = |values: D::Values, position: usize| {
            let key = (shared.key.of)(values);
            let positions = at.entry(key.clone()).or_default();
            if positions.is_empty() {
                keys.push(key);
            }
            positions.push(position);
        };
        add(self.key, 0);
        for (position, other) in rest.into_iter().enumerate() {
            let other: Box<dyn Any> = other;
            // One function has one type of arguments.
            if let Ok(other) = other.downcast::<Self>() {
                add(other.key, position + 1);
            }
        }
        let running = (shared.body)(self.others, Each::new(keys), call);
        Box::pin(async move {
            let mut found = running.await?;
            let outcome = |(key, positions)| (positions, found.take(&key).unwrap_or_else(absent));
            Ok(at.into_iter().map(outcome).collect())
        })
    }
}

fn absent() -> Result<Outcome> {
    Err(Error::not_found("there is nothing with these parameters"))
}

//! Values with their tokens, in one round trip.

use std::sync::Arc;

use ::redis::{Pipeline, Value, cmd};
use bytes::Bytes;
use mizan_cache::{Fault, Incarnation, Lookup, Snapshot, Stored};

use super::{Inner, token_of};
use crate::redis::Live;

impl Inner {
    /// Reads a value and its tokens.
    pub(super) async fn look_up(self: &Arc<Self>, lookup: &Lookup) -> Result<Snapshot, Fault> {
        let mut cmd = cmd("MGET");
        cmd.arg(self.keys(lookup));
        let request = async |mut live: Live| {
            let answer = live.connection.send_packed_command(&cmd).await?;
            Ok((answer, live.incarnation))
        };
        let (answer, incarnation) = self.read(request).await?;
        let mut values = list_of(answer, lookup.tokens.len() + 1)?.into_iter();
        Ok(snapshot(lookup, &mut values, incarnation))
    }

    /// Several in one round trip: an MGET for each context, since one context lies in one slot of a cluster.
    pub(super) async fn look_up_all(
        self: &Arc<Self>,
        lookups: &[&Lookup],
    ) -> Result<Vec<Snapshot>, Fault> {
        let mut contexts: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, lookup) in lookups.iter().enumerate() {
            match contexts.iter_mut().find(|(context, _)| *context == &*lookup.context) {
                Some((_, of_context)) => of_context.push(at),
                None => contexts.push((&lookup.context, vec![at])),
            }
        }
        let mut pipeline = Pipeline::with_capacity(contexts.len());
        for (_, of_context) in &contexts {
            let mget = pipeline.cmd("MGET");
            let of_context = of_context.iter();
            mget.arg(of_context.flat_map(|at| self.keys(lookups[*at])).collect::<Vec<_>>());
        }
        let request = async |mut live: Live| {
            let count = pipeline.len();
            let answers = live.connection.send_packed_commands(&pipeline, 0, count).await?;
            Ok((answers, live.incarnation))
        };
        let (answers, incarnation) = self.read(request).await?;
        if answers.len() != contexts.len() {
            return Err(Fault("a response to MGET is missing".into()));
        }
        let mut found: Vec<(usize, Snapshot)> = Vec::with_capacity(lookups.len());
        for ((_, of_context), answer) in contexts.iter().zip(answers) {
            let keys = of_context.iter().map(|at| lookups[*at].tokens.len() + 1).sum();
            let mut values = list_of(answer, keys)?.into_iter();
            for at in of_context {
                found.push((*at, snapshot(lookups[*at], &mut values, incarnation)));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        Ok(found.into_iter().map(|(_, snapshot)| snapshot).collect())
    }

    /// The keys of a lookup: that of the value, then those of its tokens.
    fn keys(&self, lookup: &Lookup) -> Vec<String> {
        let tokens = lookup.tokens.iter().map(|token| self.token_key(&lookup.context, token));
        std::iter::once(self.key(&lookup.context, "ctx", &lookup.value)).chain(tokens).collect()
    }
}

/// The response to an MGET of so many keys.
fn list_of(answer: Value, keys: usize) -> Result<Vec<Value>, Fault> {
    match answer {
        Value::Array(values) if values.len() == keys => Ok(values),
        Value::Array(_) => Err(Fault("the response to MGET is a list of another length".into())),
        _ => Err(Fault("the response to MGET is not a list".into())),
    }
}

/// What was found under the keys of a lookup, in their order.
fn snapshot(
    lookup: &Lookup,
    values: &mut impl Iterator<Item = Value>,
    incarnation: Incarnation,
) -> Snapshot {
    let value = match values.next() {
        Some(Value::BulkString(bytes)) => Stored::decode(Bytes::from(bytes)).map(Arc::new),
        _ => None,
    };
    let tokens = values.take(lookup.tokens.len()).map(|token| token_of(&token)).collect();
    Snapshot { incarnation, value, tokens }
}

//! The stages of a read: guards of every member, typed parameters, members side by side, one bundle.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::gather::Ticket;
use super::run::{decode, start, write};
use crate::args::{Pairs, Shape, Source};
use crate::cache::{ContextCache, Entry, Glance};
use crate::error::{Error, FieldErrors, Result};
use crate::function::{Decoded, Outcome};
use crate::graph::{ContextId, FunctionNode, Graph};
use crate::http::CacheStatus;
use crate::identity::Identity;
use crate::request::RawRequest;
use crate::task::{Join, Runtime};

/// The reserved parameter that asks for one member of a bundle.
const ONLY: &str = "mizan.only";

/// The members of a context that a read asks for.
pub(crate) struct Selection<'g, 'q> {
    graph: &'g Graph,
    context: ContextId,
    source: Source<'q>,
    only: Option<Cow<'q, str>>,
}

impl<'g, 'q> Selection<'g, 'q> {
    /// All members, or the one that the query asks for.
    ///
    /// # Errors
    /// `NOT_FOUND` where there is no such member, `VALIDATION_ERROR` where its name does not decode.
    pub(crate) fn new(graph: &'g Graph, context: ContextId, query: &'q Pairs<'q>) -> Result<Self> {
        let only = query.first(ONLY);
        if only.is_none() && query.value(ONLY).is_some() {
            return Err(Error::field(ONLY, "broken percent-encoding or not UTF-8"));
        }
        let selection = Self { graph, context, source: Source::Query(query), only };
        if selection.only.is_some() && selection.members().next().is_none() {
            return Err(Error::not_found("no such member of the context"));
        }
        Ok(selection)
    }

    /// All members, with their parameters wherever they are.
    pub(crate) fn whole(graph: &'g Graph, context: ContextId, source: Source<'q>) -> Self {
        Self { graph, context, source, only: None }
    }

    /// Where the parameters are.
    pub(crate) fn source(&self) -> Source<'q> {
        self.source
    }

    /// The members that are wanted.
    pub(crate) fn members(&self) -> impl Iterator<Item = &'g FunctionNode> {
        self.graph.members(self.context).filter(|node| self.wants(node))
    }

    fn wants(&self, node: &FunctionNode) -> bool {
        self.only.as_ref().is_none_or(|only| node.function.name == **only)
    }

    /// Asks the guard of every member.
    ///
    /// # Errors
    /// The refusal of the first guard, and `NOT_IMPLEMENTED` for a context over the WebSocket.
    pub(crate) async fn guard(&self, request: &Arc<RawRequest>) -> Result<()> {
        for node in self.members() {
            if let Some(guard) = &node.function.auth {
                guard.check(request).await?;
            }
        }
        if self.graph.members(self.context).any(|node| node.function.websocket) {
            return Err(Error::not_implemented("this context is read over the WebSocket"));
        }
        Ok(())
    }

    /// Lets every member read its arguments, so that one that is not wanted still checks them.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` with the faults of all of them.
    pub(crate) fn decode(&self) -> Result<Members<'g>> {
        let members = self.decode_from(self.source)?;
        let has_sets =
            self.graph[self.context].params.iter().any(|param| param.form.shape == Shape::Set);
        // A set in JSON keeps the order in which it was sent, which no key has: the functions see that of the key.
        if matches!(self.source, Source::Json(..))
            && has_sets
            && let Some(params) = members.params()
        {
            let settled = serde_json::Value::Object(params).to_string();
            return self.decode_from(Source::Json(&settled, &Pairs::NONE));
        }
        Ok(members)
    }

    fn decode_from(&self, source: Source<'_>) -> Result<Members<'g>> {
        let mut errors = FieldErrors::default();
        let mut members = Vec::with_capacity(self.graph[self.context].members.len());
        for node in self.graph.members(self.context) {
            let decoded = decode(node, source, &mut errors)?;
            members.extend(decoded.filter(|_| self.wants(node)).map(|decoded| (node, decoded)));
        }
        if !errors.is_empty() {
            return Err(errors.into_error());
        }
        Ok(Members {
            graph: self.graph,
            context: self.context,
            members,
            is_whole: self.only.is_none(),
        })
    }
}

/// An entry, and what the cache knows of it.
pub(crate) type Looked = (Entry, Option<Glance>);

/// The members of a read with their arguments.
pub(crate) struct Members<'g> {
    pub(super) graph: &'g Graph,
    pub(super) context: ContextId,
    pub(super) members: Vec<(&'g FunctionNode, Box<dyn Decoded>)>,
    pub(super) is_whole: bool,
}

impl Members<'_> {
    pub(crate) fn context(&self) -> ContextId {
        self.context
    }

    #[cfg(debug_assertions)]
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The parameters of the entry, in the form of targets; `None` where one cannot be written, or members
    /// read it differently.
    pub(crate) fn params(&self) -> Option<serde_json::Map<String, serde_json::Value>> {
        let mut params = serde_json::Map::new();
        for param in &self.graph[self.context].params {
            for (node, decoded) in &self.members {
                let Some((at, _)) = node.function.argument(&param.name) else { continue };
                let mut json = Vec::new();
                let written = decoded.write_json(at, &mut json);
                let mut value = serde_json::from_slice(&json).ok().filter(|_| written)?;
                param.form.settle(&mut value);
                let known = params.insert(param.name.to_string(), value.clone());
                if known.is_some_and(|known| known != value) {
                    return None;
                }
            }
        }
        Some(params)
    }
}

impl<'g> Members<'g> {
    /// The bundle: of the cache where it has the entry, else by running the members. With a ticket, one with `Each`
    /// is run together with those of other entries.
    ///
    /// # Errors
    /// That of the first failing member by name.
    pub(crate) async fn bundle(
        self,
        cache: Option<&ContextCache>,
        request: &Arc<RawRequest>,
        runtime: &Runtime,
        ticket: Option<&Ticket<'_, 'g>>,
    ) -> Result<(Bytes, Option<CacheStatus>)> {
        let mut status = None;
        if let Some(cache) = cache {
            if let Some(entry) = self.entry(cache, request.user()) {
                let looked = match cache.glance(&entry) {
                    Ok(glance) => (entry, glance),
                    Err(body) => return Ok((body, Some(CacheStatus::Hit))),
                };
                // On the heap, so that a hit does not carry its size.
                return Box::pin(self.looked_up(cache, looked, request, runtime, ticket)).await;
            }
            cache.count_bypass();
            status = Some(CacheStatus::Bypass);
        }
        Ok((self.run(request, runtime, ticket).await?, status))
    }

    /// The same for an entry that was looked up, and is not a hit.
    ///
    /// # Errors
    /// That of the first failing member by name.
    pub(crate) async fn looked_up(
        self,
        cache: &ContextCache,
        (entry, glance): Looked,
        request: &Arc<RawRequest>,
        runtime: &Runtime,
        ticket: Option<&Ticket<'_, 'g>>,
    ) -> Result<(Bytes, Option<CacheStatus>)> {
        let run = Box::pin(self.run(request, runtime, ticket));
        let following = || ticket.into_iter().for_each(Ticket::close);
        let (body, status) = cache.read(entry, glance, run, &following).await;
        Ok((body?, Some(status)))
    }

    /// The entry that the read asks for; `None` where it is not cached.
    pub(crate) fn entry(&self, cache: &ContextCache, user: Option<&Identity>) -> Option<Entry> {
        let decoded = self.members.iter().map(|(_, decoded)| &**decoded);
        let mut entry =
            self.is_whole.then(|| cache.entry(self.graph, self.context, decoded, user))??;
        entry.is_anonymous = user.is_none();
        Some(entry)
    }

    /// Runs the members side by side.
    pub(super) async fn run(
        self,
        request: &Arc<RawRequest>,
        runtime: &Runtime,
        ticket: Option<&Ticket<'_, 'g>>,
    ) -> Result<Bytes> {
        let members = self.members.into_iter();
        if let Some(ticket) = ticket {
            let running = Join::new(members.map(|member| ticket.start(member, request, runtime)));
            ticket.close();
            return bundle(running.await).map(Bytes::from);
        }
        let mut running =
            members.map(|(node, decoded)| start(node, decoded, request, (runtime, None)));
        // A bundle of one is common, and needs no join.
        if running.len() == 1
            && let Some(only) = running.next()
        {
            return bundle([only.await]).map(Bytes::from);
        }
        bundle(Join::new(running).await).map(Bytes::from)
    }
}

/// Writes the bundle; it fails whole, with the error of the first failing member by name.
fn bundle<'g>(
    outcomes: impl IntoIterator<Item = (&'g FunctionNode, Result<Outcome>)>,
) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(256);
    body.push(b'{');
    for (node, outcome) in outcomes {
        let name = &node.function.name;
        let Outcome::Value(value) = outcome? else {
            return Err(Error::internal(format!("`{name}` returned a view in a bundle")));
        };
        if body.len() > 1 {
            body.push(b',');
        }
        body.push(b'"');
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        write(node, &*value, &mut body)?;
    }
    body.push(b'}');
    Ok(body)
}

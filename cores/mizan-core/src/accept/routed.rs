//! Requests by route: pages, forms and machines that do not speak Mizan's protocol.

use std::borrow::Cow;
use std::sync::Arc;

use super::Next;
use super::body::{Pending, PendingBody, check_length};
use super::call::{Purpose, call};
use super::page::Wanted;
use crate::args::{Pairs, Source, object};
use crate::dispatch::Planned;
use crate::error::{Error, Result};
use crate::graph::{Found, FunctionId, Graph};
use crate::http::{RequestHead, Response, media_type};
use crate::identity::Identity;
use crate::registry::{Limits, Mizan};

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A function that a request reaches by its route, and where its arguments are.
#[derive(Debug)]
pub(super) struct Routed {
    pub(super) function: FunctionId,
    /// Arguments in the path, still encoded.
    parts: Vec<(String, String)>,
    rest: Rest,
    /// Whether the body is a form, which may hold a CSRF token.
    is_form: bool,
    /// What is wanted of a page that is kept.
    pub(super) wanted: Option<Wanted>,
}

/// Where the arguments are that the path does not hold.
#[derive(Debug)]
enum Rest {
    Query(String),
    Json,
    Form,
    /// A body that the function reads itself, or none.
    Nowhere,
    /// No type says how a body would be read, so there is to be none.
    Untyped,
}

impl Mizan {
    pub(super) fn routed(
        &self,
        head: &dyn RequestHead,
        found: &Found<'_, '_>,
        known: Option<Identity>,
    ) -> Result<Next> {
        let method = head.method();
        let Some((function, parts)) = found.function(method) else {
            return Ok(Next::Done(Response::not_allowed(found.allow())));
        };
        // A `+` in a path is not a space, as it is in a query.
        let own = |(name, text): (&str, &str)| (name.to_owned(), text.replace('+', "%2B"));
        let parts: Vec<_> = parts.into_iter().map(own).collect();
        if matches!(method, "GET" | "HEAD") {
            let rest = Rest::Query(head.query().to_owned());
            let routed = Routed {
                function,
                parts,
                rest,
                is_form: false,
                wanted: self.wanted(function, head),
            };
            let pending = Pending::page(self, head, Purpose::Route(routed), known);
            return Ok(Next::Run(Box::pin(async move { call(pending, &[]).await })));
        }
        check_length(self, head)?;
        let rest = self.rest(head, function, parts.len())?;
        let is_form = media_type(head).eq_ignore_ascii_case(FORM);
        let routed = Routed { function, parts, rest, is_form, wanted: None };
        Ok(Next::NeedsBody(PendingBody::new(self, head, Purpose::Route(routed), known)))
    }

    fn rest(&self, head: &dyn RequestHead, function: FunctionId, parts: usize) -> Result<Rest> {
        let media = media_type(head);
        let is = |name: &str| media.eq_ignore_ascii_case(name);
        let function = &self.0.graph[function].function;
        if function.arguments.len() == parts {
            Ok(Rest::Nowhere)
        } else if media.is_empty() {
            Ok(Rest::Untyped)
        } else if is("application/json") {
            Ok(Rest::Json)
        } else if function.webhook.is_some() {
            // Signed is the body, and not what it is to be read as.
            Err(Error::unsupported_media_type("the body is `application/json`"))
        } else if is(FORM) {
            Ok(Rest::Form)
        } else {
            Err(untaken())
        }
    }
}

fn untaken() -> Error {
    Error::unsupported_media_type(
        "the body is `application/json` or `application/x-www-form-urlencoded`",
    )
}

impl Routed {
    /// The CSRF token of a form.
    pub(super) fn csrf_field<'b>(&self, body: &'b [u8]) -> Option<Cow<'b, str>> {
        let form = self.is_form.then_some(body)?;
        let mut pairs = std::str::from_utf8(form).ok()?.split('&');
        let pair = pairs.find(|pair| pair.starts_with("csrf_token="))?;
        Pairs::split(pair, 1)?.first("csrf_token")
    }

    /// Reads the arguments and computes the targets. A part of the path that is not a value of its argument
    /// names nothing: 404.
    pub(super) fn decode(
        &self,
        graph: &Arc<Graph>,
        limits: &Limits,
        body: &[u8],
    ) -> Result<Planned> {
        self.with_source(limits, body, |source, names| {
            Planned::decode(graph, self.function, source, names)
        })
    }

    /// Finds out where the arguments are, and which of them are in the path.
    pub(super) fn with_source<T>(
        &self,
        limits: &Limits,
        body: &[u8],
        read: impl FnOnce(Source<'_>, &[&str]) -> Result<T>,
    ) -> Result<T> {
        let parts = self.parts.iter().map(|(name, text)| (&**name, &**text));
        let parts: Vec<(&str, &str)> = parts.collect();
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        let pairs = |text| -> Result<Pairs<'_>> {
            let pairs = Pairs::split(text, limits.params).ok_or_else(|| {
                Error::bad_request(format!("there are more than {} parameters", limits.params))
            })?;
            Ok(pairs.with(&parts))
        };
        let (args, pairs) = match &self.rest {
            Rest::Query(query) => (None, pairs(query)?),
            Rest::Form => {
                let text = std::str::from_utf8(body);
                (None, pairs(text.map_err(|_| Error::bad_request("the form is not UTF-8"))?)?)
            }
            Rest::Json => (Some(object(body, limits.depth)?), Pairs::NONE.with(&parts)),
            Rest::Untyped if !body.is_empty() => return Err(untaken()),
            Rest::Nowhere | Rest::Untyped => (Some(""), Pairs::NONE.with(&parts)),
        };
        let source = match args {
            Some(args) => Source::Json(args, &pairs),
            None => Source::Query(&pairs),
        };
        read(source, &names)
    }
}

//! Requests by route: pages, forms and machines that speak nothing of ours.

use std::borrow::Cow;
use std::sync::Arc;

use super::Next;
use super::pending::{Purpose, media_type};
use crate::accounts::Access;
use crate::args::{Pairs, Source, object};
use crate::dispatch::{self, CallPlan};
use crate::error::{Error, Result};
use crate::graph::Found;
use crate::http::{ProtocolHeader, RequestHead, Response, header_text, is_below};
use crate::registry::Mizan;
use crate::request::RawRequest;

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A function that a request reaches by its route, and where its arguments stand.
#[derive(Debug)]
pub(super) struct Entry {
    function: usize,
    /// Arguments in the path, still encoded.
    parts: Vec<(String, String)>,
    rest: Rest,
    /// Whether the body is a form, which may hold a CSRF token.
    is_form: bool,
}

/// Where the arguments are that the path does not hold.
#[derive(Debug)]
enum Rest {
    Query(String),
    Json,
    Form,
    /// A body that the function reads by itself, or none.
    Nowhere,
}

impl Mizan {
    /// Whether a route of ours answers at a path.
    pub fn has_route(&self, path: &str) -> bool {
        self.route(path).is_some()
    }

    /// The route at a path. Below a mount point there is none, and where that is `/`, none at the
    /// paths of the protocol.
    pub(super) fn route<'p>(&self, path: &'p str) -> Option<Found<'_, 'p>> {
        let mount = &*self.0.mount;
        let of_protocol = match mount {
            "" => self.endpoint(path).is_some(),
            _ => is_below(mount, path),
        };
        if of_protocol { None } else { self.0.graph.routes.find(path) }
    }

    pub(super) fn routed(&self, incoming: &dyn RequestHead, found: Found<'_, '_>) -> Result<Next> {
        let method = incoming.method();
        let Some((function, parts)) = found.function(method) else {
            return Ok(Next::Done(Response::not_allowed(found.allow())));
        };
        // A `+` in a path is no blank, as it is in a query.
        let own = |(name, text): (&str, &str)| (name.to_owned(), text.replace('+', "%2B"));
        let parts: Vec<_> = parts.into_iter().map(own).collect();
        if matches!(method, "GET" | "HEAD") {
            let rest = Rest::Query(incoming.query().to_owned());
            return Ok(self.page(incoming, Entry { function, parts, rest, is_form: false }));
        }
        self.check_length(incoming)?;
        let rest = self.rest(incoming, function, parts.len())?;
        let is_form = media_type(incoming).eq_ignore_ascii_case(FORM);
        let entry = Entry { function, parts, rest, is_form };
        Ok(Next::NeedsBody(self.pending(incoming, Purpose::Route(entry))))
    }

    fn page(&self, incoming: &dyn RequestHead, entry: Entry) -> Next {
        let (mizan, parts) = (self.clone(), self.parts(incoming));
        Next::Run(Box::pin(async move {
            let shown = async {
                let (request, caller) = mizan.request(parts, Access::Other, None).await?;
                let reply = match entry.plan(&mizan, &[], &request).await {
                    Ok(plan) if plan.changes_nothing() => {
                        Ok(dispatch::show(plan, request, &mizan.0.runtime).await)
                    }
                    Ok(plan) => mizan.run(plan, request).await,
                    Err(error) => Err(error),
                };
                Ok(mizan.finish(reply, &caller))
            };
            shown.await.unwrap_or_else(Response::error)
        }))
    }

    fn rest(&self, incoming: &dyn RequestHead, function: usize, parts: usize) -> Result<Rest> {
        let media = media_type(incoming);
        let is = |name: &str| media.eq_ignore_ascii_case(name);
        let all_in_path = self.0.graph.functions[function].function.params.len() == parts;
        let length = header_text(incoming, ProtocolHeader::ContentLength);
        let empty = media.is_empty() && matches!(length, None | Some("0"));
        match all_in_path || empty {
            true => Ok(Rest::Nowhere),
            false if is("application/json") => Ok(Rest::Json),
            false if is(FORM) => Ok(Rest::Form),
            false => Err(Error::unsupported_media_type(
                "the body is `application/json` or `application/x-www-form-urlencoded`",
            )),
        }
    }
}

impl Entry {
    /// The CSRF token of a form.
    pub(super) fn csrf_field<'b>(&self, body: &'b [u8]) -> Option<Cow<'b, str>> {
        let form = self.is_form.then_some(body)?;
        let mut pairs = std::str::from_utf8(form).ok()?.split('&');
        let pair = pairs.find(|pair| pair.starts_with("csrf_token="))?;
        Pairs::split(pair, 1)?.first("csrf_token")
    }

    /// Asks the guard, reads the arguments and computes the targets. A part of the path that is no
    /// value of its argument names nothing: 404.
    pub(super) async fn plan(
        &self,
        mizan: &Mizan,
        body: &[u8],
        request: &Arc<RawRequest>,
    ) -> Result<CallPlan> {
        let (graph, limits) = (&mizan.0.graph, &mizan.0.limits);
        CallPlan::admit(graph, self.function, request).await?;
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
            Rest::Nowhere => (Some(""), Pairs::NONE.with(&parts)),
        };
        let source = match args {
            Some(args) => Source::Json(args, &pairs),
            None => Source::Query(&pairs),
        };
        CallPlan::of(graph, self.function, source, &names)
    }
}

//! The stages of a call: guard, arguments and targets, marks, the function to its end, what it made
//! stale, the response.

use std::sync::Arc;

use mizan_schema::Target;

use super::effects::CallEffects;
use super::run::{decode, panicked, start, write};
use crate::args::Source;
use crate::cache::{ContextCache, Marked};
use crate::error::{Error, FieldErrors, Result};
use crate::function::{Decoded, Outcome};
use crate::graph::{FunctionId, FunctionNode, Graph};
use crate::http::{CacheStatus, ProtocolHeader, Response};
use crate::invalidate::Announced;
use crate::output::Ready;
use crate::registry::Mizan;
use crate::request::{RawRequest, SessionActions};
use crate::task::{Held, Runtime, catch};
#[cfg(feature = "pages")]
use crate::view::{PageView, View};

/// Verifies the signature of a webhook, and asks the guard of a function.
///
/// # Errors
/// `UNAUTHORIZED` for a signature that is not good, the refusal of the guard, and `NOT_IMPLEMENTED` for a function over the WebSocket.
pub(crate) async fn guard(node: &FunctionNode, request: &Arc<RawRequest>) -> Result<()> {
    if let Some(webhook) = node.function.webhook {
        webhook.check(node.webhook.as_ref(), request)?;
    }
    if let Some(guard) = &node.function.auth {
        guard.check(request).await?;
    }
    if node.function.websocket {
        return Err(Error::not_implemented("this function is called over the WebSocket"));
    }
    Ok(())
}

/// A call that has passed every check: from here on it runs to its end.
pub(crate) struct Planned {
    decoded: Box<dyn Decoded>,
    announced: Announced,
}

impl Planned {
    /// Reads the arguments of a function and computes its targets. A fault in one of `parts`, which
    /// are in the path, is a 404.
    ///
    /// # Errors
    /// `BAD_REQUEST` for a fault of form, `VALIDATION_ERROR` with the faults of all arguments.
    pub(crate) fn decode(
        graph: &Arc<Graph>,
        function: FunctionId,
        source: Source<'_>,
        parts: &[&str],
    ) -> Result<Self> {
        let node = &graph[function];
        let mut errors = FieldErrors::default();
        let decoded = decode(node, source, &mut errors)?;
        let Some(decoded) = decoded.filter(|_| errors.is_empty()) else {
            return Err(if errors.concern(parts) {
                Error::not_found("there is nothing at this path")
            } else {
                errors.into_error()
            });
        };
        let declared = || Announced::declared(graph, function, &*decoded);
        let announced = catch(declared).map_err(|panic| panicked(node, &panic))?;
        let announced = announced.map_err(|error| error.within(&node.function.name))?;
        Ok(Self { decoded, announced })
    }

    /// Whether the function declares no change.
    pub(crate) fn changes_nothing(&self) -> bool {
        self.announced.node().touched.is_empty()
    }

    /// Whether the call runs to its end though no one waits for it: it declares a change, or its function asks
    /// for that.
    pub(crate) fn is_detached(&self) -> bool {
        !self.changes_nothing() || self.announced.node().function.runs_to_its_end()
    }

    /// Runs a function that declares no change, for a page. Dropped, it stops.
    pub(crate) async fn show(self, request: &Arc<RawRequest>, runtime: &Runtime) -> Ended {
        let Self { decoded, announced } = self;
        let (_, outcome) = start(announced.node(), decoded, request, (runtime, None)).await;
        Ended { announced, outcome, is_degraded: false, is_unchanged: false }
    }

    /// The arguments as a JSON object; `None` where one cannot be written.
    #[cfg(feature = "pages")]
    pub(crate) fn args_json(&self) -> Option<String> {
        let mut json = Vec::from(b"{");
        for (at, argument) in self.announced.node().function.arguments.iter().enumerate() {
            if at > 0 {
                json.push(b',');
            }
            serde_json::to_writer(&mut json, &*argument.name).ok()?;
            json.push(b':');
            self.decoded.write_json(at, &mut json).then_some(())?;
        }
        json.push(b'}');
        String::from_utf8(json).ok()
    }

    /// Marks what the call may change. Where that fails, the function does not run.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the cache cannot be notified and the policy refuses such calls.
    pub(crate) async fn begin(self, cache: Option<&Arc<ContextCache>>) -> Result<Begun> {
        let marked = match cache {
            Some(cache) => Some(ContextCache::begin(cache, &self.announced).await?),
            None => None,
        };
        let effects = Arc::new(CallEffects::new(&self.announced, marked.clone()));
        Ok(Begun { planned: self, marked, effects })
    }
}

/// A call whose marks are set.
pub(crate) struct Begun {
    planned: Planned,
    marked: Option<Marked>,
    effects: Arc<CallEffects>,
}

impl Begun {
    /// Runs the function to its end: a result, an error or a panic.
    pub(crate) async fn run(
        self,
        request: &Arc<RawRequest>,
        (runtime, place): (&Runtime, Held),
    ) -> Ran {
        let Self { planned: Planned { decoded, announced }, marked, effects } = self;
        request.begin(Arc::clone(&effects) as _);
        let started = start(announced.node(), decoded, request, (runtime, Some(place)));
        let (_, outcome) = started.await;
        Ran { announced, marked, effects, outcome }
    }
}

/// A call whose function has ended.
pub(crate) struct Ran {
    announced: Announced,
    marked: Option<Marked>,
    effects: Arc<CallEffects>,
    outcome: Result<Outcome>,
}

impl Ran {
    /// Takes the marks off: everything they cover is stale from here on. A call that has changed nothing
    /// takes them back before.
    pub(crate) async fn end(self) -> Ended {
        let Self { mut announced, marked, effects, outcome } = self;
        let is_unchanged = match &outcome {
            Ok(Outcome::View(view)) => view.is_unchanged(),
            Ok(Outcome::Value(_)) => false,
            Err(error) => error.is_unchanged(),
        };
        if is_unchanged {
            effects.take_back().await;
        }
        let is_degraded = match &marked {
            Some(marked) => marked.end().await,
            None => false,
        };
        effects.apply(&mut announced);
        Ended { announced, outcome, is_degraded, is_unchanged }
    }
}

/// A call whose changes are seen by every read from now on.
pub(crate) struct Ended {
    announced: Announced,
    outcome: Result<Outcome>,
    is_degraded: bool,
    is_unchanged: bool,
}

#[cfg(debug_assertions)]
impl Ended {
    pub(super) fn announced(&self) -> &Announced {
        &self.announced
    }
}

#[cfg(feature = "pages")]
impl Ended {
    /// The JSON of what the function gave.
    pub(crate) fn into_json(self) -> Result<Vec<u8>> {
        let mut json = Vec::new();
        match self.outcome? {
            Outcome::Value(value) => write(self.announced.node(), &*value, &mut json)?,
            Outcome::View(_) => return Err(Error::internal("a view is not JSON")),
        }
        Ok(json)
    }

    /// What the function gave, if that is a view.
    pub(crate) fn view(&self) -> Option<&View> {
        match &self.outcome {
            Ok(Outcome::View(view)) => Some(view),
            _ => None,
        }
    }

    /// Takes the component out of a view that is one.
    pub(crate) fn take_page(&mut self) -> Option<PageView> {
        match &mut self.outcome {
            Ok(Outcome::View(view)) => view.take_page(),
            _ => None,
        }
    }

    /// The same with this text as that of the view.
    pub(crate) fn with_text(self, text: String) -> Self {
        let with_text = |outcome| match outcome {
            Outcome::View(view) => Outcome::View(view.with_body(text)),
            value => value,
        };
        Self { outcome: self.outcome.map(with_text), ..self }
    }

    /// The same with an error in place of what the function gave.
    pub(crate) fn failed(self, error: Error) -> Self {
        let error = error.within(&self.announced.node().function.name);
        Self { outcome: Err(error), ..self }
    }
}

impl Ended {
    /// Whether the function said that it had changed nothing.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.is_unchanged
    }

    /// What is stale, merges included.
    pub(super) fn targets(&self) -> Vec<Target> {
        self.announced.targets()
    }

    /// What is stale, if the response may bring fresh values of it: of a result, not of an error or a page, and
    /// only while the caller is who they were.
    pub(crate) fn refreshable(&self, request: &RawRequest) -> Vec<Target> {
        let session = request.session_actions().is_some_and(SessionActions::has_changed);
        let is_value = matches!(self.outcome, Ok(Outcome::Value(_)));
        if is_value && !session && !self.announced.node().function.private {
            self.targets()
        } else {
            Vec::new()
        }
    }

    /// Notifies observers of what is stale, whether the call succeeded or not.
    pub(crate) fn announce(self, mizan: &Mizan) -> Self {
        let targets = if mizan.is_observed() { self.announced.targets() } else { Vec::new() };
        if !targets.is_empty() {
            mizan.observed(&targets);
        }
        self
    }

    /// Writes the response: body and header from one list of targets. A function that ran may have
    /// changed something before it failed, so an error has that list too. A target that the function named is
    /// without its values if the caller does not know them; a header `for_edge` has them all the same.
    pub(crate) fn write(
        self,
        cache_status: bool,
        request: &RawRequest,
        knows: impl Fn(&Target) -> bool,
        for_edge: bool,
    ) -> Response {
        let Self { mut announced, outcome, is_degraded, .. } = self;
        announced.tell(knows, for_edge);
        let session = request.session_actions().is_some_and(SessionActions::has_changed);
        let mut header = announced.take_header();
        let mut response = match outcome {
            Ok(Outcome::View(view)) if view.as_page().is_some() => {
                let error = "`View::page` needs the feature `pages` of mizan-core";
                Response::error(Error::internal(error).within(&announced.node().function.name))
            }
            Ok(Outcome::View(view)) => {
                header = header.filter(|_| view.sends_invalidation());
                Response::view(view)
            }
            // Machines by a route expect the result and nothing around it.
            Ok(Outcome::Value(value)) if announced.node().function.private => {
                let mut body = Vec::new();
                match write(announced.node(), &*value, &mut body) {
                    Ok(()) => Response::json(body),
                    Err(error) => Response::error_with(error, announced.targets(), session),
                }
            }
            outcome => match outcome.and_then(|outcome| body(&announced, outcome, session)) {
                Ok(body) => Response::json(body),
                Err(error) => Response::error_with(error, announced.targets(), session),
            },
        };
        if let Some(header) = header {
            response = response.with(ProtocolHeader::Invalidate, header);
        }
        if is_degraded && cache_status {
            response = response.with(ProtocolHeader::Cache, CacheStatus::Degraded.as_str());
        }
        response
    }
}

/// Writes `{"result", "invalidate"?, "merge"?, "session"?}`.
fn body(announced: &Announced, outcome: Outcome, session: bool) -> Result<Vec<u8>> {
    let Outcome::Value(value) = outcome else {
        return Err(Error::internal("a view is not JSON"));
    };
    let value: &dyn Ready = &*value;
    let mut body = Vec::with_capacity(256);
    body.extend_from_slice(b"{\"result\":");
    let start = body.len();
    write(announced.node(), value, &mut body)?;
    let result = start..body.len();
    announced.write_json(&mut body)?;
    announced.write_merges(&mut body, result);
    if session {
        body.extend_from_slice(b",\"session\":\"changed\"");
    }
    body.push(b'}');
    Ok(body)
}

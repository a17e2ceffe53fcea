//! Single functions: read their arguments, start them, write their results. A panic in any of it is an
//! error like any other.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Sleep;

use crate::args::Source;
use crate::error::{Error, FieldErrors, Result};
use crate::function::{Decoded, Invocation, Outcome, Running};
use crate::graph::FunctionNode;
use crate::output::Ready;
use crate::request::RawRequest;
use crate::task::{CatchUnwind, Held, Runtime, catch};
use crate::visibility::Visibility;

/// Reads the arguments of a function.
pub(super) fn decode(
    node: &FunctionNode,
    source: Source<'_>,
    errors: &mut FieldErrors,
) -> Result<Option<Box<dyn Decoded>>> {
    let body = &node.function.body;
    let decoded = catch(|| body.decode(source, errors)).map_err(|panic| panicked(node, &panic))?;
    decoded.map_err(|error| error.within(&node.function.name))
}

/// Reads one argument of a function, as JSON; `None` where it cannot be read.
pub(crate) fn argument_json(
    node: &FunctionNode,
    source: Source<'_>,
    index: usize,
) -> Option<Vec<u8>> {
    // A panic comes again when the arguments are read, and is reported there.
    catch(|| node.function.body.argument_json(source, index)).ok()?
}

/// Writes a result.
pub(super) fn write(node: &FunctionNode, value: &dyn Ready, body: &mut Vec<u8>) -> Result<()> {
    #[cfg(all(feature = "check-results", debug_assertions))]
    let start = body.len();
    let failed = |reason| Error::internal(format!("`{}`: {reason}", node.function.name));
    catch(|| value.write(body)).map_err(|panic| panicked(node, &panic))?.map_err(failed)?;
    #[cfg(all(feature = "check-results", debug_assertions))]
    if let Some(schema) = &node.result {
        schema.check(&body[start..]).map_err(failed)?;
    }
    Ok(())
}

pub(super) fn panicked(node: &FunctionNode, panic: &str) -> Error {
    Error::internal(format!("`{}` panicked: {panic}", node.function.name))
}

/// A function that has been started.
pub(super) struct Started<'g> {
    node: &'g FunctionNode,
    running: Result<CatchUnwind<Running>>,
    /// The time of a read that has a limit of its own.
    time: Option<Duration>,
    /// Its end, once the read has begun.
    limit: Option<Pin<Box<Sleep>>>,
}

/// Starts a function; an `async` one has not run yet.
pub(super) fn start<'g>(
    node: &'g FunctionNode,
    decoded: Box<dyn Decoded>,
    request: &Arc<RawRequest>,
    (runtime, place): (&Runtime, Option<Held>),
) -> Started<'g> {
    // A call has a place. It may run to its end though no one waits for it any more.
    let time = node.function.timeout.filter(|_| place.is_none());
    let invocation = invocation(node, request, (runtime, place));
    let running = catch(|| decoded.run(invocation));
    let running = running.map(CatchUnwind).map_err(|panic| panicked(node, &panic));
    Started { node, running, time, limit: None }
}

/// Runs a function with `Each` for several entries; each outcome with the positions of its entries.
///
/// # Errors
/// Where the run itself fails or panics: that is the error of every entry.
pub(super) async fn run_each(
    node: &FunctionNode,
    (first, rest): (Box<dyn Decoded>, Vec<Box<dyn Decoded>>),
    request: &Arc<RawRequest>,
    runtime: &Runtime,
) -> Result<Vec<(Vec<usize>, Result<Outcome>)>> {
    let invocation = invocation(node, request, (runtime, None));
    let panicked = |panic: String| panicked(node, &panic);
    let running = catch(|| first.run_with(rest, invocation)).map_err(panicked)?;
    let running = CatchUnwind(running);
    let found = match node.function.timeout {
        Some(time) => tokio::time::timeout(time, running).await.map_err(|_| late())?,
        None => running.await,
    };
    let found = found.map_err(panicked)?;
    let within = |error: Error| error.within(&node.function.name);
    let found = found.map_err(within)?.into_iter();
    Ok(found.map(|(positions, outcome)| (positions, outcome.map_err(within))).collect())
}

/// The error of a read that has taken longer than its function may.
fn late() -> Error {
    Error::unavailable("this has taken too long, and was stopped")
}

/// What a function gets besides its arguments.
fn invocation(
    node: &FunctionNode,
    request: &Arc<RawRequest>,
    (runtime, place): (&Runtime, Option<Held>),
) -> Invocation {
    let function = &node.function;
    let request = match (function.id, function.visibility) {
        // No type holds a run-time function to its word.
        (None, seen @ (Visibility::Public | Visibility::User)) => Arc::new(request.narrowed(seen)),
        _ => Arc::clone(request),
    };
    Invocation { request, states: node.states.clone(), runtime: runtime.clone(), place }
}

impl<'g> Future for Started<'g> {
    /// With the function that was started.
    type Output = (&'g FunctionNode, Result<Outcome>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let node = self.node;
        self.outcome(cx).map(|outcome| (node, outcome))
    }
}

impl Started<'_> {
    fn outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<Outcome>> {
        let (node, this) = (self.node, self);
        match &mut this.running {
            Ok(running) => match Pin::new(running).poll(cx) {
                Poll::Ready(Ok(outcome)) => {
                    Poll::Ready(outcome.map_err(|error| error.within(&node.function.name)))
                }
                Poll::Ready(Err(panic)) => Poll::Ready(Err(panicked(node, &panic))),
                Poll::Pending => {
                    let Some(time) = this.time else { return Poll::Pending };
                    let limit = || Box::pin(tokio::time::sleep(time));
                    let limit = this.limit.get_or_insert_with(limit);
                    ready!(limit.as_mut().poll(cx));
                    this.running = Err(late());
                    Poll::Ready(Err(late()))
                }
            },
            Err(_) => {
                let ended = Err(Error::internal("a function was polled after its end"));
                match std::mem::replace(&mut this.running, ended) {
                    Err(error) => Poll::Ready(Err(error)),
                    Ok(_) => Poll::Pending,
                }
            }
        }
    }
}

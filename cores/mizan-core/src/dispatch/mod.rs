//! One path for every transport: arguments and guards first, then the functions, then the reply.

mod call;
mod context;
mod detach;
mod join;

pub(crate) use call::{CallPlan, call, show};
pub(crate) use context::read;
pub(crate) use detach::{CatchUnwind, Detach, Live, catch};

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::args::Source;
use crate::error::{Error, Faults, Result};
use crate::function::{Decoded, Invocation, Outcome, Running};
use crate::graph::FunctionNode;
use crate::output::Ready;
use crate::request::{RawRequest, Visibility};
use crate::runtime::Runtime;

/// Reads the arguments of a function. A panic in a type's `Deserialize` is an error like any other.
pub(crate) fn decode(
    plan: &FunctionNode,
    source: Source<'_>,
    faults: &mut Faults,
) -> Result<Option<Box<dyn Decoded>>> {
    let body = &plan.function.body;
    detach::catch(|| body.decode(source, faults)).map_err(|panic| panicked(plan, &panic))?
}

/// Writes a result. A panic in a type's `Serialize` is an error like any other.
pub(crate) fn write(plan: &FunctionNode, value: &dyn Ready, body: &mut Vec<u8>) -> Result<()> {
    detach::catch(|| value.write(body))
        .map_err(|panic| panicked(plan, &panic))?
        .map_err(|reason| Error::internal(format!("`{}`: {reason}", plan.function.name)))
}

fn panicked(plan: &FunctionNode, panic: &str) -> Error {
    Error::internal(format!("`{}` panicked: {panic}", plan.function.name))
}

/// A function that has been started. It never panics: a panic is an error like any other.
pub(crate) struct Started<'g> {
    plan: &'g FunctionNode,
    running: Result<CatchUnwind<Running>>,
}

/// Starts a function; nothing of an `async` one has run yet.
pub(crate) fn start<'g>(
    plan: &'g FunctionNode,
    decoded: Box<dyn Decoded>,
    request: &Arc<RawRequest>,
    runtime: &Runtime,
) -> Started<'g> {
    let function = &plan.function;
    let request = match (function.id, function.sees) {
        // No type holds a run-time function to its word.
        (None, scope @ (Visibility::Public | Visibility::User)) => {
            Arc::new(request.narrowed(scope))
        }
        _ => Arc::clone(request),
    };
    let call = Invocation { request, states: plan.states.clone(), runtime: runtime.clone() };
    let running = detach::catch(|| decoded.run(call));
    let running = running.map(CatchUnwind).map_err(|panic| panicked(plan, &panic));
    Started { plan, running }
}

impl Future for Started<'_> {
    type Output = Result<Outcome>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Outcome>> {
        let plan = self.plan;
        match &mut self.running {
            Ok(running) => Pin::new(running).poll(cx).map(|ended| match ended {
                Ok(outcome) => outcome.map_err(|error| error.within(&plan.function.name)),
                Err(panic) => Err(panicked(plan, &panic)),
            }),
            Err(_) => {
                let ended = Err(Error::internal("a function was polled after its end"));
                match std::mem::replace(&mut self.running, ended) {
                    Err(error) => Poll::Ready(Err(error)),
                    Ok(_) => Poll::Pending,
                }
            }
        }
    }
}

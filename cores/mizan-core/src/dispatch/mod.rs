//! One path for every transport: arguments and guards first, then the functions, then the reply.

mod call;
mod context;
mod detach;
mod join;

pub(crate) use call::{CallPlan, call};
pub(crate) use context::read;
pub(crate) use detach::{CatchUnwind, Detach, Live};

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::function::{Call, Decoded, Outcome};
use crate::graph::FunctionPlan;
use crate::request::RawRequest;
use crate::runtime::Runtime;

/// Runs one function. A panic is an error like any other.
pub(crate) async fn run(
    plan: &FunctionPlan,
    decoded: Box<dyn Decoded>,
    request: &Arc<RawRequest>,
    runtime: &Runtime,
) -> Result<Outcome> {
    let call = Call {
        request: Arc::clone(request),
        states: plan.states.clone(),
        runtime: runtime.clone(),
    };
    let panicked =
        |panic: String| Error::internal(format!("`{}` panicked: {panic}", plan.function.name));
    let running = detach::catch(|| decoded.run(call)).map_err(panicked)?;
    CatchUnwind(running).await.map_err(panicked)?
}

//! One path for every transport: arguments and guards first, then the functions, then the reply.

mod call;
mod context;
mod detach;
mod join;

pub(crate) use call::{CallPlan, call};
pub(crate) use context::read;
pub(crate) use detach::{CatchUnwind, Detach, Live, catch};

use std::sync::Arc;

use crate::args::Source;
use crate::error::{Error, Faults, Result};
use crate::function::{Call, Decoded, Outcome};
use crate::graph::FunctionPlan;
use crate::output::Ready;
use crate::request::RawRequest;
use crate::runtime::Runtime;

/// Reads the arguments of a function. A panic in a type's `Deserialize` is an error like any other.
pub(crate) fn decode(
    plan: &FunctionPlan,
    source: Source<'_>,
    faults: &mut Faults,
) -> Result<Option<Box<dyn Decoded>>> {
    let body = &plan.function.body;
    detach::catch(|| body.decode(source, faults)).map_err(|panic| panicked(plan, &panic))?
}

/// Writes a result. A panic in a type's `Serialize` is an error like any other.
pub(crate) fn write(plan: &FunctionPlan, value: &dyn Ready, body: &mut Vec<u8>) -> Result<()> {
    detach::catch(|| value.write(body))
        .map_err(|panic| panicked(plan, &panic))?
        .map_err(|reason| Error::internal(format!("`{}`: {reason}", plan.function.name)))
}

fn panicked(plan: &FunctionPlan, panic: &str) -> Error {
    Error::internal(format!("`{}` panicked: {panic}", plan.function.name))
}

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
    let panicked = |panic: String| panicked(plan, &panic);
    let running = detach::catch(|| decoded.run(call)).map_err(panicked)?;
    CatchUnwind(running).await.map_err(panicked)?
}

//! How work runs: side by side, past its caller, with its panics caught.

mod detach;
mod in_flight;
mod join;
mod panic;
mod runtime;

use std::pin::Pin;

pub(crate) use detach::Detach;
pub(crate) use in_flight::{InFlight, InFlightGuard};

/// Something that is released when the last owner lets go of it.
pub(crate) type Held = std::sync::Arc<dyn Send + Sync>;
pub(crate) use join::Join;
pub use panic::log_panics;
pub(crate) use panic::{CatchUnwind, catch};
pub(crate) use runtime::Runtime;

/// A future whose type does not matter.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

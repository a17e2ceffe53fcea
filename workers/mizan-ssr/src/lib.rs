//! A supervised pool of JavaScript processes that render components.
//!
#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::missing_errors_doc)]

mod command;
mod counts;
mod error;
mod find;
mod log;
mod output;
mod pool;
mod process;
mod render;
mod renderer;
mod settings;
mod supervisor;

pub use command::WorkerCommand;
pub use counts::Counts;
pub use error::{NoProgram, NotReady, RenderError, StartError};
pub use render::{Bundle, Missed, Render, Rendered};
pub use renderer::Renderer;
pub use settings::Builder;

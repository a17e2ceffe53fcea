//! The applications that a backend under test serves, one source for every adapter of the Rust core.

mod cache;
mod identity;
mod lists;
mod probe;
mod vectors;

use std::error::Error;

use mizan_core::Mizan;

use crate::backend::{APPLICATION, Application};

/// What goes wrong at the start of a program under test.
pub type Fault = Box<dyn Error>;

/// The application that the environment names; `conformance` where it names none. Answers `mizan …` on
/// the command line.
///
/// # Errors
/// A name that no application has, and whatever a setting of it is wrong in.
pub async fn chosen() -> Result<Mizan, Fault> {
    let name = std::env::var(APPLICATION);
    let name = name.as_deref().unwrap_or(Application::Conformance.name());
    match Application::named(name) {
        Some(Application::Conformance) => vectors::build().await,
        Some(Application::Cache) => cache::build(),
        Some(Application::Identity) => identity::build(),
        Some(Application::Lists) => lists::build(),
        Some(Application::Probe) => probe::build(),
        None => Err(format!("{APPLICATION} is `{name}`, and no application has that name").into()),
    }
}

/// Where it listens: `HOST` and `PORT`.
///
/// # Errors
/// `PORT` is not a number of a port.
pub fn address() -> Result<(String, u16), Fault> {
    let host = std::env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = std::env::var("PORT").map_or(Ok(0), |port| port.parse::<u16>())?;
    Ok((host, port))
}

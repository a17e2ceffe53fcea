//! Starts the process of a worker.

use std::fmt::Write;
use std::io;
use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::command::WorkerCommand;
use crate::settings::Settings;

/// Variables that every program needs on its system.
const SYSTEM: &[&str] = if cfg!(windows) { &["PATH", "SystemRoot"] } else { &["PATH"] };

/// As many bytes are around props and bundles in a request.
const AROUND: usize = 64 << 10;

/// A word that no component can guess: lines that begin with it are the worker's own.
pub(super) fn tag() -> String {
    let mut random = [0; 16];
    // Without a source of random numbers the tag is only not guessed by chance; rendering goes on.
    let _ = getrandom::fill(&mut random);
    let mut tag = String::with_capacity(32);
    for byte in random {
        let _ = write!(tag, "{byte:02x}");
    }
    tag
}

/// Starts a worker in a process group of its own, with an environment that holds nothing of the application's.
pub(super) fn spawn(command: &WorkerCommand, tag: &str, settings: &Settings) -> io::Result<Child> {
    let mut process = Command::new(&command.program);
    process.args(&command.arguments).env_clear();
    for name in SYSTEM {
        process.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    process
        .env("NODE_ENV", if command.development { "development" } else { "production" })
        .envs(command.variables.iter().map(|(name, value)| (name, value)))
        .env("MIZAN_SSR_TAG", tag)
        .env("MIZAN_SSR_PARENT", std::process::id().to_string())
        .env("MIZAN_SSR_REQUEST_LIMIT", (2 * settings.props + AROUND).to_string())
        .env("MIZAN_SSR_RESPONSE_LIMIT", settings.html.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(folder) = &command.folder {
        process.current_dir(folder);
    }
    #[cfg(unix)]
    process.process_group(0);
    process.spawn()
}

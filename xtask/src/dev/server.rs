//! The server of the application: built by cargo, started on a port of its own.

use std::io::{BufRead, BufReader, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::dev::group::{Group, guarded};
use crate::step::cargo;

const STARTS: Duration = Duration::from_secs(20);

pub(super) struct Built {
    pub(super) executable: PathBuf,
    /// True where cargo found nothing to do.
    pub(super) fresh: bool,
    pub(super) warnings: String,
}

/// Builds the program of the package in a folder; an error is what the compiler said.
pub(super) fn build(folder: &Path) -> Result<Built> {
    let mut command =
        cargo(&["build", "--quiet", "--bins", "--message-format=json-render-diagnostics"]);
    let color = if std::io::stdout().is_terminal() { "always" } else { "never" };
    command.current_dir(folder).env("CARGO_TERM_COLOR", color).stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("cargo: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(said);
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    // One JSON object a line; the program is the last one that is executable.
    let found = messages.lines().rev().find_map(|line| {
        let path = line.split("\"executable\":\"").nth(1)?.split('"').next()?;
        Some((PathBuf::from(path), line.contains("\"fresh\":true")))
    });
    let (executable, fresh) = found.ok_or("the package has no program")?;
    Ok(Built { executable, fresh, warnings: said })
}

/// A server that serves.
pub(super) struct Server {
    group: Group,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts a program and waits until it says where it serves. What it prints is shown.
    pub(super) fn start(executable: &Path, folder: &Path) -> Result<Self> {
        let mut command = guarded(&[&executable.to_string_lossy()]);
        command.current_dir(folder).env("MIZAN_ADDR", "127.0.0.1:0").stdout(Stdio::piped());
        let mut group = Group::start(command)?;
        let lines = group.stdout().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        let (sender, address) = channel();
        thread::spawn(move || {
            for line in lines.map_while(std::result::Result::ok) {
                match line.strip_prefix("mizan: serving http://").map(str::parse) {
                    // No one waits for a second address.
                    Some(Ok(address)) => drop(sender.send(address)),
                    _ => println!("{line}"),
                }
            }
        });
        let address = address.recv_timeout(STARTS);
        let address = address.map_err(|_| "the server did not start".to_owned())?;
        Ok(Self { group, address })
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.group.has_ended()
    }
}

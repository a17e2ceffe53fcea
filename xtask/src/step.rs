//! Steps with a tick and a time, and the commands that they run.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Runs one step and says how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    print!("• {name} …");
    flush();
    let start = Instant::now();
    let result = work();
    let mark = if result.is_ok() { "✓" } else { "✗" };
    println!("\r{mark} {name} ({:.1} s)      ", start.elapsed().as_secs_f64());
    result
}

/// The same for work that prints lines of its own.
pub(crate) fn loud<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("▸ {name}");
    let start = Instant::now();
    let result = work();
    let mark = if result.is_ok() { "✓" } else { "✗" };
    println!("{mark} {name} ({:.1} s)", start.elapsed().as_secs_f64());
    result
}

fn flush() {
    // A terminal that is gone is no reason to stop.
    let _ = std::io::stdout().flush();
}

/// A command at the root, from its words.
pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(root());
    command
}

/// `cargo` with these words, of the toolchain that runs this.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    command(&[&[&*cargo], words].concat())
}

/// Runs a command and keeps what it prints; shows it where the command fails.
pub(crate) fn quiet(mut command: Command) -> Result<String> {
    let name = describe(&command);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| cannot_start(&name, &error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{name}` failed\n{text}{errors}"))
}

/// Runs a command whose output is shown.
pub(crate) fn show(mut command: Command) -> Result {
    let name = describe(&command);
    let status =
        command.stdin(Stdio::null()).status().map_err(|error| cannot_start(&name, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed")) }
}

/// Runs a command whose output is shown, and gives each line of its standard output to `look`.
pub(crate) fn watch(mut command: Command, mut look: impl FnMut(&str)) -> Result {
    let name = describe(&command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(&name, &error))?;
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let line = line.unwrap_or_default();
        println!("{line}");
        look(&line);
    }
    let status = child.wait().map_err(|error| format!("`{name}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed")) }
}

/// Prints lines in a box.
pub(crate) fn announce(lines: &[String]) {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    let edge = "─".repeat(width + 4);
    println!("\n┌{edge}┐");
    for line in lines {
        println!("│  {line:width$}  │");
    }
    println!("└{edge}┘\n");
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(program.to_string_lossy().into_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

fn cannot_start(name: &str, error: &std::io::Error) -> String {
    format!("`{name}` could not be started: {error}")
}

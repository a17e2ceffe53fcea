//! A command line of the developer's own configuration, run by the shell as they would run it.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{SourceError, read_capped};

/// Lines of standard error that a failure repeats.
const REPEATED: usize = 40;

/// The standard output of a command line.
pub(super) fn run(line: &str, directory: &Path) -> Result<Vec<u8>, SourceError> {
    let failed = |error: std::io::Error| {
        SourceError::new(
            format!("cannot run `{line}`: {error}"),
            "correct `command` in the `[source]` table",
        )
    };
    let mut child = shell(line)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let errors = child.stderr.take();
    // Both pipes are drained at once, or a command that writes much to one would wait for ever.
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut errors) = errors {
            // What cannot be read is missing from a message, nothing more.
            let _ = std::io::Read::read_to_end(&mut errors, &mut text);
        }
        text
    });
    let output = match child.stdout.take() {
        Some(output) => read_capped(output, 0, &format!("`{line}`")).map_err(failed)?,
        None => Ok(Vec::new()),
    };
    let status = child.wait().map_err(failed)?;
    let errors = errors.join().unwrap_or_default();
    let output = output?;
    if !status.success() {
        return Err(SourceError::new(
            format!("`{line}` failed with {status}{}", tail(&errors)),
            format!("run it in {} and fix what it reports", directory.display()),
        ));
    }
    Ok(output)
}

fn shell(line: &str) -> Command {
    let (program, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(program);
    command.args([flag, line]);
    command
}

/// The last lines of what the command said.
fn tail(errors: &[u8]) -> String {
    let text = String::from_utf8_lossy(errors);
    let lines: Vec<_> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(REPEATED)..).unwrap_or_default();
    last.iter().map(|line| format!("\n  {line}")).collect()
}

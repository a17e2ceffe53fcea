//! A process group that ends when we do, however that happens: by Ctrl-C, a signal or a crash.

use std::process::{Child, Command, Stdio};

use crate::Result;

/// Runs its words, and reads a pipe that no one writes to. When the pipe closes, because we close
/// it or are gone, everything in the group is asked to stop, and after eight seconds killed.
const GUARD: &str = r#"
exec 3<&0 </dev/null
trap : TERM
(
  trap : TERM
  exec >/dev/null 2>&1
  read -r _ <&3
  kill -TERM 0
  left=80
  while kill -0 $$ && [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
  kill -KILL 0
) &
exec 3<&-
"$@"
"#;

/// A command with everything that it started.
pub(super) struct Group(Child);

/// A command that [`Group::start`] can start, from its words.
pub(super) fn guarded(words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "sh"]).args(words);
    command
}

impl Group {
    pub(super) fn start(mut command: Command) -> Result<Self> {
        // Ctrl-C of a terminal goes to our group; the guard would not live to do its work in it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.stdin(Stdio::piped()).spawn();
        child.map(Self).map_err(|error| format!("`sh` could not be started: {error}"))
    }

    pub(super) fn stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.0.stdout.take()
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // The guard kills what does not stop, so this comes back.
        let _ = self.0.wait();
    }
}

//! A child process that cannot outlive its parent, and the signals it is sent.

use std::fs;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

/// Waits for a line. Where the input ends without one, its owner died: the process is killed and
/// the folder removed.
const WATCH: &str = r#"read line || { kill -s KILL "$1"; sleep 0.1; rm -rf "$2"; }"#;

/// A running child; killed and waited for when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    watch: Child,
}

impl Process {
    /// Starts the command. A test that is killed drops nothing, so a shell holds a pipe of this process and
    /// ends the child, and removes its folder, when the pipe closes. Both are in process groups of
    /// their own: what ends a whole group, Ctrl-C or a time limit, must not end the shell, and the
    /// child goes when its owner ends it.
    pub(crate) fn start(mut command: Command, folder: &Path) -> io::Result<Self> {
        let mut child = command.process_group(0).spawn()?;
        let watch = Command::new("sh")
            .args(["-c", WATCH, "sh", &child.id().to_string()])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match watch {
            Ok(watch) => Ok(Self { child, watch }),
            Err(error) => {
                // The failure that is reported is the first one.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended without a signal.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal by its name, `STOP` or `CONT`. The standard library has no call for this, and
    /// the shell has one everywhere.
    pub(crate) fn signal(&self, name: &str) -> io::Result<()> {
        let status = Command::new("sh")
            .args(["-c", r#"kill -s "$1" "$2""#, "sh", name, &self.id().to_string()])
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("the signal {name} could not be sent")))
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The watch is notified before the number of the process is free for another one. What has
        // ended already needs neither.
        if let Some(mut input) = self.watch.stdin.take() {
            let _ = input.write_all(b"\n");
        }
        let _ = self.watch.wait();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A new folder for temporary files, removed with all it holds when this is dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("{name}-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                // A process of the same number may have left it behind.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => return result.map(|()| Self(path)),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

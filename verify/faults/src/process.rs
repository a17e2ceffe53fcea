//! A child process that cannot outlive its parent, the signals it is sent, and a folder and a port
//! for it.

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::random::Random;

/// Waits for a line. Where the input ends without one, its owner died: the process is killed and
/// the folder removed.
const WATCH: &str = r#"read line || { kill -s KILL "$1"; sleep 0.1; rm -rf "$2"; }"#;

/// A running child; killed and waited for when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    watch: Child,
}

impl Process {
    /// Starts the command. A test that is killed drops nothing, so a shell holds a pipe of this process and
    /// ends the child, and removes its folder, when the pipe closes. Both are in process groups of
    /// their own: what ends a whole group, Ctrl-C or a time limit, must not end the shell, and the
    /// child goes when its owner ends it.
    pub fn start(mut command: Command, folder: &Path) -> io::Result<Self> {
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

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended without a signal.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it has ended. Fails with `TimedOut` if that takes longer than this.
    pub fn wait(&mut self, timeout: Duration) -> io::Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if start.elapsed() > timeout {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Sends a signal by its name, `STOP` or `CONT`. The standard library has no call for this, and
    /// the shell has one everywhere.
    pub fn signal(&self, name: &str) -> io::Result<()> {
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
pub struct Folder(PathBuf);

impl Folder {
    /// A folder whose name begins with this.
    pub fn new(name: &str) -> io::Result<Self> {
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

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A port that no one listens on, below the range from which the kernel gives ports to clients: one
/// of that range could go to some connection while the server is down between two starts. Another
/// `number` is likely to give another port.
pub fn free_port(number: u64) -> io::Result<u16> {
    let time = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    let seed = u64::from(std::process::id()) ^ u64::try_from(time).unwrap_or_default() ^ number;
    let mut random = Random::seeded(seed);
    for _ in 0..1_000 {
        let port = u16::try_from(10_000 + random.below(22_000)).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no free port"))
}

/// Where a program is: by PATH, or where systems keep the programs of administrators.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = ["/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin"].map(PathBuf::from);
    let mut folders = std::env::split_paths(&path).chain(others);
    folders.find_map(|folder| Some(folder.join(program)).filter(|path| path.is_file()))
}

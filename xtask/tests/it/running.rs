//! A program that runs next to the test, with everything that it prints, and its end.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Ended with its process group when the test ends.
pub(crate) struct Running {
    child: Child,
    printed: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        command.process_group(0).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let printed = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), &printed);
        collect(child.stderr.take().unwrap(), &printed);
        Self { child, printed }
    }

    pub(crate) fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// Waits for a text in what is printed from now on, or was since `from`.
    #[track_caller]
    pub(crate) fn wait(&self, from: usize, text: &str, seconds: u64) {
        until(seconds, || self.printed()[from..].contains(text), || self.printed());
    }

    /// Sends a signal: to the program alone, or to its group as a terminal does.
    pub(crate) fn signal(&mut self, name: &str, group: bool) {
        let id = self.child.id();
        let whom = if group { format!("-{id}") } else { id.to_string() };
        // A shell has `kill` within it, and not every machine has it beside.
        let kill = Command::new("sh").args(["-c", &format!("kill -{name} {whom}")]).status();
        assert!(kill.is_ok_and(|status| status.success() || self.has_ended()), "kill {whom}");
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    #[track_caller]
    pub(crate) fn wait_for_end(&mut self) {
        let start = Instant::now();
        while !self.has_ended() {
            assert!(start.elapsed() < Duration::from_secs(10), "it goes on: {}", self.printed());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A program that does not end may fail a test, and may not keep all of them waiting.
        for signal in ["TERM", "KILL"] {
            if self.has_ended() {
                return;
            }
            self.signal(signal, true);
            let start = Instant::now();
            while !self.has_ended() && start.elapsed() < Duration::from_secs(10) {
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn until(seconds: u64, holds: impl Fn() -> bool, else_say: impl Fn() -> String) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(seconds), "{}", else_say());
        thread::sleep(Duration::from_millis(20));
    }
}

fn collect(mut from: impl Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = Arc::clone(into);
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut chunk) {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..length]));
        }
    });
}

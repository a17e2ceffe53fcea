//! A server process of this binary, and what the kernel says of it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A child that is ended when this is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts this binary with one argument, and reads the address that it prints last on a line.
    pub fn start(role: &str) -> io::Result<Self> {
        Self::start_with(role, &[])
    }

    /// The same with more in its environment.
    pub fn start_with(role: &str, environment: &[(&str, &str)]) -> io::Result<Self> {
        Self::start_under(&[], role, environment)
    }

    /// The same below another program, such as valgrind with its options.
    pub fn start_under(
        program: &[&str],
        role: &str,
        environment: &[(&str, &str)],
    ) -> io::Result<Self> {
        let this = std::env::current_exe()?;
        let mut words = program.iter().map(OsStr::new).chain([this.as_os_str(), role.as_ref()]);
        let mut child = Command::new(words.next().unwrap_or_default())
            .args(words)
            .env("MIZAN_ADDR", "127.0.0.1:0")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line
            .trim()
            .rsplit("//")
            .next()
            .unwrap_or_default()
            .parse()
            .map_err(io::Error::other)?;
        Ok(Self { child, address })
    }

    /// Lets it come to its end: it finishes what it does and writes what it has to write.
    pub fn end(mut self) -> io::Result<()> {
        let id = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", r#"kill -s TERM "$1""#, "sh", &id]).status()?;
        if !sent.success() {
            return Err(io::Error::other("the server could not be asked to stop"));
        }
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("the server ended with {status}")))
        }
    }

    /// Seconds of CPU that it has used so far, in user and in kernel space.
    pub fn cpu(&self) -> io::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field may hold blanks; the numbers stand behind its closing bracket.
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: f64 =
            [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum();
        Ok(ticks / 100.0)
    }

    /// Resident memory in MB.
    pub fn memory(&self) -> io::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        Ok(line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN)
            / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! A program under test: started on a free port, stopped when it is dropped.

use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::case::skip;
use crate::client::Client;
use crate::wrong::{Fault, Proxy};

/// What a program prints before the address that it serves.
const SERVING: &str = "mizan: serving http://";
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the log may lag behind a response.
const LOG_TIMEOUT: Duration = Duration::from_secs(3);

/// Settings that would leak from the environment of the suite into a program under test.
const CLEARED: &[&str] = &[
    "JWT_ACCESS_TOKEN_EXPIRES_IN",
    "JWT_ALGORITHM",
    "JWT_AUDIENCE",
    "JWT_ISSUER",
    "JWT_PRIVATE_KEY",
    "JWT_REFRESH_TOKEN_EXPIRES_IN",
    "JWT_REFRESH_TOKEN_GRACE",
    "JWT_VALIDATE_SESSION",
    "MIZAN_ADDR",
    "MIZAN_ASSETS",
    "MIZAN_CACHE_REDIS_URL",
    "MIZAN_CACHE_SECRET",
    "MIZAN_CACHE_STATUS",
    "MIZAN_CONNECTIONS",
    "MIZAN_CONNECTIONS_PER_ADDRESS",
    "MIZAN_HOSTS",
    "MIZAN_MWT_SECRET",
    "MIZAN_MWT_TTL",
    "MIZAN_PUBLIC_ORIGIN",
    "MIZAN_RATE_REDIS_URL",
    "MIZAN_SEND_TIMEOUT",
    "MIZAN_SESSION_REDIS_URL",
    "MIZAN_TRUSTED_PROXIES",
    "RUST_BACKTRACE",
    "RUST_LOG",
];

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    /// `None` if it was running already.
    child: Option<Child>,
    address: SocketAddr,
    /// A proxy in front of it.
    proxy: Option<Proxy>,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// Starts a program with `HOST=127.0.0.1` and `PORT=0`, and waits until it prints its address.
    pub fn start(program: &str, settings: &[(&str, &str)]) -> io::Result<Self> {
        // A program of several words is an interpreter with its arguments.
        let mut words = program.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        for name in CLEARED {
            command.env_remove(name);
        }
        command.env("HOST", "127.0.0.1").env("PORT", "0").env("MIZAN_TEST_SECRETS", "1");
        command.envs(settings.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let log = Arc::default();
        let draining = child.stderr.take().map(|stderr| drain(stderr, Arc::clone(&log)));
        let lines = child.stdout.take().map(lines);
        let address = lines.and_then(|lines| served(&lines));
        match address {
            Some(address) => Ok(Self { child: Some(child), address, proxy: None, log }),
            None => {
                drop(child.kill());
                drop(child.wait());
                // Its last words may be in the pipe still.
                drop(draining.map(thread::JoinHandle::join));
                let log = log.lock().unwrap_or_else(PoisonError::into_inner);
                let log = String::from_utf8_lossy(&log).into_owned();
                Err(io::Error::other(format!("`{program}` printed no address: {log}")))
            }
        }
    }

    /// A program that runs already.
    pub fn running(address: SocketAddr) -> Self {
        Self { child: None, address, proxy: None, log: Arc::default() }
    }

    /// Puts a proxy in front of it that changes what passes.
    pub(crate) fn behind(mut self, fault: Fault) -> io::Result<Self> {
        self.proxy = Some(Proxy::start(self.address, fault)?);
        Ok(self)
    }

    /// The process. Skips the case where it is unknown.
    fn child(&self) -> &Child {
        self.child.as_ref().unwrap_or_else(|| skip("needs the process of the server"))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.proxy.as_ref().map_or(self.address, Proxy::address)
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child().id()
    }

    /// What it has written to standard error until now.
    pub fn log(&self) -> String {
        self.child();
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Whether a text is, or soon comes, in what it writes to standard error.
    pub fn logs(&self, text: &str) -> bool {
        let deadline = Instant::now() + LOG_TIMEOUT;
        loop {
            if self.log().contains(text) {
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks it to end, as an operator does: SIGTERM.
    pub fn terminate(&self) -> io::Result<()> {
        let id = self.child().id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other("`kill` failed")) }
    }

    /// Waits for its end; fails with `TimedOut` where it takes longer.
    pub fn wait(&mut self, timeout: Duration) -> io::Result<ExitStatus> {
        self.child();
        let deadline = Instant::now() + timeout;
        loop {
            let ended = self.child.as_mut().map(Child::try_wait).transpose()?;
            if let Some(status) = ended.flatten() {
                return Ok(status);
            }
            if Instant::now() > deadline {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Reads a pipe to its end, so that the program never waits for us.
fn drain(
    mut pipe: impl Read + Send + 'static,
    into: Arc<Mutex<Vec<u8>>>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            let mut log = into.lock().unwrap_or_else(PoisonError::into_inner);
            log.extend_from_slice(&buffer[..count]);
        }
    })
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // Nobody listens after the first address; the pipe is read all the same.
            drop(send.send(line));
        }
    });
    receive
}

fn served(lines: &Receiver<String>) -> Option<SocketAddr> {
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = lines.recv_timeout(left).ok()?;
        if let Some(address) = line.strip_prefix(SERVING) {
            return address.trim().parse().ok();
        }
    }
}

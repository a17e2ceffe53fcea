//! A Redis of one's own: on a free port, with its files in a folder that is removed, and with the
//! faults that a Redis in production has.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::lock;
use crate::monitor::Monitor;
use crate::process::{Folder, Process, free_port};
use crate::resp::{Client, Reply};

/// By PATH, and where Debian keeps it.
const PROGRAMS: &[&str] = &["redis-server", "/usr/bin/redis-server"];
/// How long a server may take to start.
const START: Duration = Duration::from_secs(10);
/// How long one of our own commands may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A server of this test alone. Every method takes `&self`, so that one thread can inject faults
/// while others work. It is killed when this is dropped, and also when the test is.
#[derive(Debug)]
pub struct RedisServer {
    // Dropped in this order: the server writes into the folder.
    process: Mutex<Option<Process>>,
    folder: Folder,
    port: u16,
    options: Vec<(String, String)>,
}

impl RedisServer {
    /// Starts an empty server that keeps nothing on disk, and waits until it answers.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// The same with options such as `("maxmemory", "10mb")`; a restart keeps them.
    pub fn start_with(options: &[(&str, &str)]) -> io::Result<Self> {
        let options = options.iter().map(|(name, value)| (format!("--{name}"), value.to_string()));
        let mut server = Self {
            process: Mutex::new(None),
            folder: Folder::new("mizan-redis")?,
            port: 0,
            options: options.collect(),
        };
        let mut number = 0;
        loop {
            server.port = free_port(number)?;
            match server.launch() {
                // Another test may have taken the port since it was seen free.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && number < 10 => {
                    number += 1
                }
                result => return result.map(|()| server),
            }
        }
    }

    /// Where a client reaches it: `redis://127.0.0.1:PORT/0`.
    pub fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// Where a proxy reaches it.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The port, the same through every restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once by SIGKILL. Port and snapshot stay for a restart.
    pub fn kill(&self) {
        *lock(&self.process) = None;
    }

    /// Ends it and starts it without data, as a Redis does that has no disk.
    pub fn restart_empty(&self) -> io::Result<()> {
        self.kill();
        match fs::remove_file(self.folder.path().join("dump.rdb")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.launch(),
        }
    }

    /// Writes the snapshot for [`RedisServer::restart_from_snapshot`], in place of an earlier one.
    pub fn save(&self) -> io::Result<()> {
        self.command(&["SAVE"])?.accepted()?;
        let folder = self.folder.path();
        fs::rename(folder.join("dump.rdb"), folder.join("snapshot.rdb"))
    }

    /// Ends it and starts it with the data of the last snapshot: what was written since is lost.
    /// The snapshot stays. Fails where none was saved.
    pub fn restart_from_snapshot(&self) -> io::Result<()> {
        self.kill();
        let folder = self.folder.path();
        fs::copy(folder.join("snapshot.rdb"), folder.join("dump.rdb"))
            .map_err(|error| io::Error::new(error.kind(), "no snapshot: call `save` first"))?;
        self.launch()
    }

    /// Stops it by SIGSTOP: connections stay open, new ones are taken by the kernel, nothing answers.
    pub fn pause(&self) -> io::Result<()> {
        self.signal("STOP")
    }

    /// Lets it go on after [`RedisServer::pause`]; it then executes what was sent meanwhile.
    pub fn resume(&self) -> io::Result<()> {
        self.signal("CONT")
    }

    /// Sends one command on a connection of its own. A refusal is a reply, not a failure.
    pub fn command<W: AsRef<[u8]>>(&self, words: &[W]) -> io::Result<Reply> {
        Client::connect(self.address(), TIMEOUT)?.call(words)
    }

    /// Removes the keys that match a pattern of Redis, as an eviction does, and says how many.
    pub fn evict(&self, pattern: &str) -> io::Result<usize> {
        let Reply::Array(keys) = self.command(&["KEYS", pattern])?.accepted()? else {
            return Ok(0);
        };
        let mut words = vec![b"DEL".to_vec()];
        words.extend(keys.into_iter().filter_map(|key| match key {
            Reply::Bulk(key) => Some(key),
            _ => None,
        }));
        if words.len() == 1 {
            return Ok(0);
        }
        match self.command(&words)?.accepted()? {
            Reply::Integer(count) => Ok(usize::try_from(count).unwrap_or_default()),
            reply => Err(io::Error::other(format!("DEL answered {reply:?}"))),
        }
    }

    /// Every key, sorted.
    pub fn keys(&self) -> io::Result<Vec<String>> {
        let Reply::Array(keys) = self.command(&["KEYS", "*"])?.accepted()? else {
            return Ok(Vec::new());
        };
        let mut keys: Vec<String> = keys.iter().filter_map(Reply::text).collect();
        keys.sort();
        Ok(keys)
    }

    /// Collects the commands that are executed from now on. Costs the server time on each command.
    pub fn monitor(&self) -> io::Result<Monitor> {
        Monitor::start(self.address())
    }

    /// One field of `INFO`, such as `run_id` or `evicted_keys`.
    pub fn info(&self, field: &str) -> io::Result<String> {
        info(&mut Client::connect(self.address(), TIMEOUT)?, field)
    }

    /// How much processor time its main thread has used, in microseconds.
    pub fn cpu_micros(&self) -> io::Result<u64> {
        let mut client = Client::connect(self.address(), TIMEOUT)?;
        let user = info(&mut client, "used_cpu_user_main_thread")?;
        let system = info(&mut client, "used_cpu_sys_main_thread")?;
        Ok(micros(&user)? + micros(&system)?)
    }

    fn signal(&self, name: &str) -> io::Result<()> {
        match &*lock(&self.process) {
            Some(process) => process.signal(name),
            None => Err(io::Error::other("redis does not run")),
        }
    }

    fn launch(&self) -> io::Result<()> {
        let log = self.folder.path().join("log");
        let mut process = self.spawn(PROGRAMS, File::create(&log)?)?;
        let start = Instant::now();
        while !self.answers(process.id()) {
            let ended = process.has_ended();
            if ended || start.elapsed() > START {
                let said = fs::read_to_string(&log).unwrap_or_default();
                let kind = if said.contains("Failed listening on port") {
                    io::ErrorKind::AddrInUse
                } else {
                    io::ErrorKind::Other
                };
                return Err(io::Error::new(kind, format!("redis did not start\n{said}")));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        *lock(&self.process) = Some(process);
        Ok(())
    }

    /// Whether the process of this number answers: on the port might be another one's server.
    fn answers(&self, process: u32) -> bool {
        let ask = || {
            let mut client = Client::connect(self.address(), TIMEOUT)?;
            // It refuses this while it reads a snapshot.
            client.call(&["PING"])?.accepted()?;
            info(&mut client, "process_id")
        };
        ask().is_ok_and(|id| id == process.to_string())
    }

    fn spawn(&self, programs: &[&str], log: File) -> io::Result<Process> {
        for program in programs {
            let mut command = Command::new(program);
            command
                .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
                .args(["--save", "", "--appendonly", "no", "--dbfilename", "dump.rdb", "--dir"])
                .arg(self.folder.path())
                .args(self.options.iter().flat_map(|(name, value)| [name, value]))
                .stdin(Stdio::null())
                .stderr(log.try_clone()?)
                .stdout(log.try_clone()?);
            match Process::start(command, self.folder.path()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => return result,
            }
        }
        let missing = "redis-server is missing: `apt-get install redis-server`, \
                       or run `cargo xtask test`";
        Err(io::Error::new(io::ErrorKind::NotFound, missing))
    }
}

fn info(client: &mut Client, field: &str) -> io::Result<String> {
    let text = client.call(&["INFO", "everything"])?.accepted()?.text().unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    value
        .map(|value| value.trim().to_owned())
        .ok_or_else(|| io::Error::other(format!("INFO has no field {field}")))
}

/// Seconds with six places, `12.003456`.
fn micros(text: &str) -> io::Result<u64> {
    let (seconds, places) = text.split_once('.').unwrap_or((text, "0"));
    let digits = format!("{seconds}{places:0<6.6}");
    digits.parse().map_err(|_| io::Error::other(format!("no time: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_its_remedy() {
        let server = RedisServer {
            process: Mutex::new(None),
            folder: Folder::new("mizan-redis").unwrap(),
            port: 0,
            options: Vec::new(),
        };
        let log = File::create(server.folder.path().join("log")).unwrap();
        let error = server.spawn(&["no-such-redis-server"], log).unwrap_err();
        assert_eq!(
            error.to_string(),
            "redis-server is missing: `apt-get install redis-server`, or run `cargo xtask test`"
        );
    }

    #[test]
    fn a_time_of_info_is_read_to_the_microsecond() {
        for (text, expected) in [("0.000007", 7), ("12.003456", 12_003_456), ("3", 3_000_000)] {
            assert_eq!(micros(text).unwrap(), expected, "{text}");
        }
    }
}

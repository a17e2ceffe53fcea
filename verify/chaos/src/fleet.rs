//! The server processes: started, found by their number, killed and started again.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use mizan_faults::random::Random;

use crate::counts::Count;
use crate::http::Connection;
use crate::options::Cache;

/// A running server.
struct Server {
    child: Child,
    address: SocketAddr,
}

/// Every server of a race. They end when this is dropped, and when this process ends.
pub(crate) struct Fleet {
    /// `None` while it is being started.
    servers: Vec<Mutex<Option<Server>>>,
    database: SocketAddr,
    cache: Cache,
    /// Where servers reach Redis: through the proxy.
    redis: String,
    secret: String,
    logs: bool,
    /// Hits of each server.
    hits: Vec<Count>,
}

impl Fleet {
    /// Starts that many servers.
    pub(crate) fn start(
        count: usize,
        database: SocketAddr,
        cache: Cache,
        redis: String,
        (seed, logs): (u64, bool),
    ) -> io::Result<Self> {
        let servers = (0..count).map(|_| Mutex::new(None)).collect();
        let secret = format!("chaos-secret-{seed:032x}");
        let hits = (0..count).map(|_| Count::default()).collect();
        let fleet = Self { servers, database, cache, redis, secret, logs, hits };
        for number in 0..count {
            fleet.put(number, Some(fleet.launch(number)?));
        }
        Ok(fleet)
    }

    pub(crate) fn len(&self) -> usize {
        self.servers.len()
    }

    /// Ends a server at once by SIGKILL, and starts it again.
    pub(crate) fn kill(&self, number: usize) -> io::Result<()> {
        self.put(number, None);
        self.put(number, Some(self.launch(number)?));
        Ok(())
    }

    /// A server has given something from its cache.
    pub(crate) fn hit(&self, number: usize) {
        if let Some(hits) = self.hits.get(number) {
            hits.add(1);
        }
    }

    /// Hits of each server.
    pub(crate) fn hits(&self) -> Vec<u64> {
        self.hits.iter().map(Count::get).collect()
    }

    /// A connection to any server.
    pub(crate) fn connect(&self, random: &mut Random) -> io::Result<Connection> {
        let number = random.below(self.servers.len());
        let address = self.servers.get(number).and_then(|server| {
            let server = server.lock().unwrap_or_else(PoisonError::into_inner);
            server.as_ref().map(|server| server.address)
        });
        Connection::open(address.ok_or(io::ErrorKind::NotConnected)?, number)
    }

    fn put(&self, number: usize, server: Option<Server>) {
        if let Some(place) = self.servers.get(number) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = server;
        }
    }

    fn launch(&self, number: usize) -> io::Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["server", &number.to_string(), &self.database.to_string()]);
        for name in ["MIZAN_ADDR", "MIZAN_ASSETS", "MIZAN_PUBLIC_ORIGIN"] {
            command.env_remove(name);
        }
        match self.cache {
            Cache::Mizan => {
                command.env("MIZAN_CACHE_REDIS_URL", &self.redis);
                command.env("MIZAN_CACHE_SECRET", &self.secret);
            }
            Cache::Delete => {
                command.env_remove("MIZAN_CACHE_REDIS_URL").env_remove("MIZAN_CACHE_SECRET");
                command.arg(&self.redis);
            }
        }
        let logs = if self.logs { Stdio::inherit() } else { Stdio::null() };
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(logs).spawn()?;
        let mut said = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut said)?;
        }
        let address = said.trim().strip_prefix("mizan: serving http://");
        match address.and_then(|address| address.parse().ok()) {
            Some(address) => Ok(Server { child, address }),
            None => Err(io::Error::other(format!(
                "a server did not start (`--logs` shows why); it said {said:?}"
            ))),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is as dead as it should be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

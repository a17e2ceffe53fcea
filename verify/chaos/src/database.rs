//! The database: versions over TCP, one line for each question. It lives where the race is run, so
//! that a killed server takes nothing with it.
//!
//! `GET number…` is answered by the versions; `INC server mutation number…` commits the next version of
//! each, at one moment, and is answered by these.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use mizan_faults::random::Random;

use crate::checker::Checker;

/// How long a commit may take before and after its moment, in microseconds.
const COMMIT: usize = 2_000;
/// One of so many reads is slow, and by how much at most, in microseconds.
const SLOW_READS: usize = 6;
const SLOW: usize = 4_000;

/// A database that listens.
pub(crate) struct Database {
    pub(crate) address: SocketAddr,
    pub(crate) checker: Arc<Checker>,
    commits: Arc<[AtomicU64]>,
}

impl Database {
    /// Listens on a free port until the process ends.
    pub(crate) fn start(servers: usize, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let database = Self {
            address: listener.local_addr()?,
            checker: Arc::new(Checker::new()),
            commits: (0..servers).map(|_| AtomicU64::new(0)).collect(),
        };
        let (checker, commits) = (Arc::clone(&database.checker), Arc::clone(&database.commits));
        thread::spawn(move || {
            for (number, stream) in (0..).zip(listener.incoming().map_while(Result::ok)) {
                let random = Random::seeded(seed ^ number);
                let (checker, commits) = (Arc::clone(&checker), Arc::clone(&commits));
                // A server that is gone ends its connection; there is no one to tell.
                thread::spawn(move || Session { checker, commits, random }.serve(stream));
            }
        });
        Ok(database)
    }

    /// How often a server has committed something.
    pub(crate) fn commits(&self, server: usize) -> u64 {
        self.commits.get(server).map_or(0, |commits| commits.load(Ordering::Relaxed))
    }
}

/// One connection.
struct Session {
    checker: Arc<Checker>,
    commits: Arc<[AtomicU64]>,
    random: Random,
}

impl Session {
    fn serve(mut self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        for line in BufReader::new(stream.try_clone()?).lines() {
            let line = line?;
            let words: Vec<&str> = line.split(' ').collect();
            let versions = match words[..] {
                ["GET", ref rest @ ..] => self.get(&numbers(rest)?),
                ["INC", ref rest @ ..] => self.increment(&numbers(rest)?),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            };
            let answer: Vec<String> = versions.iter().map(u64::to_string).collect();
            stream.write_all(format!("{}\n", answer.join(" ")).as_bytes())?;
        }
        Ok(())
    }

    /// Reads; what was read is sometimes late, so that it may be old when it is stored.
    fn get(&mut self, numbers: &[usize]) -> Vec<u64> {
        let versions = self.checker.current(numbers);
        if self.random.below(SLOW_READS) == 0 {
            self.pause(SLOW);
        }
        versions
    }

    fn increment(&mut self, numbers: &[usize]) -> Vec<u64> {
        let [server, mutation, numbers @ ..] = numbers else { return Vec::new() };
        self.pause(COMMIT);
        let versions = self.checker.commit(*mutation, numbers);
        if let Some(commits) = self.commits.get(*server) {
            commits.fetch_add(1, Ordering::Relaxed);
        }
        self.pause(COMMIT);
        versions
    }

    fn pause(&mut self, micros: usize) {
        let micros = u64::try_from(self.random.below(micros)).unwrap_or_default();
        thread::sleep(Duration::from_micros(micros));
    }
}

fn numbers(words: &[&str]) -> io::Result<Vec<usize>> {
    let number = |word: &&str| word.parse().map_err(|_| io::ErrorKind::InvalidData.into());
    words.iter().map(number).collect()
}

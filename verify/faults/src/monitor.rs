//! What a Redis executes, as `MONITOR` tells it.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::resp::{Client, Reply};

/// How long the server may take to answer when listening begins and ends.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A command that was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Executed {
    by_script: bool,
    words: Vec<String>,
}

/// Collects every command from its start to its stop, in the order of execution.
///
/// It sees the commands of every connection, those of [`crate::redis::RedisServer`] itself too.
#[derive(Debug)]
pub struct Monitor {
    server: SocketAddr,
    stream: TcpStream,
    /// The last word of the command that ends the listening.
    mark: String,
    thread: Option<JoinHandle<io::Result<Vec<Executed>>>>,
}

impl Monitor {
    /// Listens to the server at `server`; what is executed after this returns is seen.
    pub fn start(server: SocketAddr) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mark = format!("monitor-{}-{number}-ends", std::process::id());
        let mut client = Client::connect(server, TIMEOUT)?;
        client.call(&["MONITOR"])?.accepted()?;
        let stream = client.endless()?;
        let end = mark.clone();
        let thread = thread::spawn(move || collect(client, &end));
        Ok(Self { server, stream, mark, thread: Some(thread) })
    }

    /// Everything that was executed before this call: what clients sent, and after each script the
    /// commands that it ran. Bytes that are no UTF-8 are replaced. Fails where the server is gone.
    pub fn stop(self) -> io::Result<Vec<Vec<String>>> {
        Ok(self.finish()?.into_iter().map(|executed| executed.words).collect())
    }

    /// As [`Monitor::stop`], without what scripts ran: the commands that crossed the network.
    pub fn stop_clients(self) -> io::Result<Vec<Vec<String>>> {
        let all = self.finish()?.into_iter();
        Ok(all.filter(|executed| !executed.by_script).map(|executed| executed.words).collect())
    }

    fn finish(mut self) -> io::Result<Vec<Executed>> {
        // The server tells in the order of execution, so whatever came before the mark is here once
        // the mark is.
        Client::connect(self.server, TIMEOUT)?.call(&["ECHO", &self.mark])?.accepted()?;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(io::Error::other("the thread that listens to redis failed")),
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        // A connection that is gone already has ended the thread as well.
        let _ = self.stream.shutdown(Shutdown::Both);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn collect(mut client: Client, end: &str) -> io::Result<Vec<Executed>> {
    let mut all = Vec::new();
    loop {
        let Reply::Simple(line) = client.read()? else { continue };
        let executed = parse(&line);
        if executed.words.last().is_some_and(|word| word == end) {
            return Ok(all);
        }
        all.push(executed);
    }
}

/// A line such as `1700000000.123456 [0 127.0.0.1:40000] "SET" "key" "a \"word\""`.
fn parse(line: &str) -> Executed {
    let (head, words) = line.split_at(line.find('"').unwrap_or(line.len()));
    let mut executed =
        Executed { by_script: head.trim_end().ends_with(" lua]"), words: Vec::new() };
    let mut bytes = words.bytes();
    let mut word: Option<Vec<u8>> = None;
    while let Some(byte) = bytes.next() {
        match (&mut word, byte) {
            (None, b'"') => word = Some(Vec::new()),
            (None, _) => {}
            (Some(_), b'"') => {
                let whole = word.take().unwrap_or_default();
                executed.words.push(String::from_utf8_lossy(&whole).into_owned());
            }
            (Some(word), b'\\') => word.extend(unescape(&mut bytes)),
            (Some(word), byte) => word.push(byte),
        }
    }
    executed
}

/// The byte that an escape stands for; the backslash is read already.
fn unescape(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    match bytes.next()? {
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'a' => Some(7),
        b'b' => Some(8),
        b'x' => {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            u8::try_from(digit()? * 16 + digit()?).ok()
        }
        byte => Some(byte),
    }
}

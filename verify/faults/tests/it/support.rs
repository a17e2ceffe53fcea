//! What several tests need: a wait with an end, a server that echoes, and a connection to it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use mizan_faults::proxy::Proxy;

/// Long enough for what must come.
pub(crate) const LONG: Duration = Duration::from_secs(5);
/// Long enough to see that nothing comes.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

/// Waits until something holds.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LONG, "not in time: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A server that sends back what it gets, behind a proxy.
pub(crate) struct Echo {
    pub(crate) proxy: Proxy,
    /// What each connection had received in all when its stream ended.
    pub(crate) ended: Receiver<Vec<u8>>,
}

impl Echo {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap()).unwrap();
        let (sender, ended) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || {
                    let all = echo(stream);
                    // The test may have ended first.
                    let _ = sender.send(all);
                });
            }
        });
        Self { proxy, ended }
    }

    /// A connection through the proxy that has passed a word both ways.
    pub(crate) fn connect(&self) -> Connection {
        let before = self.proxy.connections();
        let mut connection = Connection::to(self.proxy.address());
        assert_eq!(connection.ask("hello", LONG).unwrap(), "hello");
        assert_eq!(self.proxy.connections(), before + 1);
        connection
    }
}

fn echo(mut stream: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        all.extend_from_slice(&buffer[..count]);
        if stream.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    all
}

pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).unwrap();
    }

    /// Reads that many bytes; an error where they do not come in time.
    pub(crate) fn receive(&mut self, count: usize, within: Duration) -> io::Result<String> {
        self.0.set_read_timeout(Some(within)).unwrap();
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    pub(crate) fn ask(&mut self, text: &str, within: Duration) -> io::Result<String> {
        self.send(text);
        self.receive(text.len(), within)
    }

    /// Whether the other end closed it, by an end of the stream or by a reset.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.0.set_read_timeout(Some(LONG)).unwrap();
        match self.0.read(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

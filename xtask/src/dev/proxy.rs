//! The address that stays: each request goes to the server of the moment, or waits for one.
//!
//! Every request gets a connection of its own, so that none is caught on a server that stops.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a request waits for a server.
const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST_HEAD: usize = 64 << 10;
const NO_SERVER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\
    Content-Type: text/plain\r\n\r\nno server runs: see the terminal of `cargo xtask dev`\n";

/// Where the server of the moment is.
#[derive(Default)]
pub(super) struct Target {
    address: Mutex<Option<SocketAddr>>,
    changed: Condvar,
}

impl Target {
    pub(super) fn set(&self, address: Option<SocketAddr>) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
        self.changed.notify_all();
    }

    /// Connects, once there is something to connect to.
    fn connect(&self) -> Option<TcpStream> {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.checked_duration_since(Instant::now())?;
            let address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
            let (address, _) = self
                .changed
                .wait_timeout_while(address, left, |address| address.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            let known = *address;
            drop(address);
            match known.map(TcpStream::connect) {
                Some(Ok(stream)) => return Some(stream),
                Some(Err(_)) => thread::sleep(Duration::from_millis(50)),
                None => {}
            }
        }
    }
}

/// Answers on a listener from now on, in threads of its own.
pub(super) fn serve(listener: TcpListener, target: &Arc<Target>) {
    let target = Arc::clone(target);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let target = Arc::clone(&target);
            // A client that goes away is its own affair.
            thread::spawn(move || drop(pass(&client, &target)));
        }
    });
}

fn pass(client: &TcpStream, target: &Target) -> io::Result<()> {
    let Some((head, rest)) = read_head(client)? else { return Ok(()) };
    let Some(server) = target.connect() else {
        return (&mut &*client).write_all(NO_SERVER);
    };
    (&server).write_all(one_request(&head).as_bytes())?;
    (&server).write_all(&rest)?;
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = io::copy(&mut &*client, &mut &server);
            let _ = server.shutdown(Shutdown::Write);
        });
        let answered = io::copy(&mut &server, &mut &*client);
        // Ends the other direction as well, whatever it waits for.
        let _ = client.shutdown(Shutdown::Both);
        answered.map(drop)
    })
}

/// The head of a request and what came with it; none if the client had nothing to say.
fn read_head(mut client: &TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while bytes.len() < LARGEST_HEAD {
        let length = client.read(&mut chunk)?;
        if length == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(chunk.get(..length).unwrap_or_default());
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            let head = String::from_utf8(bytes).map_err(io::Error::other)?;
            return Ok(Some((head, rest)));
        }
    }
    Ok(None)
}

/// The same head for a connection that ends with its response; an upgrade is left as it is.
fn one_request(head: &str) -> String {
    let name = |line: &str| line.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if head.lines().skip(1).any(|line| name(line) == "upgrade") {
        return head.to_owned();
    }
    let mut out: String =
        head.trim_end().split_inclusive("\r\n").filter(|line| name(line) != "connection").collect();
    if !out.ends_with("\r\n") {
        out += "\r\n";
    }
    out + "Connection: close\r\n\r\n"
}

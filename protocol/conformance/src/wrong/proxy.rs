//! A proxy in front of a program under test that changes what passes. It reads HTTP and knows no more
//! of it than the suite sends.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Fault, Memory, Seen};
use crate::client::{Connection, Response};

/// A running proxy. It takes no connections any more when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts one in front of an address.
    pub(crate) fn start(target: SocketAddr, fault: Fault) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, memory) = (Arc::clone(&is_over), Memory::default());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let memory = memory.clone();
                // Its error is the end of the connection, and the client sees it.
                thread::spawn(move || drop(relay(&stream, target, fault, &memory)));
            }
        });
        Ok(Self { address, is_over })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes it up.
        drop(TcpStream::connect(self.address));
    }
}

fn relay(stream: &TcpStream, target: SocketAddr, fault: Fault, memory: &Memory) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut upstream = Connection::open(target)?;
    while let Some(mut seen) = read(&mut reader)? {
        (fault.on_request)(&mut seen);
        upstream.send(&request_bytes(&seen))?;
        let is_head = seen.method == "HEAD";
        let mut response = upstream.receive(is_head)?;
        (fault.on_response)(memory, &seen, &mut response);
        let mut stream = stream;
        stream.write_all(&response_bytes(&response, is_head))?;
        if response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            return Ok(());
        }
    }
    Ok(())
}

/// The next request; `None` at the end of the connection.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Seen>> {
    let mut seen = Seen::default();
    let first = line(reader)?;
    let mut words = first.splitn(3, ' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    (seen.method, seen.target) = (method.to_owned(), target.to_owned());
    loop {
        let line = line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        seen.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = seen.header("content-length").parse().unwrap_or(0);
    reader.take(length).read_to_end(&mut seen.body)?;
    Ok(Some(seen))
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn request_bytes(seen: &Seen) -> Vec<u8> {
    let mut bytes = format!("{} {} HTTP/1.1\r\n", seen.method, seen.target).into_bytes();
    for (name, value) in &seen.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&seen.body);
    bytes
}

fn response_bytes(response: &Response, is_head: bool) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} Status\r\n", response.status).into_bytes();
    let length = |name: &str| {
        ["content-length", "transfer-encoding"].iter().any(|own| own.eq_ignore_ascii_case(name))
    };
    for (name, value) in &response.headers {
        if is_head || !length(name) {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
    }
    if !is_head {
        bytes.extend_from_slice(format!("content-length: {}\r\n", response.body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&response.body);
    bytes
}

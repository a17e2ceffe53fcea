//! An HTTP/1.1 client that sends any bytes, well-formed or not.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(20);
/// How much of a request and of a response is kept for the message of a failure.
const KEPT: usize = 2_000;

thread_local! {
    /// What this thread has sent and received last.
    static LAST: RefCell<(Vec<u8>, Vec<u8>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// The last exchange of this thread, shortened, for the message of a failure.
pub fn last_exchange() -> String {
    LAST.with_borrow(|(sent, received)| {
        let text = |bytes: &[u8]| bytes.escape_ascii().to_string().replace("\\r\\n", "\r\n");
        if sent.is_empty() {
            return String::new();
        }
        format!("last request:\n{}\n\nits response:\n{}", text(sent), text(received))
    })
}

/// A new case begins.
pub(crate) fn forget_exchange() {
    LAST.take();
}

fn remember_sent(bytes: &[u8]) {
    LAST.with_borrow_mut(|(sent, received)| {
        received.clear();
        sent.clear();
        sent.extend(bytes.iter().take(KEPT));
    });
}

fn remember_received(bytes: &[u8]) {
    LAST.with_borrow_mut(|(_, received)| {
        let left = KEPT.saturating_sub(received.len());
        received.extend(bytes.iter().take(left));
    });
}

/// A request, written as it stands here: nothing is encoded or checked.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    target: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// A request of a method for a path and query.
    pub fn new(method: impl Into<String>, target: impl Into<Vec<u8>>) -> Self {
        Self { method: method.into(), target: target.into(), headers: Vec::new(), body: None }
    }

    /// A GET.
    pub fn get(target: impl Into<Vec<u8>>) -> Self {
        Self::new("GET", target)
    }

    /// A call with this body, as JSON.
    pub fn call(body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", "/api/mizan/call/").header("Content-Type", "application/json").body(body)
    }

    /// Adds a header. One of the same name stays.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Gives it a body; `Content-Length` follows unless a header says how long it is.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Whether its response has no body.
    pub fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.0.eq_ignore_ascii_case(name))
    }

    /// The bytes on the wire. `Host` is that of the address unless a header says another.
    pub fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256 + self.body.as_ref().map_or(0, Vec::len));
        bytes.extend_from_slice(self.method.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(&self.target);
        bytes.extend_from_slice(b" HTTP/1.1\r\n");
        if !self.has("host") {
            bytes.extend_from_slice(format!("Host: {address}\r\n").as_bytes());
        }
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        let sized = self.has("content-length") || self.has("transfer-encoding");
        if let Some(body) = self.body.as_ref().filter(|_| !sized) {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.0.eq_ignore_ascii_case(name))
            .map(|header| header.1.as_str())
    }

    /// The body as JSON; `None` where it is none.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Everything that a client sees, without the date, and without what a cache of the server did:
    /// equal answers have equal texts.
    pub fn seen(&self) -> String {
        let differs = |name: &str| ["date", "x-mizan-cache"].contains(&&*name.to_ascii_lowercase());
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .filter(|header| !differs(&header.0))
            .map(|(name, value)| format!("{}: {value}\n", name.to_ascii_lowercase()))
            .collect();
        // Their order means nothing, and is that of a hash map in some servers.
        headers.sort();
        let seen = format!("{}\n{}", self.status, headers.concat());
        seen + &self.text()
    }
}

/// A client that keeps one connection and opens another where it was closed.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl Client {
    /// A client of an address.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// Where its requests go.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request and reads the response.
    pub fn send(&mut self, request: &Request) -> io::Result<Response> {
        if let Some(mut connection) = self.connection.take() {
            // The server may have closed a connection that was kept; then it has read nothing.
            if let Ok(response) = connection.exchange(request, self.address) {
                return Ok(self.keep(connection, response));
            }
        }
        let mut connection = Connection::open(self.address)?;
        let response = connection.exchange(request, self.address)?;
        Ok(self.keep(connection, response))
    }

    /// Sends a request on a connection of its own.
    pub fn send_alone(&self, request: &Request) -> io::Result<Response> {
        Connection::open(self.address)?.exchange(request, self.address)
    }

    fn keep(&mut self, connection: Connection, response: Response) -> Response {
        let closes =
            response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        self.connection = (!closes && !connection.torn).then_some(connection);
        response
    }
}

/// One connection, for tests that look at what happens on it.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What was read and does not belong to a response yet.
    buffer: Vec<u8>,
    /// Whether a request could not be sent whole.
    torn: bool,
}

impl Connection {
    /// Opens a connection.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(Self { stream, buffer: Vec::new(), torn: false })
    }

    /// Bounds the wait for a response.
    pub fn read_timeout(&self, timeout: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(timeout))
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        remember_sent(bytes);
        self.stream.write_all(bytes)
    }

    /// Says that nothing more is sent, and still reads.
    pub fn half_close(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    /// Sends a request and reads its response.
    pub fn exchange(&mut self, request: &Request, address: SocketAddr) -> io::Result<Response> {
        // A server may answer before it has read everything, and close: the response counts.
        let sent = self.send(&request.bytes(address));
        self.torn = sent.is_err();
        self.receive(request.method == "HEAD").map_err(|error| sent.err().unwrap_or(error))
    }

    /// Reads one answer; `head` where it answers a HEAD and has no body.
    pub fn receive(&mut self, head: bool) -> io::Result<Response> {
        loop {
            let mut response = self.receive_head()?;
            if (100..200).contains(&response.status) {
                continue;
            }
            if !head && !matches!(response.status, 204 | 304) {
                response.body = self.receive_body(&response)?;
                remember_received(&response.body);
            }
            return Ok(response);
        }
    }

    fn receive_head(&mut self) -> io::Result<Response> {
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            self.fill()?;
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        remember_received(&head);
        let head = String::from_utf8_lossy(&head);
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| malformed("status line"))?;
        let pair = |line: &str| {
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
            Ok((name.to_owned(), value.trim().to_owned()))
        };
        Ok(Response {
            status,
            headers: lines.map(pair).collect::<io::Result<_>>()?,
            body: Vec::new(),
        })
    }

    fn receive_body(&mut self, response: &Response) -> io::Result<Vec<u8>> {
        if let Some(length) = response.header("content-length") {
            let length = length.parse().map_err(|_| malformed("content length"))?;
            return self.take(length);
        }
        let encoding = response.header("transfer-encoding").unwrap_or_default();
        if !encoding.eq_ignore_ascii_case("chunked") {
            let mut body = std::mem::take(&mut self.buffer);
            self.stream.read_to_end(&mut body)?;
            return Ok(body);
        }
        let mut body = Vec::new();
        loop {
            let line = self.take_line()?;
            let size = usize::from_str_radix(&line, 16).map_err(|_| malformed("chunk"))?;
            body.extend(self.take(size)?);
            self.take_line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.fill()?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    fn take_line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line = self.take(end + 2)?;
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            count => {
                self.buffer.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the {what} is malformed"))
}

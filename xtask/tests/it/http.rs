//! The little of HTTP that these tests ask, each request on a connection of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A response with status 200, or what went wrong.
pub(crate) fn get(address: &str, path: &str) -> Result<String, String> {
    let text = ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n"))?;
    if text.starts_with("HTTP/1.1 200") { Ok(text) } else { Err(text) }
}

/// A response with status 200 to a call, or what went wrong.
pub(crate) fn call(address: &str, body: &str) -> Result<String, String> {
    let length = body.len();
    let head = format!(
        "POST /api/mizan/call/ HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json"
    );
    let text = ask(address, &format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}"))?;
    if text.starts_with("HTTP/1.1 200") { Ok(text) } else { Err(text) }
}

/// Sends a request and reads until the connection ends or `}` closes the JSON of the response.
fn ask(address: &str, request: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).map_err(failed)?;
    let request = request.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.is_empty() {
        Err("the connection closed without a response".to_owned())
    } else {
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The socket over which Vite tells the page what to do.
pub(crate) struct HotUpdates(TcpStream);

impl HotUpdates {
    /// Opens it as the page does, with the token that Vite gives to pages of its own.
    pub(crate) fn open(address: &str) -> Self {
        let client = get(address, "/@vite/client").unwrap();
        let token = client.split("wsToken = \"").nth(1).expect("a token").split('"').next();
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!(
            "GET /?token={} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: vite-hmr\r\nOrigin: http://{address}\r\n\r\n",
            token.unwrap()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = [0; 16];
        stream.read_exact(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        Self(stream)
    }

    /// Waits until a message has this text in it. Frames of a server are not masked.
    #[track_caller]
    pub(crate) fn wait(&mut self, text: &str) {
        self.0.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let (start, mut seen) = (Instant::now(), String::new());
        let mut chunk = [0; 4096];
        while !seen.contains(text) {
            assert!(start.elapsed() < Duration::from_secs(60), "no {text} in {seen}");
            let length = self.0.read(&mut chunk).unwrap_or(0);
            assert!(length > 0, "no {text} in {seen}");
            seen += &String::from_utf8_lossy(&chunk[..length]);
        }
    }
}

//! A client of HTTP/1.1 that keeps its connection: as much of it as this needs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any response may take; a mutation waits for its lease at most.
const TIMEOUT: Duration = Duration::from_secs(15);

/// One connection to one server.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    /// The number of the server at the other end.
    pub(crate) server: usize,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// What `X-Mizan-Cache` says, in lower case.
    pub(crate) cache: String,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr, server: usize) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(Self { stream: BufReader::new(stream), server })
    }

    /// Sends a read.
    pub(crate) fn get(&mut self, path: &str) -> io::Result<()> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: chaos\r\n\r\n");
        self.stream.get_mut().write_all(head.as_bytes())
    }

    /// Sends a call.
    pub(crate) fn post(&mut self, path: &str, body: &str) -> io::Result<()> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: chaos\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(head.as_bytes())
    }

    /// Waits for the response to what was sent.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let mut line = String::new();
        self.line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let (mut length, mut cache) = (Some(0), String::new());
        loop {
            self.line(&mut line)?;
            let Some((name, value)) = line.split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.parse().map_err(|_| io::ErrorKind::InvalidData)?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                length = None;
            } else if name.eq_ignore_ascii_case("x-mizan-cache") {
                cache = value.to_ascii_lowercase();
            }
        }
        let mut body = Vec::new();
        match length {
            Some(length) => self.take(length, &mut body)?,
            None => self.chunks(&mut body)?,
        }
        Ok(Answer { status, cache, body })
    }

    /// Reads a body whose length nobody knew before its end (RFC 9112, section 7.1).
    fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<()> {
        let mut line = String::new();
        loop {
            self.line(&mut line)?;
            let size = usize::from_str_radix(&line, 16).map_err(|_| io::ErrorKind::InvalidData)?;
            self.take(size, body)?;
            self.line(&mut line)?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn take(&mut self, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
        let start = body.len();
        body.resize(start + length, 0);
        self.stream.read_exact(body.get_mut(start..).unwrap_or_default())
    }

    fn line(&mut self, line: &mut String) -> io::Result<()> {
        line.clear();
        if self.stream.read_line(line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(())
    }
}

//! A small client of Redis (RESP2): one connection, one command at a time, every reply whole.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// What a server answers to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A status such as `OK`.
    Simple(String),
    /// A refusal, with its code in front: `NOSCRIPT No matching script`.
    Error(String),
    /// A number.
    Integer(i64),
    /// A value, which may hold any bytes.
    Bulk(Vec<u8>),
    /// A list.
    Array(Vec<Reply>),
    /// No value.
    Nil,
}

impl Reply {
    /// The text of a status, a refusal, a number or a value; `None` for a list and for no value.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Simple(text) | Self::Error(text) => Some(text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Bulk(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Array(_) | Self::Nil => None,
        }
    }

    /// The reply, or an error where the server refused.
    pub fn accepted(self) -> io::Result<Self> {
        match self {
            Self::Error(text) => Err(io::Error::other(format!("redis refused: {text}"))),
            reply => Ok(reply),
        }
    }
}

/// One connection to a server.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects; every later read and write fails after `timeout`, as does this.
    pub fn connect(address: SocketAddr, timeout: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, timeout)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends one command and waits for its reply. A refusal by the server is a reply, not a failure.
    pub fn call<W: AsRef<[u8]>>(&mut self, words: &[W]) -> io::Result<Reply> {
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in words.iter().map(AsRef::as_ref) {
            bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(b"\r\n");
        }
        self.stream.get_mut().write_all(&bytes)?;
        self.read()
    }

    /// The next reply, such as a server sends them unasked after `MONITOR`.
    pub fn read(&mut self) -> io::Result<Reply> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).ok_or_else(|| unreadable(&line))?;
        let number = || rest.parse::<i64>().map_err(|_| unreadable(&line));
        match kind {
            "+" => Ok(Reply::Simple(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            ":" => Ok(Reply::Integer(number()?)),
            "$" | "*" if number()? < 0 => Ok(Reply::Nil),
            "$" => {
                let length = usize::try_from(number()?).map_err(|_| unreadable(&line))?;
                let mut bytes = vec![0; length + 2];
                self.stream.read_exact(&mut bytes)?;
                bytes.truncate(length);
                Ok(Reply::Bulk(bytes))
            }
            "*" => (0..number()?).map(|_| self.read()).collect::<io::Result<_>>().map(Reply::Array),
            _ => Err(unreadable(&line)),
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.stream.read_until(b'\n', &mut bytes)?;
        match bytes.strip_suffix(b"\r\n") {
            Some(line) => Ok(String::from_utf8_lossy(line).into_owned()),
            None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "redis hung up")),
        }
    }

    /// Another handle on the connection: lets reads wait forever, and ends them by a shutdown.
    pub(crate) fn endless(&self) -> io::Result<TcpStream> {
        self.stream.get_ref().set_read_timeout(None)?;
        self.stream.get_ref().try_clone()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A handle elsewhere must not keep the connection open; one that is gone needs no closing.
        let _ = self.stream.get_ref().shutdown(Shutdown::Both);
    }
}

fn unreadable(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("no reply of redis: {line:?}"))
}

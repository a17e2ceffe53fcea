//! Requests over kept-alive connections, one in flight on each.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What a load saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Rounds whose responses all had status 200.
    pub answers: usize,
    /// Their latencies in microseconds.
    pub latencies: Vec<f64>,
}

impl Seen {
    /// The latency that 99 of 100 answers do not exceed, in microseconds.
    pub fn p99(&mut self) -> f64 {
        self.latencies.sort_by(f64::total_cmp);
        self.latencies.get(self.latencies.len() * 99 / 100).copied().unwrap_or(f64::NAN)
    }
}

/// Sends the same requests again and again on so many connections for a time, in turn on each.
pub async fn load(
    address: SocketAddr,
    requests: &[&str],
    connections: usize,
    time: Duration,
) -> io::Result<Seen> {
    let end = Instant::now() + time;
    let mut running = JoinSet::new();
    let requests: Arc<[String]> = requests.iter().map(|request| (*request).to_owned()).collect();
    for _ in 0..connections {
        running.spawn(connection(address, Arc::clone(&requests), end));
    }
    let mut all = Seen::default();
    while let Some(seen) = running.join_next().await {
        let seen = seen.map_err(io::Error::other)??;
        all.answers += seen.answers;
        all.latencies.extend(seen.latencies);
    }
    Ok(all)
}

/// Sends one request a number of times on one connection; the last response.
pub async fn repeat(address: SocketAddr, request: &str, times: usize) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    for _ in 0..times {
        exchange(&mut stream, request, &mut buffer).await?;
    }
    String::from_utf8(buffer).map_err(io::Error::other)
}

async fn connection(
    address: SocketAddr,
    requests: Arc<[String]>,
    end: Instant,
) -> io::Result<Seen> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut seen, mut buffer) = (Seen::default(), Vec::with_capacity(4096));
    while Instant::now() < end {
        let start = Instant::now();
        for request in &*requests {
            exchange(&mut stream, request, &mut buffer).await?;
        }
        seen.answers += 1;
        seen.latencies.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(seen)
}

/// One request and its response, which is all that the buffer holds then.
async fn exchange(stream: &mut TcpStream, request: &str, buffer: &mut Vec<u8>) -> io::Result<()> {
    stream.write_all(request.as_bytes()).await?;
    buffer.clear();
    while !is_whole(buffer)? {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::Error::other("the server closed the connection"));
        }
    }
    Ok(())
}

/// Whether a buffer holds a whole answer; fails on any status but 200.
fn is_whole(buffer: &[u8]) -> io::Result<bool> {
    let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(false);
    };
    let text = std::str::from_utf8(&buffer[..head]).map_err(io::Error::other)?;
    if !text.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(text.lines().next().unwrap_or_default().to_owned()));
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(buffer.len() >= head + 4 + length)
}

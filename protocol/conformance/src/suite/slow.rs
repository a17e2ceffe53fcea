//! Clients that send slowly, and bodies that would fill the memory.

use std::collections::HashSet;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::{Connection, Request};
use crate::server::Server;
use serde_json::json;

use crate::suite::support::{self, app, data, error, judge, shown};

/// How long a connection lived on which bytes came one by one.
fn lived(connection: &mut Connection, bytes: &[u8], gap: Duration, most: Duration) -> Duration {
    let start = Instant::now();
    connection.read_timeout(Duration::from_millis(1)).unwrap();
    for byte in bytes.iter().cycle() {
        let sent = connection.send(&[*byte]);
        let answered = match connection.receive(false) {
            Ok(_) => true,
            Err(error) => !matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ),
        };
        if sent.is_err() || answered || start.elapsed() > most {
            break;
        }
        thread::sleep(gap);
    }
    start.elapsed()
}

fn a_head_that_trickles_is_ended(backend: &Backend) {
    let server = app(backend);
    let mut connection = Connection::open(server.address()).unwrap();
    connection.send(b"GET /api/mizan/ctx/global/ HTTP/1.1\r\nX: ").unwrap();
    let time = lived(&mut connection, b"a", Duration::from_millis(100), Duration::from_secs(12));
    assert!(time < Duration::from_secs(9), "{time:?}");
}

/// A call whose body has been begun, on a connection of its own.
fn begun(server: &Server, length: usize) -> Connection {
    let mut connection = Connection::open(server.address()).unwrap();
    let request = Request::call("{").header("Content-Length", length.to_string());
    connection.send(&request.bytes(server.address())).unwrap();
    connection
}

/// It is answered while it still comes, and its connection is closed after the response.
#[track_caller]
fn check_ended(mut connection: Connection, chunk: &[u8], most: usize) {
    connection.read_timeout(Duration::from_millis(100)).unwrap();
    let answered = (0..most).find_map(|_| match connection.receive(false) {
        Ok(answer) => Some(answer),
        Err(error) => {
            let waits = [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind());
            assert!(waits, "it is closed without a response: {error}");
            // Too late only where the response is under way.
            drop(connection.send(chunk));
            None
        }
    });
    let Some(answer) = answered else { panic!("the body is waited for without end") };
    if let Err(fault) = judge(&answer, &error(400, "BAD_REQUEST")) {
        panic!("{fault}\n{}", shown(&answer));
    }
    assert_eq!(answer.header("connection"), Some("close"));
    connection.read_timeout(Duration::from_secs(10)).unwrap();
    let kind = connection.receive(false).unwrap_err().kind();
    assert!([ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset].contains(&kind), "{kind}");
}

fn a_body_that_trickles_is_ended(backend: &Backend) {
    let server = app(backend);
    thread::scope(|scope| {
        // Nothing more, a byte now and then, and 600 bytes a second.
        for chunk in [0, 1, 60] {
            let connection = begun(&server, 100_000);
            scope.spawn(move || check_ended(connection, &vec![b' '; chunk], 150));
        }
    });
    let request = Request::call(r#"{"fn":"no_args"}"#);
    support::check(&mut server.client(), "after", &request, &data(json!({ "result": "ok" })));
}

/// A body that comes at a fair rate is read for longer than the grace of five seconds.
fn a_body_that_comes_slowly_enough_is_read(backend: &Backend) {
    let server = app(backend);
    let body = format!(r#"{{"fn":"no_args","args":{{"text":"{}"}}}}"#, "a".repeat(14_000));
    let mut connection = begun(&server, body.len());
    let mut sent = 1;
    for chunk in body.as_bytes()[1..].chunks(200) {
        connection.send(chunk).unwrap();
        sent += chunk.len();
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(sent, body.len());
    let answer = connection.receive(false).unwrap();
    judge(&answer, &data(json!({ "result": "ok" }))).unwrap();
}

/// However fairly it comes, a body ends.
fn a_body_without_end_is_ended(backend: &Backend) {
    let server = app(backend);
    check_ended(begun(&server, 1 << 20), &[b' '; 300], 600);
}

/// A connection that sends one byte at a time, and is opened again where the server has ended it.
struct Slow {
    stream: TcpStream,
    start: Vec<u8>,
}

impl Slow {
    fn open(address: SocketAddr, start: &[u8]) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(start)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, start: start.to_owned() })
    }

    /// Sends a byte; true where the server has ended the connection.
    fn is_ended(&mut self) -> bool {
        let waits = |error: &io::Error| error.kind() == ErrorKind::WouldBlock;
        let mut read = || match self.stream.read(&mut [0; 4096]) {
            Ok(count) => Some(count == 0),
            Err(error) if waits(&error) => None,
            Err(_) => Some(true),
        };
        // A response, and then the end.
        while let Some(ended) = read() {
            if ended {
                return true;
            }
        }
        self.stream.write(b"a").is_err_and(|error| !waits(&error))
    }
}

/// Lets this process and those that it starts have so many files; what the system refuses is found
/// by anyone who opens them.
fn allow_files(count: usize) {
    let id = std::process::id().to_string();
    let limit = format!("--nofile={count}:");
    drop(Command::new("prlimit").args(["--pid", &id, &limit]).status());
}

/// Two thousand clients that send a byte at a time, half of them in the head and half of them in the
/// body, refuse nothing to one that is in order, and each of them is ended.
fn two_thousand_slow_clients_hold_nobody_up(backend: &Backend) {
    const EACH: usize = 1_000;
    allow_files(8_192);
    let server = app(backend);
    let address = server.address();
    let head = b"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\nX: ".to_vec();
    let body = Request::call("{").header("Content-Length", "100000").bytes(address);
    let (ended, held) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let give_up = Instant::now() + Duration::from_secs(60);
    let mut times = Vec::new();
    thread::scope(|scope| {
        for start in [head, body] {
            let (ended, held) = (&ended, &held);
            scope.spawn(move || {
                let open = |start: &[u8]| Slow::open(address, start).unwrap();
                let mut slow: Vec<Slow> = (0..EACH).map(|_| open(&start)).collect();
                held.fetch_add(EACH, Ordering::SeqCst);
                let mut first: HashSet<usize> = (0..EACH).collect();
                while !first.is_empty() && Instant::now() < give_up {
                    for (at, connection) in slow.iter_mut().enumerate() {
                        if connection.is_ended() {
                            first.remove(&at);
                            *connection = open(&connection.start);
                        }
                    }
                    // As slow as it is.
                    thread::sleep(Duration::from_millis(200));
                }
                ended.fetch_add(EACH - first.len(), Ordering::SeqCst);
                held.fetch_sub(EACH, Ordering::SeqCst);
            });
        }
        while held.load(Ordering::SeqCst) < 2 * EACH {
            thread::yield_now();
        }
        let client = &mut server.client();
        while held.load(Ordering::SeqCst) == 2 * EACH {
            let request = Request::call(r#"{"fn":"no_args"}"#);
            let start = Instant::now();
            support::check(client, "beside", &request, &data(json!({ "result": "ok" })));
            // One in two on a connection of its own.
            let answer = client.send_alone(&request).unwrap();
            times.push(start.elapsed() / 2);
            assert_eq!(answer.status, 200);
            thread::sleep(Duration::from_millis(2));
        }
    });
    times.sort();
    let p99 = times[times.len() * 99 / 100];
    note!("{} requests beside {} slow clients, p99 {p99:?}", 2 * times.len(), 2 * EACH);
    assert_eq!(ended.load(Ordering::SeqCst), 2 * EACH);
    assert!(times.len() > 100, "{}", times.len());
}

/// Silent connections keep no one else waiting.
fn silent_connections_hold_nobody_up(backend: &Backend) {
    let server = app(backend);
    let silent: Vec<Connection> = (0..300)
        .map(|_| {
            let mut connection = Connection::open(server.address()).unwrap();
            connection.send(b"POST /api/mizan/call/ HTTP/1.1\r\n").unwrap();
            connection
        })
        .collect();
    let client = &mut server.client();
    let start = Instant::now();
    for _ in 0..50 {
        let request = Request::call(r#"{"fn":"no_args"}"#);
        support::check(client, "beside", &request, &data(json!({ "result": "ok" })));
    }
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    drop(silent);
}

/// Large bodies, refused or not, leave no mark on the memory.
fn large_bodies_fill_no_memory(backend: &Backend) {
    let server = app(backend);
    let peak = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
    };
    let before = peak();
    let text = "a".repeat((1 << 20) - 100);
    let fits = format!(r#"{{"fn":"no_args","args":{{"text":"{text}"}}}}"#);
    let too_large = format!("{fits}{fits}");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = &mut server.client();
                for _ in 0..15 {
                    let fits = client.send(&Request::call(fits.as_str())).unwrap();
                    assert_eq!(fits.status, 200);
                    let refused = client.send(&Request::call(too_large.as_str())).unwrap();
                    assert_eq!(refused.status, 413);
                }
            });
        }
    });
    let grown = peak() - before;
    note!("grown by {grown} MiB");
    assert!(grown < 64, "{grown} MiB");
}

cases! {
    "limits", CALL, Patience =>
        a_head_that_trickles_is_ended
        a_body_that_trickles_is_ended
        a_body_that_comes_slowly_enough_is_read;
    "limits", CALL =>
        two_thousand_slow_clients_hold_nobody_up
        silent_connections_hold_nobody_up;
    "limits", CALL, HalfAMinute Patience =>
        a_body_without_end_is_ended;
    "limits", CALL, Linux =>
        large_bodies_fill_no_memory;
}

//! Clients that send slowly, and bodies that would fill the memory.

use std::thread;
use std::time::{Duration, Instant};

use mizan_conformance::client::{Connection, Request};
use serde_json::json;

use crate::support::{self, app, data};

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

#[test]
fn a_head_that_trickles_is_ended() {
    let server = app();
    let mut connection = Connection::open(server.address()).unwrap();
    connection.send(b"GET /api/mizan/ctx/global/ HTTP/1.1\r\nX: ").unwrap();
    let time = lived(&mut connection, b"a", Duration::from_millis(100), Duration::from_secs(12));
    assert!(time < Duration::from_secs(9), "{time:?}");
}

#[test]
fn a_body_that_trickles_is_ended() {
    let server = app();
    let mut connection = Connection::open(server.address()).unwrap();
    let request = Request::call("{").header("Content-Length", "100000");
    connection.send(&request.bytes(server.address())).unwrap();
    let time = lived(&mut connection, b" ", Duration::from_millis(100), Duration::from_secs(12));
    assert!(time < Duration::from_secs(9), "{time:?}");
}

/// Silent connections keep nobody else waiting.
#[test]
fn silent_connections_hold_nobody_up() {
    let server = app();
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
#[cfg(target_os = "linux")]
#[test]
fn large_bodies_fill_no_memory() {
    let server = app();
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
    println!("grown by {grown} MiB");
    assert!(grown < 64, "{grown} MiB");
}

//! Floods: calls that no one waits for take no writes from others.

use std::io::{ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::Request;
use crate::deep;
use serde_json::json;

use super::Probe;

/// More than the 10,000 calls that may be under way.
const CALLS: usize = 10_200;

fn call(function: &str, args: &serde_json::Value) -> Request {
    Request::call(json!({ "fn": function, "args": args }).to_string())
}

/// Sends calls of one function, and closes each connection at once.
fn flood(probe: &Probe, request: &Request) {
    let address = probe.server.address();
    let bytes = request.bytes(address);
    for _ in 0..CALLS * deep() {
        let mut stream = connect(address);
        stream.write_all(&bytes).unwrap();
        drop(stream.shutdown(Shutdown::Both));
    }
}

/// A connection. Where so many were closed a moment ago that no port is free, it waits for one.
fn connect(address: SocketAddr) -> TcpStream {
    loop {
        match TcpStream::connect(address) {
            Err(error) if error.kind() == ErrorKind::AddrNotAvailable => {
                std::thread::sleep(Duration::from_millis(50));
            }
            connected => return connected.unwrap(),
        }
    }
}

/// Writes of others, each by its own connection, of a function on the runtime and of one on the blocking pool.
#[track_caller]
fn check_others(probe: &Probe, flooded: &str) {
    let mut times = Vec::new();
    for at in 0..200 {
        let function = if at % 2 == 0 { "write_then" } else { "write_then_blocking" };
        let request = call(function, &json!({ "id": at, "ending": "fail" }));
        let start = Instant::now();
        let answer = probe.server.client().send(&request).unwrap();
        times.push(start.elapsed());
        // It ran, and failed as it was told.
        assert_eq!(answer.status, 400, "{flooded}: {function}: {}", answer.text());
        assert!(answer.header("x-mizan-invalidate").is_some(), "{flooded}: {function}");
    }
    times.sort();
    note!("{flooded}: p99 of others {:?}", times[times.len() * 99 / 100]);
}

fn ten_thousand_abandoned_calls_refuse_nobody_else(backend: &Backend) {
    for (function, args) in [
        ("wait", json!({ "pause_ms": 90_000 })),
        ("wait_blocking", json!({ "pause_ms": 5_000 })),
        ("write", json!({ "id": 1, "pause_ms": 5_000 })),
    ] {
        let probe = Probe::start(backend, &format!("flood-{function}"), &[]);
        let request = call(function, &args);
        flood(&probe, &request);
        check_others(&probe, function);
        if function == "wait" {
            // None of them is there any more.
            let start = Instant::now();
            let free = || {
                let request = call("wait", &json!({ "pause_ms": 0 }));
                probe.server.client().send(&request).unwrap().status == 200
            };
            while !free() {
                assert!(start.elapsed() < Duration::from_secs(10), "its calls are still there");
            }
        }
    }
}

cases! {
    "limits", CALL =>
        ten_thousand_abandoned_calls_refuse_nobody_else;
}

//! How many connections there may be, and what becomes of one that takes nothing.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::backend::{Application, Backend};
use crate::case::{cases, note};
use crate::client::{Client, Connection, Request};
use crate::deep;
use crate::server::Server;
use serde_json::json;

use crate::suite::support::{MOUNT, app_with};

const SESSION: &str = "/api/mizan/session/";

/// An address of this machine that is not the loopback, as it would be for a user from elsewhere.
fn own_address() -> IpAddr {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    // Needs an address next to the loopback. Nothing is sent: the system only says which address it would send from.
    socket.connect("192.0.2.1:9").unwrap();
    socket.local_addr().unwrap().ip()
}

/// A server that is reached from everywhere, at its port.
fn open_to_all(backend: &Backend, settings: &[(&str, &str)]) -> (Server, u16) {
    let server = app_with(backend, &[&[("HOST", "0.0.0.0")], settings].concat());
    let port = server.address().port();
    (server, port)
}

/// Whether a request on a new connection is answered; the connection is kept open.
fn answered(address: SocketAddr) -> Result<Connection, &'static str> {
    let mut connection = Connection::open(address).map_err(|_| "not opened")?;
    let answer = connection.exchange(&Request::get(SESSION), address).map_err(|_| "closed")?;
    assert_eq!(answer.status, 200);
    Ok(connection)
}

/// How long a busy machine may take: the system lets go of a connection in some multiple of the timeout.
const PATIENCE: Duration = Duration::from_secs(180);

#[track_caller]
fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn one_address_has_a_bound_and_others_are_served(backend: &Backend) {
    let (_server, port) = open_to_all(backend, &[("MIZAN_CONNECTIONS_PER_ADDRESS", "8")]);
    let stranger = SocketAddr::new(own_address(), port);
    let mut held: Vec<Connection> = (0..8).map(|_| answered(stranger).unwrap()).collect();
    for _ in 0..50 * deep() {
        assert_eq!(answered(stranger).unwrap_err(), "closed");
    }
    // This machine itself may have any number.
    let here = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    let ours: Vec<Connection> = (0..50).map(|_| answered(here).unwrap()).collect();
    for connection in &mut held {
        assert_eq!(connection.exchange(&Request::get(SESSION), stranger).unwrap().status, 200);
    }
    // Each that is closed makes room for one.
    held.truncate(5);
    eventually("there is room for three", || match answered(stranger) {
        Ok(connection) => {
            held.push(connection);
            held.len() == 8
        }
        Err(_) => false,
    });
    assert_eq!(answered(stranger).unwrap_err(), "closed");
    drop(ours);
}

fn all_connections_have_a_bound(backend: &Backend) {
    let server = app_with(backend, &[("MIZAN_CONNECTIONS", "8")]);
    let held: Vec<Connection> = (0..8).map(|_| answered(server.address()).unwrap()).collect();
    assert_eq!(answered(server.address()).unwrap_err(), "closed");
    drop(held);
    eventually("there is room again", || answered(server.address()).is_ok());
    assert!(server.logs("there are too many"));
}

fn a_bound_that_is_no_number_is_refused_at_start(backend: &Backend) {
    for name in ["MIZAN_CONNECTIONS", "MIZAN_CONNECTIONS_PER_ADDRESS", "MIZAN_SEND_TIMEOUT"] {
        for value in ["0", "-1", "many"] {
            let refused = backend.start(Application::Conformance, &[(name, value)]);
            let refusal = refused.unwrap_err().to_string();
            assert!(refusal.contains(&format!("{name} is `{value}`")), "{refusal}");
        }
    }
}

/// Bytes of memory that a process has, and how many sockets.
fn held(server: &Server) -> (u64, usize) {
    let process = format!("/proc/{}", server.id());
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    let files = std::fs::read_dir(format!("{process}/fd")).unwrap();
    // A socket counts once: the threads of a server hold copies of some, and start when they start.
    let sockets: BTreeSet<PathBuf> = files
        .flatten()
        .filter_map(|file| std::fs::read_link(file.path()).ok())
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .collect();
    (kilobytes << 10, sockets.len())
}

/// 150 connections that ask for much and take nothing: they are let go, and what they held with them.
fn who_takes_nothing_is_let_go(backend: &Backend) {
    let server = app_with(backend, &[("MIZAN_SEND_TIMEOUT", "4")]);
    let body = json!({ "fn": "echo", "args": { "text": "x".repeat(1_000_000) } }).to_string();
    let request = Request::call(body).bytes(server.address());
    let (_, before) = held(&server);
    let mut slow: Vec<TcpStream> = Vec::new();
    let (mut memory, mut sockets) = (0, 0);
    for at in 0..150 * deep() {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
        // Several, since the system itself takes some megabytes. What is not read is not sent whole.
        for _ in 0..6 {
            if stream.write_all(&request).is_err() {
                break;
            }
        }
        slow.push(stream);
        // While many are opened, the first of them are released already.
        if at % 50 == 49 {
            let now = held(&server);
            (memory, sockets) = (memory.max(now.0), sockets.max(now.1));
        }
    }
    note!("{} MiB in {sockets} sockets", memory >> 20);
    assert!(sockets > before, "{sockets} sockets, {before} before");
    let mut client = Client::new(server.address());
    eventually("they are let go", || {
        // Others are served meanwhile.
        let read = Request::get(format!("{MOUNT}/ctx/user/?user_id=5"));
        assert_eq!(client.send(&read).unwrap().status, 200);
        held(&server).1 <= before + 1
    });
    for stream in &mut slow {
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut rest = Vec::new();
        // What the system had taken still comes, and then the end, or a reset.
        drop(stream.read_to_end(&mut rest));
        assert!(rest.len() < 6_000_000, "a response came whole");
    }
}

cases! {
    "limits", OUTSIDE =>
        one_address_has_a_bound_and_others_are_served
        all_connections_have_a_bound
        a_bound_that_is_no_number_is_refused_at_start;
    "limits", OUTSIDE, Linux =>
        who_takes_nothing_is_let_go;
}

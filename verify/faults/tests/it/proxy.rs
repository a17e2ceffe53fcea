//! The faults of the proxy, with a server of our own behind it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use mizan_faults::proxy::Proxy;

use crate::support::{Connection, Echo, LONG, SHORT, until};

#[test]
fn both_ends_see_a_cut_and_the_next_connection_works() {
    let echo = Echo::start();
    let mut connections = [echo.connect(), echo.connect()];
    assert_eq!(echo.proxy.cut_all(), 2);
    assert_eq!((echo.proxy.connections(), echo.proxy.cuts()), (0, 2));
    for connection in &mut connections {
        assert!(connection.is_closed());
        assert_eq!(echo.ended.recv_timeout(LONG).unwrap(), b"hello");
    }
    echo.connect();
    assert_eq!(echo.proxy.cuts(), 2);
}

#[test]
fn a_cut_loses_what_is_under_way() {
    let echo = Echo::start();
    let mut connection = echo.connect();
    echo.proxy.stall();
    connection.send("lost");
    echo.proxy.cut_all();
    echo.proxy.flow();
    assert!(connection.is_closed());
    assert_eq!(echo.ended.recv_timeout(LONG).unwrap(), b"hello");
}

#[test]
fn a_stall_passes_nothing_and_keeps_connections_until_it_flows() {
    let echo = Echo::start();
    let mut old = echo.connect();
    echo.proxy.stall();
    let mut new = Connection::to(echo.proxy.address());
    for connection in [&mut old, &mut new] {
        let error = connection.ask("late", SHORT).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
    assert_eq!(echo.proxy.connections(), 2);
    echo.proxy.flow();
    for connection in [&mut old, &mut new] {
        assert_eq!(connection.receive(4, LONG).unwrap(), "late");
    }
}

#[test]
fn latency_counts_once_each_way_and_bytes_share_it() {
    let echo = Echo::start();
    let mut connection = echo.connect();
    let latency = Duration::from_millis(200);
    echo.proxy.set_latency(latency);
    let send = |connection: &mut Connection| {
        thread::sleep(Duration::from_millis(5));
        connection.send("word ");
        Instant::now()
    };
    let sent: Vec<Instant> = (0..5).map(|_| send(&mut connection)).collect();
    for sent in sent {
        assert_eq!(connection.receive(5, LONG).unwrap(), "word ");
        let took = sent.elapsed();
        // A word that waited for the one before it would take once more as long.
        assert!(took > latency * 2 - SHORT / 10 && took < latency * 5 / 2, "{took:?}");
    }
    echo.proxy.set_latency(Duration::ZERO);
    let start = Instant::now();
    connection.ask("quick", LONG).unwrap();
    assert!(start.elapsed() < latency, "{:?}", start.elapsed());
}

#[test]
fn refused_connections_are_closed_while_live_ones_stay() {
    let echo = Echo::start();
    let mut live = echo.connect();
    echo.proxy.refuse();
    assert!(Connection::to(echo.proxy.address()).is_closed());
    assert_eq!(live.ask("still", LONG).unwrap(), "still");
    assert_eq!(echo.proxy.connections(), 1);
    echo.proxy.accept();
    echo.connect();
}

#[test]
fn after_a_half_close_the_client_gets_nothing_and_is_still_heard() {
    let echo = Echo::start();
    let mut connection = echo.connect();
    echo.proxy.half_close();
    assert!(connection.is_closed());
    // Twice: the first response must not break the way for what follows.
    connection.send(" one");
    thread::sleep(SHORT);
    connection.send(" two");
    thread::sleep(SHORT);
    drop(connection);
    assert_eq!(echo.ended.recv_timeout(LONG).unwrap(), b"hello one two");
    until("the connection is forgotten", || echo.proxy.connections() == 0);
    assert_eq!(echo.proxy.cuts(), 0);
}

#[test]
fn a_throttle_limits_the_bytes_per_second() {
    let echo = Echo::start();
    let mut connection = echo.connect();
    let text = "x".repeat(20_000);
    let time = |connection: &mut Connection| {
        let start = Instant::now();
        assert_eq!(connection.ask(&text, LONG).unwrap(), text);
        start.elapsed()
    };
    echo.proxy.throttle(50_000);
    let slow = time(&mut connection);
    assert!(slow > Duration::from_millis(350) && slow < Duration::from_secs(4), "{slow:?}");
    echo.proxy.throttle(0);
    let fast = time(&mut connection);
    assert!(fast < slow / 2, "{fast:?}");
}

#[test]
fn a_stream_that_ends_by_itself_is_passed_on_and_is_no_cut() {
    let echo = Echo::start();
    drop(echo.connect());
    assert_eq!(echo.ended.recv_timeout(LONG).unwrap(), b"hello");
    until("the connection is forgotten", || echo.proxy.connections() == 0);
    assert_eq!(echo.proxy.cuts(), 0);
}

#[test]
fn a_target_that_takes_no_connection_closes_the_clients() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = Proxy::start(free).unwrap();
    assert!(Connection::to(proxy.address()).is_closed());
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn a_dropped_proxy_ends_its_threads_its_port_and_its_connections() {
    let echo = Echo::start();
    let mut connection = echo.connect();
    let address: SocketAddr = echo.proxy.address();
    echo.proxy.stall();
    // More than fits anywhere under way would block the writer here; this much only fills a queue.
    connection.send("stuck");
    let Echo { proxy, ended } = echo;
    let start = Instant::now();
    // Returns once every thread has.
    drop(proxy);
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    assert!(connection.is_closed());
    assert_eq!(ended.recv_timeout(LONG).unwrap(), b"hello");
    assert!(std::net::TcpStream::connect(address).is_err());
}

//! One process stops and starts again while others read and write through the proxy.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use souk::db::{Db, Settings};

use crate::PATIENCE;
use crate::browser::Browser;
use crate::market::Market;
use crate::proxies::Proxy;

/// How many browsers read meanwhile.
const READERS: usize = 3;

/// How long `docs/deploy.md` tells to wait between two restarts.
const BETWEEN: Duration = Duration::from_secs(5);

/// Which processes are restarted, one after the other.
const STOPS: [usize; 2] = [1, 0];

/// What `docs/deploy.md` promises: a read never fails. A call is run, or refused with a 503 and
/// `Retry-After`. Only while a process is down may it be a 502.
pub(crate) fn one_process_stops_and_no_request_fails(
    market: &Market,
    proxy: &Proxy,
    browser: &Browser,
    user: i64,
) {
    let (over, down) = (AtomicBool::new(false), AtomicBool::new(false));
    let running = || !over.load(Ordering::Relaxed);
    let read = format!("/api/mizan/ctx/profile/?user_id={user}");
    let reader = || {
        let browser = browser.clone();
        let mut count = 0;
        while running() {
            let response = browser.get(&read);
            assert_eq!(response.status, 200, "{response:?}");
            count += 1;
        }
        count
    };
    let writer = || {
        let browser = browser.clone();
        let (mut done, mut refused, mut cut) = (0, 0, 0);
        while running() {
            let args = json!({ "user_id": user, "display_name": format!("While it stops {done}") });
            let was_down = down.load(Ordering::SeqCst);
            let response = browser.call("set_display_name", &args);
            let is_down = was_down || down.load(Ordering::SeqCst);
            match response.status {
                200 => done += 1,
                503 if !response.header("retry-after").is_empty() => refused += 1,
                502 if is_down => cut += 1,
                status => panic!("{status}: {response:?}"),
            }
        }
        (done, refused, cut)
    };
    let (reads, done, refused, cut) = thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(reader)).collect();
        let writer = scope.spawn(writer);
        thread::sleep(Duration::from_millis(300));
        for process in STOPS {
            down.store(true, Ordering::SeqCst);
            market.terminate(process);
            market.ended(process);
            thread::sleep(Duration::from_millis(300));
            market.start_process(process);
            down.store(false, Ordering::SeqCst);
            thread::sleep(BETWEEN);
        }
        over.store(true, Ordering::Relaxed);
        let reads: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        let (done, refused, cut) = writer.join().unwrap();
        (reads, done, refused, cut)
    });
    println!(
        "while each process was restarted: {reads} reads, {done} calls, {refused} refused, {cut} cut off"
    );
    // There is one writer, so this is the call that met a connection while it was closed.
    assert!(!proxy.repeats_calls() || cut <= STOPS.len(), "{cut} calls were cut off");
    assert!(reads > 20 && done > 5, "{reads} reads and {done} calls are too few to prove anything");
}

/// The rest of the promise: while a call runs that has begun, connections are refused, so that a
/// proxy sends what it has to another process.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_process_that_stops_refuses_connections_and_ends_its_call() {
    let market = Market::start();
    let mut browser = Browser::direct(market.url(0), market.origin());
    let user = browser.sign_in("samira");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lock = runtime.block_on(async {
        let file = Settings::Sqlite(market.folder().join("souk.db"));
        Db::open(&file).await.unwrap().begin().await.unwrap()
    });
    let args = json!({ "user_id": user, "display_name": "Held" });
    thread::scope(|scope| {
        let held = scope.spawn(|| browser.call("set_display_name", &args));
        let address = ("127.0.0.1", market.ports[0]);
        thread::sleep(Duration::from_millis(500));
        assert!(TcpStream::connect(address).is_ok());
        market.terminate(0);
        let stopped = Instant::now();
        while TcpStream::connect(address).is_ok() {
            assert!(stopped.elapsed() < PATIENCE, "connections are still taken");
            thread::sleep(Duration::from_millis(5));
        }
        assert!(!held.is_finished(), "the call did not wait");
        runtime.block_on(lock.rollback()).unwrap();
        let response = held.join().unwrap();
        assert_eq!(response.status, 200, "{response:?}");
    });
    market.ended(0);
}

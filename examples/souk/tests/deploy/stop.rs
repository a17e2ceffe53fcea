//! One process stops and starts again while others read and write through the proxy.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

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

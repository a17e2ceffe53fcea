//! Signals in the middle of a mutation: what has begun is finished, and its client is answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::Connection;
use crate::deep;

use super::{Probe, write, written};
use crate::suite::support::{self, context, error, send};

fn sigterm_lets_a_mutation_and_its_client_finish(backend: &Backend) {
    for name in ["write", "write_blocking"] {
        let mut probe = Probe::start(backend, &format!("term-{name}"), &[]);
        let mut other = probe.client();
        send(&mut other, "before", &context("rows/?id=1"));
        let answer = thread::scope(|scope| {
            let client = probe.client();
            let waiting = scope.spawn(move || client.send_alone(&write(name, 1, 700)));
            probe.wait_for("began 1");
            probe.server.terminate().unwrap();
            thread::sleep(Duration::from_millis(150));
            // Nothing begins any more, on an old connection or a new one.
            let late =
                [other.send(&write(name, 2, 0)), probe.client().send_alone(&write(name, 3, 0))];
            for answer in late.into_iter().flatten() {
                support::judge(&answer, &error(503, "UNAVAILABLE")).unwrap();
            }
            waiting.join().unwrap().unwrap()
        });
        support::judge(&answer, &written(1)).unwrap();
        probe.check_ends_well(Duration::from_secs(10));
        assert_eq!(probe.check_whole(), 1);
    }
}

/// Whatever moment a signal comes at: what has begun is whole, and its client has the response.
fn sigterm_under_load_loses_no_answer(backend: &Backend) {
    for round in 0..4 * deep() as u64 {
        let mut probe = Probe::start(backend, &format!("load-{round}"), &[]);
        let next = AtomicUsize::new(0);
        let mut answered: Vec<u64> = thread::scope(|scope| {
            let worker = |number: usize| {
                let (probe, next) = (&probe, &next);
                move || {
                    let client = &mut probe.client();
                    let name = ["write", "write_blocking"][number % 2];
                    let mut answered = Vec::new();
                    loop {
                        let id = next.fetch_add(1, Ordering::Relaxed) as u64;
                        match client.send(&write(name, id, id % 4)) {
                            Ok(answer) if answer.status == 200 => {
                                support::judge(&answer, &written(id)).unwrap();
                                answered.push(id);
                            }
                            Ok(answer) => {
                                support::judge(&answer, &error(503, "UNAVAILABLE")).unwrap();
                                return answered;
                            }
                            Err(_) => return answered,
                        }
                    }
                }
            };
            let workers: Vec<_> = (0..8).map(|number| scope.spawn(worker(number))).collect();
            thread::sleep(Duration::from_millis(60 + 7 * (round % 20)));
            probe.server.terminate().unwrap();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        probe.check_ends_well(Duration::from_secs(10));
        let whole = probe.check_whole();
        answered.sort_unstable();
        let begun: Vec<u64> = probe.events().into_keys().collect();
        assert_eq!(answered, begun, "round {round}");
        assert!(whole > 0);
    }
}

fn sigterm_waits_for_an_abandoned_mutation(backend: &Backend) {
    // Longer than the time that workers get to end their connections.
    for (name, pause_ms) in [("write", 300), ("write_blocking", 300), ("write", 6_500)] {
        let mut probe = Probe::start(backend, &format!("abandoned-{name}-{pause_ms}"), &[]);
        let address = probe.server.address();
        for id in 0..3 {
            let mut connection = Connection::open(address).unwrap();
            connection.send(&write(name, id, pause_ms).bytes(address)).unwrap();
            probe.wait_for(&format!("began {id}"));
        }
        probe.server.terminate().unwrap();
        probe.check_ends_well(Duration::from_secs(15));
        assert_eq!(probe.check_whole(), 3);
    }
}

fn sigterm_waits_for_a_mutation_whose_client_was_sent_away(backend: &Backend) {
    let settings = [("PROBE_CALL_TIMEOUT_MS", "30")];
    let mut probe = Probe::start(backend, "sent-away", &settings);
    let client = &mut probe.client();
    support::check(client, "timeout", &write("write", 1, 600), &error(503, "UNAVAILABLE"));
    probe.server.terminate().unwrap();
    probe.check_ends_well(Duration::from_secs(10));
    assert_eq!(probe.check_whole(), 1);
}

fn sigterm_without_work_ends_at_once(backend: &Backend) {
    let mut probe = Probe::start(backend, "idle", &[]);
    // A connection that is kept open and silent is no work.
    let mut client = probe.client();
    send(&mut client, "before", &context("rows/?id=1"));
    probe.server.terminate().unwrap();
    probe.check_ends_well(Duration::from_secs(3));
    drop(client);

    // Nor is one whose request never arrives whole: it is given a moment.
    let mut probe = Probe::start(backend, "half", &[]);
    let address = probe.server.address();
    let bytes = write("write", 1, 0).bytes(address);
    let halves = [20, bytes.len() - 5].map(|cut| {
        let mut connection = Connection::open(address).unwrap();
        connection.send(&bytes[..cut]).unwrap();
        connection
    });
    thread::sleep(Duration::from_millis(100));
    let start = Instant::now();
    probe.server.terminate().unwrap();
    probe.check_ends_well(Duration::from_secs(9));
    note!("half a request held the end up by {:?}", start.elapsed());
    assert_eq!(probe.lines(), [""; 0]);
    drop(halves);
}

fn a_second_signal_stops_at_once(backend: &Backend) {
    for name in ["write", "write_blocking"] {
        let mut probe = Probe::start(backend, &format!("second-{name}"), &[]);
        let address = probe.server.address();
        let mut connection = Connection::open(address).unwrap();
        connection.send(&write(name, 1, 25_000).bytes(address)).unwrap();
        probe.wait_for("began 1");
        probe.server.terminate().unwrap();
        let early = probe.server.wait(Duration::from_millis(300));
        assert!(early.is_err(), "{name}: the first signal waits");
        probe.server.terminate().unwrap();
        let ended = probe.server.wait(Duration::from_secs(5));
        assert!(ended.is_ok(), "{name}: the second signal does not end it\n{}", probe.server.log());
    }
}

cases! {
    "faults", CALL =>
        sigterm_lets_a_mutation_and_its_client_finish
        sigterm_under_load_loses_no_answer
        sigterm_waits_for_a_mutation_whose_client_was_sent_away
        a_second_signal_stops_at_once;
    "faults", CALL, Patience =>
        sigterm_waits_for_an_abandoned_mutation
        sigterm_without_work_ends_at_once;
}

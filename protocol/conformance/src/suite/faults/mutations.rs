//! Clients that vanish, waits that end too early, panics, and errors after the change.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::{Client, Connection, Request};
use crate::deep;
use crate::vectors::Allowed;
use mizan_faults::random::Random;
use serde_json::json;

use super::{Probe, check_silent, write, written};
use crate::suite::support::{self, MOUNT, context, data, error};

fn connections_that_break_at_any_point_break_no_mutation(backend: &Backend) {
    const SEED: u64 = 0xc10;
    let rounds = 800 * deep();
    let probe = Probe::start(backend, "resets", &[]);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let round = next.fetch_add(1, Ordering::Relaxed);
                    if round >= rounds {
                        break;
                    }
                    let mut random = Random::seeded(SEED + round as u64);
                    let name = random.pick(&["write", "write_blocking"]).unwrap();
                    let request = write(name, round as u64, random.below(6) as u64);
                    break_off(&probe, &mut random, &request);
                }
            });
        }
    });
    let whole = probe.check_becomes_whole();
    note!("{whole} of {rounds} mutations had begun");
    assert!(whole > rounds / 3, "{whole}");
    probe.check_alive();
}

/// Sends a request and leaves, in one of the ways in which clients do.
fn break_off(probe: &Probe, random: &mut Random, request: &Request) {
    let address = probe.server.address();
    let bytes = request.bytes(address);
    let mut connection = Connection::open(address).unwrap();
    let kind = random.below(6);
    if kind >= 3 {
        // A response that is never read makes the end of the connection a reset.
        let read = context("rows/?id=1").bytes(address);
        drop(connection.send(&read));
    }
    let cut = match kind % 3 {
        0 => random.below(bytes.len()),
        _ => bytes.len(),
    };
    drop(connection.send(&bytes[..cut]));
    if kind % 3 == 2 {
        drop(connection.half_close());
    }
    thread::sleep(Duration::from_micros(random.below(8_000) as u64));
}

fn a_wait_that_ends_early_ends_no_mutation(backend: &Backend) {
    let probe = Probe::start(backend, "timeout", &[("PROBE_CALL_TIMEOUT_MS", "150")]);
    let client = &mut probe.client();
    for (id, name) in [(1, "write"), (2, "write_blocking")] {
        let start = Instant::now();
        let expected = Allowed {
            headers: [("Retry-After".to_owned(), "1".to_owned())].into(),
            ..error(503, "UNAVAILABLE")
        };
        support::check(client, name, &write(name, id, 1_500), &expected);
        assert!(start.elapsed() < Duration::from_millis(1_200), "{name}");
        probe.wait_for(&format!("began {id}"));
        assert!(!probe.lines().contains(&format!("changed {id}")), "{name}");
    }
    assert_eq!(probe.check_becomes_whole(), 2);
    support::check(client, "short", &write("write", 3, 0), &written(3));
    probe.check_alive();
}

fn a_failure_after_the_change_still_tells_it(backend: &Backend) {
    let probe = Probe::start(backend, "endings", &[]);
    let client = &mut probe.client();
    let mut id = 0;
    for name in ["write_then", "write_then_blocking"] {
        for (ending, status, code) in [
            ("fail", 400, "BAD_REQUEST"),
            ("fail_unexpectedly", 500, "INTERNAL_ERROR"),
            ("panic", 500, "INTERNAL_ERROR"),
            ("not_a_number", 500, "INTERNAL_ERROR"),
            ("panic_in_result", 500, "INTERNAL_ERROR"),
        ] {
            id += 1;
            let args = json!({ "id": id, "ending": ending });
            let request = Request::call(json!({ "fn": name, "args": args }).to_string());
            check_told(client, ending, &request, id, status, code);
        }
    }
    id += 1;
    let body = json!({ "fn": "merge_then_fail", "args": { "id": id } }).to_string();
    check_told(client, "merge", &Request::call(body), id, 400, "BAD_REQUEST");
    assert_eq!(probe.check_whole(), 11);
    for marker in ["marker-a1b2", "marker-c3d4", "marker-e5f6"] {
        assert!(probe.server.logs(marker), "the log knows the cause: {marker}");
    }
    probe.check_alive();
}

/// The response is an error, and also names what is stale, in the body and in the header.
#[track_caller]
fn check_told(
    client: &mut Client,
    title: &str,
    request: &Request,
    id: u64,
    status: u16,
    code: &str,
) {
    let expected = Allowed {
        headers: [("X-Mizan-Invalidate".to_owned(), format!("rows;id={id}"))].into(),
        absent: Vec::new(),
        ..error(status, code)
    };
    let answer = support::check(client, title, request, &expected);
    let told = &answer.json().unwrap()["invalidate"];
    let wanted = json!([{ "context": "rows", "params": { "id": id } }]);
    assert_eq!(*told, wanted, "{title}");
    check_silent(&answer);
}

/// A page of 400 or above names nothing at the edge unless the function asks for it; here it does.
fn views_tell_what_they_changed(backend: &Backend) {
    let probe = Probe::start(backend, "views", &[]);
    let client = &mut probe.client();
    for (id, status, announce, header) in [
        (1, 200, false, true),
        (2, 303, false, true),
        (3, 399, false, true),
        (4, 400, false, false),
        (5, 400, true, true),
        (6, 503, false, false),
        (7, 503, true, true),
    ] {
        let args = json!({ "id": id, "status": status, "announce": announce });
        let body = json!({ "fn": "write_view", "args": args }).to_string();
        let answer = client.send(&Request::call(body)).unwrap();
        assert_eq!(answer.status, status, "{id}");
        let wanted = header.then(|| format!("rows;id={id}"));
        let found = answer.header("x-mizan-invalidate");
        assert_eq!(found, wanted.as_deref(), "{id}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    assert_eq!(probe.check_whole(), 7);
}

/// What is refused before the body has run has touched nothing.
fn a_refused_call_tells_nothing(backend: &Backend) {
    let probe = Probe::start(backend, "refused", &[]);
    let client = &mut probe.client();
    let good = r#"{"fn":"write","args":{"id":1,"pause_ms":0}}"#;
    let call = |body: &str| Request::call(body);
    for (title, request, expected) in [
        (
            "wrong type",
            call(r#"{"fn":"write","args":{"id":"1","pause_ms":0}}"#),
            support::fields(["id"]),
        ),
        ("missing", call(r#"{"fn":"write","args":{"id":1}}"#), support::fields(["pause_ms"])),
        ("broken", call(&good[..20]), error(400, "BAD_REQUEST")),
        (
            "another site",
            call(good).header("Sec-Fetch-Site", "cross-site"),
            error(403, "FORBIDDEN"),
        ),
        ("cookie", call(good).header("Cookie", "a=b"), error(403, "FORBIDDEN")),
        (
            "guard that panics",
            call(r#"{"fn":"behind_exploding_guard","args":{"id":1}}"#),
            error(403, "FORBIDDEN"),
        ),
        (
            "type",
            Request::new("POST", format!("{MOUNT}/call/"))
                .header("Content-Type", "text/plain")
                .body(good),
            error(415, "UNSUPPORTED_MEDIA_TYPE"),
        ),
    ] {
        let answer = support::check(client, title, &request, &expected);
        assert_eq!(answer.json().unwrap().get("invalidate"), None, "{title}");
        check_silent(&answer);
    }
    assert_eq!(probe.lines(), [""; 0]);
    probe.check_alive();
}

fn a_thousand_panics_end_nothing_and_tell_nothing(backend: &Backend) {
    let probe = Probe::start(backend, "panics", &[]);
    let failed = error(500, "INTERNAL_ERROR");
    thread::scope(|scope| {
        for worker in 0..4 {
            let (probe, failed) = (&probe, &failed);
            scope.spawn(move || {
                let client = &mut probe.client();
                for round in 0..250 * deep() {
                    let text = format!("marker {worker} {round} at /srv/secret");
                    let name = ["explode", "explode_blocking"][round % 2];
                    let body = json!({ "fn": name, "args": { "text": text } }).to_string();
                    let answer = support::check(client, name, &Request::call(body), failed);
                    check_silent(&answer);
                    if round % 10 == 0 {
                        probe.check_alive();
                    }
                }
            });
        }
    });
    let client = &mut probe.client();
    for (title, request) in [
        ("argument", Request::call(r#"{"fn":"explode_reading","args":{"value":"x"}}"#)),
        ("foreign error", Request::call(r#"{"fn":"fail_foreign"}"#)),
        ("member", context("broken/?text=a")),
        ("member alone", context("broken/?text=a&mizan.only=broken_read")),
    ] {
        let answer = support::check(client, title, &request, &failed);
        check_silent(&answer);
        let id = answer.json().unwrap()["error"]["details"]["id"].clone();
        let id = id.as_str().unwrap();
        assert!(probe.server.logs(id), "{title}: the log knows {id}");
    }
    let whole = context("broken/?text=a&mizan.only=whole_read");
    support::check(client, "the other member", &whole, &data(json!({ "whole_read": { "id": 1 } })));
    probe.check_alive();
}

/// Code of the application that is not a function panics too, and that is one 500 all the same.
fn a_panic_of_the_authenticator_is_an_answer(backend: &Backend) {
    let probe = Probe::start(backend, "authenticator", &[("PROBE_PANIC", "authenticator")]);
    let client = &mut probe.client();
    for request in [context("rows/?id=1"), write("write", 1, 0)] {
        let failed = error(500, "INTERNAL_ERROR");
        let answer = support::check(client, "authenticator", &request, &failed);
        check_silent(&answer);
    }
    assert_eq!(probe.lines(), [""; 0]);
}

/// The change is there, so the client hears of it, whatever the observer does.
fn a_panic_of_the_observer_takes_no_answer_away(backend: &Backend) {
    let probe = Probe::start(backend, "observer", &[("PROBE_PANIC", "observer")]);
    let client = &mut probe.client();
    for (id, name) in [(1, "write"), (2, "write_blocking")] {
        support::check(client, name, &write(name, id, 0), &written(id));
    }
    probe.check_alive();
}

/// A caller who chooses the text of a panic writes no lines of the log.
fn a_panic_is_one_escaped_record(backend: &Backend) {
    for (function, backtrace) in [("explode", "0"), ("explode_blocking", "1")] {
        let probe = Probe::start(backend, "one-record", &[("RUST_BACKTRACE", backtrace)]);
        let text = "first\nERROR second\u{1b}[31m\r\nthird";
        let request =
            Request::call(json!({ "fn": function, "args": { "text": text } }).to_string());
        assert_eq!(probe.client().send(&request).unwrap().status, 500);
        assert!(probe.server.logs("a panic"), "{}", probe.server.log());
        let log = probe.server.log();
        let starts = |line: &str, text: &str| line.trim_start().starts_with(text);
        for line in log.lines() {
            assert!(!starts(line, "ERROR second") && !starts(line, "third"), "{log}");
        }
        assert!(!log.contains('\u{1b}') && log.contains(r"first\nERROR second\u{1b}[31m"), "{log}");
        let record = log.lines().find(|line| line.contains("a panic")).unwrap();
        assert!(record.contains("src/app/probe/mod.rs:"), "{record}");
        // The way is shown where it is asked for, by the functions of the application.
        assert_eq!(record.contains("app::probe::explode_blocking"), backtrace == "1", "{record}");
        assert!(!record.contains("/rustc/") && !record.contains("tokio::"), "{record}");
    }
}

cases! {
    "faults", ERRORS =>
        connections_that_break_at_any_point_break_no_mutation
        a_wait_that_ends_early_ends_no_mutation
        a_failure_after_the_change_still_tells_it
        views_tell_what_they_changed
        a_refused_call_tells_nothing
        a_thousand_panics_end_nothing_and_tell_nothing
        a_panic_of_the_authenticator_is_an_answer
        a_panic_of_the_observer_takes_no_answer_away;
    "faults", ERRORS, RustCore =>
        a_panic_is_one_escaped_record;
}

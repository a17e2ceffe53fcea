//! What fails inside is in the log, and never in a response.

use std::thread;

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::Request;
use serde_json::json;

use crate::identity::support::{MOUNT, server};

const ROUNDS: usize = 1_250;

/// Texts that are planted in errors and panics, or that a library would put there.
const MARKERS: &[&str] =
    &["marker-", "postgres://", "panicked", ".rs:", "RUST_BACKTRACE", "os error"];

fn no_answer_tells_what_failed(backend: &Backend) {
    const CALLS: &[(&str, u16)] = &[
        ("fail_foreign", 500),
        ("fail_internal", 500),
        ("fail_blocking", 500),
        ("fail_panic", 500),
        ("failed", 403),
        ("panicked", 403),
    ];
    let server = server(backend, &[]);
    let checked = thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let mut client = server.client();
                scope.spawn(move || {
                    let mut checked = 0;
                    for id in 0..ROUNDS {
                        let body = |name: &str| json!({ "fn": name, "args": { "id": id } });
                        let calls = CALLS
                            .iter()
                            .map(|(name, status)| (Request::call(body(name).to_string()), *status));
                        let read = Request::get(format!("{MOUNT}/ctx/leak/?id={id}"));
                        let wrong = Request::call(body("fail_foreign").to_string() + "}");
                        for (request, status) in calls.chain([(read, 500), (wrong, 400)]) {
                            let answer = client.send(&request).unwrap();
                            let seen = answer.seen();
                            assert_eq!(answer.status, status, "{seen}");
                            let told = MARKERS.iter().find(|marker| seen.contains(**marker));
                            assert_eq!(told, None, "{seen}");
                            checked += 1;
                        }
                    }
                    checked
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    assert_eq!(checked, 2 * ROUNDS * (CALLS.len() + 2));
    note!("{checked} bodies");
    for marker in ["marker-a1", "marker-b2", "marker-c3", "marker-d4"] {
        assert!(server.logs(marker), "{marker} is in the log");
    }
}

cases! {
    "errors", ERRORS =>
        no_answer_tells_what_failed;
}

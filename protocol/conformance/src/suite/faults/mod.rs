//! What happens in the middle of a mutation: clients that vanish, panics, errors after the change,
//! waits that end too early, and signals. Whatever it is, a mutation that has begun reaches its
//! end, and the response names what it made stale.

mod floods;
mod mutations;
mod rates;
mod signals;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::{Application, Backend};
use crate::client::{Client, Request, Response};
use crate::server::Server;
use crate::vectors::Allowed;
use serde_json::json;

use crate::suite::support::{self, context, data};

/// Texts in panics and errors, and may be in the log only.
const MARKERS: &[&str] = &["marker", "/srv/", "nonexistent", "panicked", ".rs:"];

/// The running application `probe` and the file with its events.
pub(super) struct Probe {
    pub(super) server: Server,
    trace: PathBuf,
}

/// The events of one row, in their order.
pub(super) type Events = BTreeMap<u64, Vec<String>>;

impl Probe {
    pub(super) fn start(backend: &Backend, name: &str, settings: &[(&str, &str)]) -> Self {
        let trace = backend.folder().unwrap().join(format!("{name}.log"));
        drop(std::fs::remove_file(&trace));
        let path = trace.to_str().unwrap().to_owned();
        let mut all = vec![("PROBE_LOG", path.as_str())];
        all.extend(settings);
        let server = backend.start(Application::Probe, &all).unwrap();
        Self { server, trace }
    }

    pub(super) fn client(&self) -> Client {
        self.server.client()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.trace).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    pub(super) fn events(&self) -> Events {
        let mut events = Events::new();
        for line in self.lines() {
            let (event, rest) = line.split_once(' ').unwrap();
            let id = rest.strip_prefix("rows;id=").unwrap_or(rest);
            let id = id.parse().unwrap_or_else(|_| panic!("{line}"));
            events.entry(id).or_default().push(event.to_owned());
        }
        events
    }

    /// Waits until a line is there.
    #[track_caller]
    pub(super) fn wait_for(&self, line: &str) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !self.lines().iter().any(|known| known == line) {
            assert!(Instant::now() < deadline, "{line} never came");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Every mutation that began has changed its row and told it, once, in this order.
    #[track_caller]
    pub(super) fn check_whole(&self) -> usize {
        let events = self.events();
        for (id, events) in &events {
            assert_eq!(events[..], ["began", "changed", "invalidated"], "{id}");
        }
        events.len()
    }

    /// The same, for what may still be under way.
    #[track_caller]
    pub(super) fn check_becomes_whole(&self) -> usize {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.events().values().any(|events| events.len() < 3) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        self.check_whole()
    }

    #[track_caller]
    pub(super) fn check_alive(&self) {
        let request = context("rows/?id=7");
        let expected = data(json!({ "row": { "id": 7 } }));
        support::check(&mut self.client(), "alive", &request, &expected);
    }

    /// Waits for the end after a signal: it is an orderly one.
    #[track_caller]
    pub(super) fn check_ends_well(&mut self, timeout: Duration) {
        let status = self.server.wait(timeout).unwrap();
        assert!(status.success(), "{status}\n{}", self.server.log());
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.trace));
    }
}

pub(super) fn write(name: &str, id: u64, pause_ms: u64) -> Request {
    let args = json!({ "id": id, "pause_ms": pause_ms });
    Request::call(json!({ "fn": name, "args": args }).to_string())
}

pub(super) fn written(id: u64) -> Allowed {
    Allowed {
        headers: [("X-Mizan-Invalidate".to_owned(), format!("rows;id={id}"))].into(),
        ..data(json!({
            "result": { "id": id },
            "invalidate": [{ "context": "rows", "params": { "id": id } }],
        }))
    }
}

/// No text of a panic or of an unexpected error is in a response.
#[track_caller]
pub(super) fn check_silent(answer: &Response) {
    let seen = answer.seen();
    for marker in MARKERS {
        assert!(!seen.contains(marker), "{seen}");
    }
}

/// Adds the cases of every module.
pub(crate) fn cases(cases: &mut Vec<crate::case::Case>) {
    floods::cases(cases);
    mutations::cases(cases);
    rates::cases(cases);
    signals::cases(cases);
}

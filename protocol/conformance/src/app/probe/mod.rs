//! A server to be mistreated: its mutations leave a trace, take their time, panic and fail.
//!
//! Every line of the file `PROBE_LOG` is one event: `began 5`, `changed 5`, `invalidated rows;id=5`.
//! `PROBE_CALL_TIMEOUT_MS` shortens the time that a client waits for a call. `PROBE_PANIC` makes the
//! `authenticator` or the `observer` panic.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use mizan_core::{
    Authenticator, Builder, Context, IdentityFuture, Limits, Mizan, RequestParts, Result, State,
    Target, UserRequest, View, client, functions,
    invalidate_header::{self, HeaderTarget},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fault;

/// What is changed.
#[derive(Context)]
struct RowsContext;

/// What cannot be read.
#[derive(Context)]
struct BrokenContext;

/// One row.
#[derive(Serialize, JsonSchema)]
struct Row {
    id: i64,
}

/// The events, one a line. A line is one write, so lines of several threads do not mix.
#[derive(Clone)]
struct Trace(Arc<File>);

impl Trace {
    fn open() -> io::Result<Self> {
        let path = std::env::var_os("PROBE_LOG").ok_or(io::ErrorKind::NotFound)?;
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self(Arc::new(file)))
    }

    fn add(&self, event: &str) -> io::Result<()> {
        (&*self.0).write_all(format!("{event}\n").as_bytes())
    }
}

/// A row.
#[client(context = RowsContext)]
async fn row(id: i64) -> Row {
    Row { id }
}

/// Changes a row after a pause.
#[client(affects = RowsContext)]
async fn write(trace: State<Trace>, id: i64, pause_ms: u64) -> Result<Row> {
    trace.add(&format!("began {id}"))?;
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    trace.add(&format!("changed {id}"))?;
    tokio::task::yield_now().await;
    Ok(Row { id })
}

/// The same on the blocking pool.
#[client(affects = RowsContext)]
fn write_blocking(trace: State<Trace>, id: i64, pause_ms: u64) -> Result<Row> {
    trace.add(&format!("began {id}"))?;
    std::thread::sleep(Duration::from_millis(pause_ms));
    trace.add(&format!("changed {id}"))?;
    Ok(Row { id })
}

/// Waits, and changes nothing.
#[client]
async fn wait(pause_ms: u64) {
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
}

/// The same on the blocking pool.
#[client]
fn wait_blocking(pause_ms: u64) {
    std::thread::sleep(Duration::from_millis(pause_ms));
}

/// How a call ends that has changed something.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Ending {
    /// With an error for the client.
    Fail,
    /// With an error that is not for the client.
    FailUnexpectedly,
    /// With a panic.
    Panic,
    /// With a result that cannot be written.
    NotANumber,
    /// With a result whose writing panics.
    PanicInResult,
}

/// A number that is hard to write.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Hard(f64);

impl Serialize for Hard {
    #[expect(clippy::panic, reason = "what is tested")]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_infinite() {
            panic!("marker-e5f6 in a result");
        }
        serializer.serialize_f64(self.0)
    }
}

/// Changes a row and ends badly.
#[client(affects = RowsContext)]
async fn write_then(trace: State<Trace>, id: i64, ending: Ending) -> Result<Hard> {
    trace.add(&format!("began {id}"))?;
    trace.add(&format!("changed {id}"))?;
    tokio::task::yield_now().await;
    end(ending).map(Hard)
}

/// The same on the blocking pool.
#[client(affects = RowsContext)]
fn write_then_blocking(trace: State<Trace>, id: i64, ending: Ending) -> Result<Hard> {
    trace.add(&format!("began {id}"))?;
    trace.add(&format!("changed {id}"))?;
    end(ending).map(Hard)
}

#[expect(clippy::panic, reason = "what is tested")]
fn end(ending: Ending) -> Result<f64> {
    match ending {
        Ending::Fail => Err(mizan_core::Error::bad_request("changed, then failed")),
        Ending::FailUnexpectedly => {
            Err(io::Error::other("marker-a1b2 at /srv/secret/place").into())
        }
        Ending::Panic => panic!("marker-c3d4 at /srv/secret/place"),
        Ending::NotANumber => Ok(f64::NAN),
        Ending::PanicInResult => Ok(f64::INFINITY),
    }
}

/// May be run three times a day by a caller, and six times for a name.
#[client(affects = RowsContext, rate = ["3/d", "6/d by name"])]
async fn knock(trace: State<Trace>, id: i64, name: String) -> Result<()> {
    trace.add(&format!("began {id}"))?;
    drop(name);
    Ok(trace.add(&format!("changed {id}"))?)
}

/// Puts a row into its context, and fails after that.
#[client(merge = RowsContext)]
async fn merge_then_fail(trace: State<Trace>, id: i64) -> Result<Row> {
    trace.add(&format!("began {id}"))?;
    trace.add(&format!("changed {id}"))?;
    Err(mizan_core::Error::bad_request("changed, then failed"))
}

/// Changes a row and answers with a page of this status.
#[client(affects = RowsContext)]
async fn write_view(trace: State<Trace>, id: i64, status: u16, announce: bool) -> Result<View> {
    trace.add(&format!("began {id}"))?;
    trace.add(&format!("changed {id}"))?;
    let view = View::html("page").with_status(status);
    Ok(if announce { view.with_invalidation_on_error() } else { view })
}

/// Panics with a text.
#[client]
#[expect(clippy::panic, reason = "what is tested")]
async fn explode(text: String) {
    tokio::task::yield_now().await;
    panic!("{text}")
}

/// Panics with a text, on the blocking pool.
#[client]
#[expect(clippy::panic, reason = "what is tested")]
fn explode_blocking(text: String) {
    panic!("{text}")
}

/// A value that panics while it is read.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Explosive(#[expect(dead_code, reason = "the schema is that of a text")] String);

impl<'de> Deserialize<'de> for Explosive {
    #[expect(clippy::panic, reason = "what is tested")]
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        panic!("marker-e5f6 in an argument: {text}")
    }
}

/// Takes what cannot be read.
#[client]
async fn explode_reading(value: Explosive) {
    drop(value);
}

/// A guard that panics.
#[expect(clippy::panic, reason = "what is tested")]
fn exploding(_: &UserRequest) -> bool {
    panic!("marker-e5f6 in a guard")
}

/// Has a guard that panics.
#[client(auth = exploding, affects = RowsContext)]
async fn behind_exploding_guard(trace: State<Trace>, id: i64) -> Result<()> {
    Ok(trace.add(&format!("began {id}"))?)
}

/// Fails with an error of another library.
#[client]
async fn fail_foreign() -> Result<String> {
    Ok(std::fs::read_to_string("/nonexistent/marker-a1b2")?)
}

/// A read that panics.
#[client(context = BrokenContext)]
#[expect(clippy::panic, reason = "what is tested")]
async fn broken_read(text: String) -> Row {
    panic!("marker-c3d4 {text}")
}

/// The member next to it.
#[client(context = BrokenContext)]
async fn whole_read() -> Row {
    Row { id: 1 }
}

/// Recognises nobody, by a panic.
struct Panicking;

impl Authenticator for Panicking {
    #[expect(clippy::panic, reason = "what is tested")]
    fn identify<'a>(&'a self, _: &'a RequestParts) -> IdentityFuture<'a> {
        panic!("marker-e5f6 in an authenticator")
    }
}

pub(super) fn build() -> std::result::Result<Mizan, Fault> {
    let mount = std::env::var("PROBE_MOUNT");
    let builder = Builder::empty()
        .functions(probed())
        .mount(mount.as_deref().unwrap_or(mizan_core::DEFAULT_MOUNT))
        .page_route("rows", "/rows/<id>/")
        .handle_cli()?;
    let trace = Trace::open()?;
    let mut limits = Limits::default();
    if let Ok(timeout) = std::env::var("PROBE_CALL_TIMEOUT_MS") {
        limits.call_timeout = Duration::from_millis(timeout.parse()?);
    }
    let panics = std::env::var("PROBE_PANIC").unwrap_or_default();
    let observed = trace.clone();
    let observer_panics = panics == "observer";
    let mut builder = builder
        .state(trace)
        .limits(limits)
        .on_invalidation(move |targets| observe(&observed, targets, observer_panics));
    if panics == "authenticator" {
        builder = builder.authenticator(Panicking);
    }
    Ok(builder.build()?)
}

fn probed() -> Vec<mizan_core::Function> {
    functions![
        row,
        write,
        write_blocking,
        wait,
        wait_blocking,
        write_then,
        write_then_blocking,
        merge_then_fail,
        write_view,
        knock,
        explode,
        explode_blocking,
        explode_reading,
        behind_exploding_guard,
        fail_foreign,
        broken_read,
        whole_read,
    ]
}

/// Writes the event down.
#[expect(clippy::panic, reason = "what is tested")]
fn observe(trace: &Trace, targets: &[Target], panics: bool) {
    if panics {
        panic!("marker-e5f6 in an observer");
    }
    drop(trace.add(&invalidated(targets)));
}

/// The event of one list of targets, in the form of the header.
fn invalidated(targets: &[Target]) -> String {
    let parts: Vec<HeaderTarget> = targets
        .iter()
        .map(|target| HeaderTarget {
            context: target.context.clone(),
            params: target
                .params
                .iter()
                .map(|(name, value)| (name.clone(), value.to_string()))
                .collect(),
        })
        .collect();
    format!("invalidated {}", invalidate_header::write(&parts))
}

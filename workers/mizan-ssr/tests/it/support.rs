//! What the tests have in common.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mizan_ssr::{Builder, Render, RenderError, Rendered, Renderer, WorkerCommand};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The worker that does everything wrong on demand.
pub(crate) fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/worker.mjs")
}

/// It, on Node.
pub(crate) fn node() -> WorkerCommand {
    WorkerCommand::new("node").arg(script())
}

/// It, on Bun: what npm installed for this repository, or the program that `MIZAN_BUN` names.
pub(crate) fn bun() -> WorkerCommand {
    let command = WorkerCommand::find(script()).unwrap();
    let program = command.program().to_string_lossy().into_owned();
    assert!(program.contains("bun"), "Bun is missing, and {program} was found in place of it");
    command
}

/// Runs each of these functions as a test on both programs.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_node {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs node: cargo xtask test"]
                async fn $name() {
                    super::$name(crate::support::node()).await;
                }
            )+
        }
        mod on_bun {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs bun: cargo xtask test"]
                async fn $name() {
                    super::$name(crate::support::bun()).await;
                }
            )+
        }
    };
}
pub(crate) use on_both;

/// Two workers with a deadline that a busy machine keeps, and both are ready.
pub(crate) async fn start(
    command: WorkerCommand,
    change: impl FnOnce(Builder) -> Builder,
) -> Renderer {
    let builder = Renderer::builder(command).workers(2).deadline(Duration::from_secs(10));
    let renderer = change(builder).start().unwrap();
    renderer.ready().await.unwrap();
    renderer
}

pub(crate) async fn render(
    renderer: &Renderer,
    component: &str,
    props: Value,
) -> Result<Rendered, RenderError> {
    let props = to_raw_value(&props).unwrap();
    renderer.render(Render { component, props: &props, bundles: &[] }).await
}

/// The html of a render.
pub(crate) async fn html(renderer: &Renderer, component: &str, props: Value) -> String {
    render(renderer, component, props).await.unwrap().html
}

/// The number of the process of a worker.
pub(crate) async fn pid(renderer: &Renderer) -> Pid {
    number(&html(renderer, "Pid", json!({})).await)
}

pub(crate) fn number(text: &str) -> Pid {
    Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

pub(crate) fn kill(pid: Pid) {
    // It may have ended since its number was asked for.
    let _ = kill_process(pid, Signal::KILL);
}

/// Whether one of these processes runs. One that has ended and that its parent has not noted does not.
pub(crate) fn any_is_alive(pids: &[Pid]) -> bool {
    let left = pids.iter().filter(|pid| test_kill_process(**pid).is_ok());
    let left: Vec<_> = left.map(|pid| pid.as_raw_nonzero().to_string()).collect();
    if left.is_empty() {
        return false;
    }
    let ps = std::process::Command::new("ps").args(["-o", "stat=", "-p", &left.join(",")]).output();
    let states = String::from_utf8(ps.unwrap().stdout).unwrap();
    states.split_whitespace().any(|state| !state.starts_with('Z'))
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: not within 20 s");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What came of many renders.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) pages: u64,
    /// Pages of another render.
    pub(crate) crossed: u64,
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) times: Vec<Duration>,
}

impl Tally {
    fn add(&mut self, text: &str, outcome: Result<Rendered, RenderError>, time: Duration) {
        self.times.push(time);
        match outcome {
            Ok(page) if page.html == format!("<p>{text}</p>") => self.pages += 1,
            Ok(_) => self.crossed += 1,
            Err(error) => *self.errors.entry(error.to_string()).or_default() += 1,
        }
    }

    pub(crate) fn all_are_pages(&self, what: &str, pages: u64) {
        let Self { crossed, errors, .. } = self;
        assert!(
            self.pages == pages && *crossed == 0,
            "{what}: {} of {pages} pages, {crossed} crossed, {errors:?}",
            self.pages
        );
    }
}

/// A time below which this share of times is, in percent.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// This number of callers ask for this number of renders together, each for one after the other. `what` gives the
/// component and the props of a render from its number; its page must be `<p>text</p>` of its props.
pub(crate) async fn load(
    renderer: &Renderer,
    callers: usize,
    renders: u64,
    what: impl Fn(u64) -> (&'static str, Value) + Send + Sync + 'static,
) -> Tally {
    let next = Arc::new(AtomicU64::new(0));
    let what = Arc::new(what);
    let mut set = JoinSet::new();
    for _ in 0..callers {
        let (next, what, renderer) = (Arc::clone(&next), Arc::clone(&what), renderer.clone());
        set.spawn(async move {
            let mut tally = Tally::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= renders {
                    return tally;
                }
                let (component, props) = what(number);
                let text = props["text"].as_str().unwrap_or_default().to_owned();
                let start = Instant::now();
                let outcome = render(&renderer, component, props).await;
                tally.add(&text, outcome, start.elapsed());
            }
        });
    }
    let mut all = Tally::default();
    while let Some(tally) = set.join_next().await {
        let tally = tally.unwrap();
        all.pages += tally.pages;
        all.crossed += tally.crossed;
        all.times.extend(tally.times);
        tally
            .errors
            .into_iter()
            .for_each(|(error, count)| *all.errors.entry(error).or_default() += count);
    }
    all
}

/// Component and props of a page that every worker gives at once.
pub(crate) fn echo(number: u64) -> (&'static str, Value) {
    ("Echo", json!({ "text": format!("number {number}") }))
}

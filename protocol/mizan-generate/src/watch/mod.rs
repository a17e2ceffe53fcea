//! `--watch`: a run after every change, until Ctrl-C.
//!
//! What counts as a change is decided by reading the files (`files`); the system only says when
//! to look (`wake`). So what a run writes itself, reads, or writes again with the same text starts
//! no other run. A run that fails changes nothing: the last good client stays.

mod files;
mod wake;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::config::Source;
use crate::{output, run};

use files::{Files, Roots};
use wake::Waker;

/// The time without a change before a run: an editor writes several files, or one in steps.
const SETTLED: Duration = Duration::from_millis(80);
/// A tree that never settles gets a run all the same.
const UNSETTLED: Duration = Duration::from_secs(2);
/// How often a URL is asked; nothing tells when its document changes.
const ASK: Duration = Duration::from_secs(2);

/// What the last run reported, so that nothing is reported twice.
#[derive(Default)]
struct Said {
    error: Option<String>,
    warnings: String,
}

/// Generates now and after every change. Comes back only if there is no configuration to begin
/// with.
pub(crate) fn watch(args: &Args) -> ExitCode {
    let mut config = match run::load(&args.config) {
        Ok(config) => config,
        Err(error) => {
            eprint!("{}", output::diagnostic(&error));
            return ExitCode::FAILURE;
        }
    };
    let mut roots = Roots::of(&config, &args.config);
    let mut files = Files::look(&roots, None);
    let mut waker = Waker::new();
    waker.follow(&files.folders);
    println!("watching {roots}; Ctrl-C ends it");
    let mut said = Said::default();
    let mut reason = "start".to_owned();
    loop {
        let start = Instant::now();
        let asked = reason.is_empty();
        let loaded = run::load(&args.config);
        if let Ok(loaded) = &loaded
            && *loaded != config
        {
            // What else is watched now starts no run of its own: one is under way.
            config = loaded.clone();
            roots = Roots::of(&config, &args.config);
            files = Files::look(&roots, Some(files));
            waker.follow(&files.folders);
        }
        let result = loaded.and_then(|config| run::make(config, false));
        if let Some(line) = said.tell(result.map(|(run, _)| run), asked, args.verbose) {
            let separator = if asked { "" } else { ": " };
            println!("{reason}{separator}{line} ({:.1} s)", start.elapsed().as_secs_f64());
        }
        let changed;
        (files, changed) = next(files, &roots, &mut waker, &config.source);
        reason = changed.map(|paths| roots.name(&paths)).unwrap_or_default();
    }
}

/// Waits until files have changed and settled, and names them; `None` where a URL is due.
fn next(
    before: Files,
    roots: &Roots,
    waker: &mut Waker,
    source: &Source,
) -> (Files, Option<Vec<PathBuf>>) {
    let due = matches!(source, Source::Url { .. }).then(|| Instant::now() + ASK);
    loop {
        waker.wait(due.map(|due| due.saturating_duration_since(Instant::now())));
        let mut now = Files::look(roots, Some(before.clone()));
        if now.changed_since(&before).is_empty() {
            if due.is_some_and(|due| due <= Instant::now()) {
                return (now, None);
            }
            continue;
        }
        let start = Instant::now();
        loop {
            std::thread::sleep(SETTLED);
            let later = Files::look(roots, Some(now.clone()));
            let settled = later.changed_since(&now).is_empty();
            now = later;
            if settled || start.elapsed() > UNSETTLED {
                break;
            }
        }
        waker.follow(&now.folders);
        let changed = now.changed_since(&before);
        if !changed.is_empty() {
            return (now, Some(changed));
        }
    }
}

impl Said {
    /// Prints an error or a warning that is new, and gives the line of the run; none for a URL that
    /// was asked and had nothing new.
    fn tell(
        &mut self,
        result: Result<run::Run, run::Error>,
        asked: bool,
        verbose: bool,
    ) -> Option<String> {
        let run = match result {
            Ok(run) => run,
            Err(error) => {
                let text = output::diagnostic(&error);
                let known = self.error.as_ref() == Some(&text);
                if !known {
                    eprint!("{text}");
                    self.error = Some(text);
                }
                let line = if known { "the same error" } else { "failed" };
                return (!known || !asked).then(|| format!("{line}, the last client stays"));
            }
        };
        let recovered = self.error.take().is_some();
        let warnings = output::warnings(&run, verbose);
        if warnings != self.warnings {
            eprint!("{warnings}");
            self.warnings = warnings;
        }
        let news = recovered || !asked || !run.difference.changes.is_empty();
        news.then(|| output::summary(&run).trim_end().to_owned())
    }
}

//! What comes of a case: a panic is a failure, with the last exchange of its thread.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use super::Job;
use crate::case::{Needs, Skipped};
use crate::client;

/// What comes of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not, and why.
    Failed(String),
    /// This machine or this backend cannot be judged by it.
    Skipped(String),
}

thread_local! {
    /// The message of the panic, where a case runs on this thread.
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a case.
pub fn judge(job: &Job<'_>) -> Outcome {
    if let Some(reason) = lacks(job) {
        return Outcome::Skipped(reason.into());
    }
    install();
    client::forget_exchange();
    MESSAGE.set(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(|| (job.case.run)(job.backend)));
    let message = MESSAGE.take().unwrap_or_default();
    match result {
        Ok(()) => Outcome::Passed,
        Err(payload) => match payload.downcast_ref::<Skipped>() {
            Some(Skipped(reason)) => Outcome::Skipped(reason.clone()),
            None => Outcome::Failed(format!(
                "{} does not hold (paragraph: {})\n{message}\n{}",
                job.name(),
                job.case.paragraph,
                client::last_exchange()
            )),
        },
    }
}

/// What is known to be missing before a case runs.
fn lacks(job: &Job<'_>) -> Option<&'static str> {
    let needs = |need| job.case.needs.contains(&need);
    if needs(Needs::Linux) && !cfg!(target_os = "linux") {
        return Some("needs Linux");
    }
    (needs(Needs::RustCore) && !job.backend.is_rust()).then_some("is about the Rust core")
}

/// Panics of cases are kept for the report; those of other threads are printed as they come.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panicked| {
            let text = described(panicked);
            MESSAGE.with_borrow_mut(|message| match message {
                Some(message) => *message = text,
                None => eprintln!("{text}\n{}", client::last_exchange()),
            });
        }));
    });
}

fn described(panicked: &PanicHookInfo<'_>) -> String {
    let place = panicked.location().map(ToString::to_string).unwrap_or_default();
    format!("{}\n  at {place}", message(panicked.payload()))
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text")
}

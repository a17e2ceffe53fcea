//! Panics: those that become values, and how each is logged.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future whose panics become values: the text of the panic.
pub(crate) struct CatchUnwind<F>(pub(crate) F);

impl<F: Future + Unpin> Future for CatchUnwind<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A future that has panicked is not polled again: the value ends the wait.
        match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.0).poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(text(&*panic))),
        }
    }
}

/// Runs code whose panic becomes a value.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| text(&*panic))
}

/// Logs every panic of this process as one record: where, with which text, and, where `RUST_BACKTRACE` asks for it, by way
/// of which functions of the application. Replaces the hook that prints them to standard error as they are, line
/// feeds and escapes included.
///
/// The adapters do this where they set up the logs; call it where the application does.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = Backtrace::capture();
        let way = match backtrace.status() {
            BacktraceStatus::Captured => way(&backtrace.to_string()),
            _ => String::new(),
        };
        let text = panic.payload_as_str().unwrap_or("no text");
        tracing::error!(text = ?text, location, way, "a panic");
    }));
}

/// The functions of the application in a backtrace, the innermost first. Those of libraries and of Rust itself are
/// left out: their files are in the folders of cargo and of the compiler.
fn way(backtrace: &str) -> String {
    let mut own: Vec<String> = Vec::new();
    let mut function = "";
    for line in backtrace.lines().map(str::trim) {
        if let Some(file) = line.strip_prefix("at ") {
            let foreign = ["/rustc/", "/.cargo/", "/rustlib/"];
            if !function.is_empty() && !foreign.iter().any(|part| file.contains(part)) {
                own.push(format!("{function} ({file})"));
            }
            function = "";
        } else {
            function = line.split_once(": ").map_or("", |(_, name)| name);
        }
    }
    own.join(" < ")
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backtrace_is_shown_by_the_functions_of_the_application() {
        let backtrace = "   0: core::panicking::panic_fmt\n             at /rustc/5980/library/core/src/panicking.rs:80:14\n   \
            1: shop::orders::pay\n             at ./src/orders.rs:12:5\n   2: <F as core::future::Future>::poll\n             at \
            /home/a/.cargo/registry/src/index/tokio-1.54.1/src/task.rs:9:1\n   3: shop::main\n             at \
            ./src/main.rs:3:1\n   4: __libc_start_main\n";
        let expected = "shop::orders::pay (./src/orders.rs:12:5) < shop::main (./src/main.rs:3:1)";
        assert_eq!(way(backtrace), expected);
        assert_eq!(way(""), "");
    }
}

//! Steps with a tick and a time, and the commands that they run.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Runs one step and says how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let shown = !is_kept();
    if shown {
        print!("• {name} …");
        // A terminal that is gone is no reason to stop.
        let _ = std::io::stdout().flush();
    }
    let (result, time) = timed(name, work);
    let mark = if result.is_ok() { "✓" } else { "✗" };
    let start = if shown { "\r" } else { "" };
    say(&format!("{start}{mark} {name} ({:.1} s)      ", time.as_secs_f64()));
    finished();
    result
}

/// The same for work that prints lines of its own.
pub(crate) fn loud<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    say(&format!("▸ {name}"));
    let (result, time) = timed(name, work);
    let mark = if result.is_ok() { "✓" } else { "✗" };
    say(&format!("{mark} {name} ({:.1} s)", time.as_secs_f64()));
    finished();
    result
}

fn timed<T>(name: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    locked(&TIMES).push((name.to_owned(), time));
    (result, time)
}

/// The time of each step since the start.
static TIMES: Mutex<Vec<(String, Duration)>> = Mutex::new(Vec::new());

/// Where the time went, slowest step first, and the total.
pub(crate) fn times(total: Duration) -> String {
    let mut times = std::mem::take(&mut *locked(&TIMES));
    times.sort_by_key(|(_, time)| Reverse(*time));
    let line = |name: &str, time: Duration| format!("{:8.1} s  {name}\n", time.as_secs_f64());
    let steps = times.iter().map(|(name, time)| line(name, *time));
    steps.chain([line("in all", total)]).collect()
}

/// What work next to other work has printed, until it may be shown.
static FINISHED: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    /// What this thread prints, where that is kept.
    static KEPT: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn is_kept() -> bool {
    KEPT.with_borrow(Option::is_some)
}

/// Prints a line, or keeps it.
pub(crate) fn say(line: &str) {
    KEPT.with_borrow_mut(|kept| match kept {
        Some(text) => text.extend([line, "\n"]),
        None => println!("{line}"),
    });
}

/// Shows what has ended next to this thread, between two steps of it.
fn finished() {
    if !is_kept() {
        locked(&FINISHED).drain(..).for_each(|text| print!("{text}"));
    }
}

/// Runs work beside `main`. What the work prints is shown whole, when it has ended and `main` is
/// between two steps. A failure of either ends both, after the steps that are under way.
pub(crate) fn beside<T: Send>(
    work: impl FnOnce() -> Result<T> + Send,
    main: impl FnOnce() -> Result,
) -> Result<T> {
    let (main, work) = thread::scope(|scope| {
        let work = scope.spawn(|| {
            KEPT.set(Some(String::new()));
            let result = work();
            locked(&FINISHED).extend(KEPT.take());
            result
        });
        (main(), work.join())
    });
    finished();
    main?;
    work.unwrap_or_else(|_| Err("a step panicked".into()))
}

/// Does the same work with each of many things, a few at one time. What the work prints is shown whole when it
/// has ended, with the time that it took under the title that it gives. A failure does not stop the others.
pub(crate) fn side_by_side<T: Sync>(
    things: &[T],
    at_once: usize,
    work: impl Fn(&T) -> (String, Result) + Sync,
) -> Result {
    let waiting = Mutex::new(things.iter());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(thing) = { locked(&waiting).next() } {
                    KEPT.set(Some(String::new()));
                    let start = Instant::now();
                    let (title, result) = work(thing);
                    locked(&TIMES).push((title, start.elapsed()));
                    let text = KEPT.take().unwrap_or_default();
                    print!("{text}");
                    locked(&failures).extend(result.err());
                }
            });
        }
    });
    match &locked(&failures)[..] {
        [] => Ok(()),
        failures => Err(failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command at the root, from its words.
pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(root());
    command
}

/// `cargo` with these words, of the toolchain that runs this.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    command(&[&[&*cargo], words].concat())
}

/// Runs a command and keeps what it prints; shows it where the command fails.
pub(crate) fn quiet(mut command: Command) -> Result<String> {
    let name = describe(&command);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| cannot_start(&name, &error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{name}` failed\n{text}{errors}"))
}

/// Runs a command whose output is shown.
pub(crate) fn show(mut command: Command) -> Result {
    let name = describe(&command);
    command.stdin(Stdio::null());
    if is_kept() {
        return watch(command, |_| {});
    }
    let status = command.status().map_err(|error| cannot_start(&name, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed")) }
}

/// Runs a command whose output is shown, and gives each line of its standard output to `look`.
pub(crate) fn watch(mut command: Command, mut look: impl FnMut(&str)) -> Result {
    let name = describe(&command);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if is_kept() {
        command.stderr(Stdio::piped());
    }
    let mut child = command.spawn().map_err(|error| cannot_start(&name, &error))?;
    // Read next to the other, or a full pipe would stop the command.
    let errors = child.stderr.take().map(|errors| thread::spawn(|| text(errors)));
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let line = line.unwrap_or_default();
        say(&line);
        look(&line);
    }
    let errors = errors.and_then(|reader| reader.join().ok()).unwrap_or_default();
    errors.lines().for_each(say);
    let status = child.wait().map_err(|error| format!("`{name}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed")) }
}

fn text(mut source: impl Read) -> String {
    let mut bytes = Vec::new();
    // What arrived before a fault is worth showing.
    let _ = source.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Prints lines in a box.
pub(crate) fn announce(lines: &[String]) {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    let edge = "─".repeat(width + 4);
    println!("\n┌{edge}┐");
    for line in lines {
        println!("│  {line:width$}  │");
    }
    println!("└{edge}┘\n");
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(program.to_string_lossy().into_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

fn cannot_start(name: &str, error: &std::io::Error) -> String {
    format!("`{name}` could not be started: {error}")
}

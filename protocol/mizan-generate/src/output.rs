//! What a run says: summaries and diagnostics as text, in the form of the Rust compiler.

use std::fmt::Write;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::run::Run;
use crate::writer::Change;

/// One line for a run that wrote, or one line for each file that a check objects to.
pub(crate) fn summary(run: &Run) -> String {
    let mut out = String::new();
    let changes = &run.difference.changes;
    if run.check && !changes.is_empty() {
        for (path, change) in changes {
            let _ = writeln!(out, "{change:<8} {}", run.directory.join(path).display());
        }
        return out;
    }
    let removed = changes.iter().filter(|(_, change)| *change == Change::Leftover).count();
    let _ = writeln!(
        out,
        "{}: {} written, {} unchanged, {removed} removed",
        run.directory.display(),
        changes.len() - removed,
        run.difference.unchanged,
    );
    out
}

/// Warnings of a run, a line each; integers are counted, or listed if asked for.
pub(crate) fn warnings(run: &Run, verbose: bool) -> String {
    let mut out = String::new();
    for warning in &run.warnings {
        let _ = writeln!(out, "warning: {warning}");
    }
    if !run.wide_integers.is_empty() {
        let count = run.wide_integers.len();
        let plural = if count == 1 { "integer" } else { "integers" };
        let more = if verbose { "" } else { " (`-v` lists where)" };
        let _ = writeln!(
            out,
            "warning: {count} {plural} of 64 bits may not fit a JavaScript number; narrow the \
             range or use `mizan_core::BigInt`{more}"
        );
        if verbose {
            for place in &run.wide_integers {
                let _ = writeln!(out, "  {place}");
            }
        }
    }
    out
}

/// A diagnostic: the message, the place with its line of source, the remedy, what belongs to it.
pub(crate) fn diagnostic(error: &dyn Diagnostic) -> String {
    let mut out = format!("error: {error}\n");
    for label in error.labels().into_iter().flatten() {
        if let Some(source) = error.source_code() {
            out += &snippet(source, &label).unwrap_or_default();
        }
    }
    if let Some(help) = error.help() {
        let _ = writeln!(out, "  = help: {help}");
    }
    for related in error.related().into_iter().flatten() {
        out.push('\n');
        out += &diagnostic(related);
    }
    out
}

/// The line of a label with marks below it.
fn snippet(source: &dyn SourceCode, label: &LabeledSpan) -> Option<String> {
    let found = source.read_span(label.inner(), 1, 1).ok()?;
    let text = str::from_utf8(found.data()).ok()?;
    let (before, after) = text.split_at_checked(label.offset() - found.span().offset())?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(start..)?.chars().count();
    let rest = after.lines().next().unwrap_or_default();
    let marked = label.len().min(rest.len()).max(1);

    let line = found.line() + before.matches('\n').count() + 1;
    let blank = " ".repeat(line.to_string().len());
    let name = found.name().unwrap_or_default();
    Some(format!(
        "{blank}--> {name}:{line}:{}\n{blank} |\n{line} | {}{rest}\n{blank} | {}{}\n",
        column + 1,
        before.get(start..)?,
        " ".repeat(column),
        "^".repeat(marked),
    ))
}

//! The public surface of each published crate: a file in the tree with one line for each public
//! item, written by a command and compared by a test.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::Result;
use crate::packages::{Package, Workspace};
use crate::step::{cargo, command, loud, quiet, show, step};

/// The name of the file, in the folder of its crate.
const FILE: &str = "public-api.txt";

/// The program that lists the items of one crate.
const READER: &str = "mizan-surface";

/// Names the packages that rustdoc writes JSON for as well. Where it is set, xtask is rustdoc.
const PACKAGES: &str = "MIZAN_SURFACE_PACKAGES";

/// Names the folder of pages that are built as docs.rs builds them. Where it is set, xtask is rustdoc.
const AS_DOCS_RS: &str = "MIZAN_AS_DOCS_RS";

/// Writes the files, or compares them.
pub(crate) fn surface(check: bool) -> Result {
    document()?;
    step("build what reads it", || quiet(cargo(&["build", "--quiet", "--package", READER])))?;
    if check { compare_built() } else { write() }
}

/// Builds the documentation of everything, with every feature and warnings denied; of the published
/// crates as JSON as well.
pub(crate) fn document() -> Result {
    let workspace = Workspace::read()?;
    let names: Vec<&str> = workspace.published().map(|package| &*package.name).collect();
    let wrapper = std::env::current_exe().map_err(|error| format!("xtask: {error}"))?;
    loud("build the documentation", || {
        let mut doc = cargo(&["doc", "--quiet", "--workspace", "--no-deps", "--all-features"]);
        // Without a flag that no other command gives, cargo would take pages that were built without
        // JSON for these.
        doc.env("RUSTDOCFLAGS", "-D warnings --cfg mizan_surface");
        doc.env("RUSTDOC", wrapper).env(PACKAGES, names.join(" "));
        show(doc)
    })
}

/// Lets a `cargo doc` write pages to a folder of their own as docs.rs does: with its flag, which turns
/// on what only a nightly compiler has, and with warnings denied.
pub(crate) fn as_docs_rs(mut doc: Command, folder: &Path) -> Result<Command> {
    let wrapper = std::env::current_exe().map_err(|error| format!("xtask: {error}"))?;
    doc.env("RUSTDOCFLAGS", "-D warnings --cfg docsrs").env("RUSTDOC", wrapper);
    doc.env(AS_DOCS_RS, folder);
    Ok(doc)
}

fn write() -> Result {
    step("write the public surface of each crate", || {
        let workspace = Workspace::read()?;
        workspace.published().try_for_each(|package| {
            let path = package.folder.join(FILE);
            fs::write(&path, items(&workspace, package)?)
                .map_err(|error| format!("{}: {error}", path.display()))
        })
    })
}

/// Compares the files with documentation and by a reader that are built already.
pub(crate) fn compare_built() -> Result {
    step("compare the public surface of each crate", || {
        let workspace = Workspace::read()?;
        let mut changes = Vec::new();
        for package in workspace.published() {
            let known = fs::read_to_string(package.folder.join(FILE)).unwrap_or_default();
            changes.extend(compare(&package.name, &known, &items(&workspace, package)?));
        }
        if changes.is_empty() {
            return Ok(());
        }
        Err(format!(
            "the public surface has changed; to accept this, run `cargo xtask surface` and commit \
             the {FILE} of each crate\n{}",
            changes.join("\n")
        ))
    })
}

/// Runs rustdoc in place of it, where cargo has started xtask as rustdoc. The compiler's own variable
/// is set for rustdoc alone: build scripts read it too, and everything would be built twice.
pub(crate) fn rustdoc() -> Option<ExitCode> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if let Some(folder) = std::env::var_os(AS_DOCS_RS) {
        return Some(docs_rs(arguments, folder));
    }
    let packages = std::env::var(PACKAGES).ok()?;
    let run = |more: &[&str]| {
        let mut rustdoc = Command::new("rustdoc");
        rustdoc.args(&arguments).args(more).env_remove("RUSTDOC");
        if !more.is_empty() {
            rustdoc.env("RUSTC_BOOTSTRAP", "1");
        }
        match rustdoc.status() {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("rustdoc: {error}");
                false
            }
        }
    };
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let listed = packages.split(' ').any(|name| name == package);
    let program = arguments.iter().any(|argument| argument == "bin");
    let done = run(&[])
        && (!listed || program || run(&["-Z", "unstable-options", "--output-format", "json"]));
    Some(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs rustdoc with what docs.rs has, and another folder for the pages than cargo chose.
fn docs_rs(mut arguments: Vec<OsString>, folder: OsString) -> ExitCode {
    let output = arguments.iter().position(|argument| argument == "-o" || argument == "--out-dir");
    if let Some(output) = output.and_then(|at| arguments.get_mut(at + 1)) {
        *output = folder;
    }
    let mut rustdoc = Command::new("rustdoc");
    rustdoc.args(arguments).env_remove("RUSTDOC").env("RUSTC_BOOTSTRAP", "1");
    if rustdoc.status().is_ok_and(|status| status.success()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The text of the file of one crate.
fn items(workspace: &Workspace, package: &Package) -> Result<String> {
    let file = format!("{}.json", package.name.replace('-', "_"));
    let json = workspace.target.join("doc").join(file);
    let reader = workspace.target.join("debug").join(READER);
    let lines = quiet(command(&[&*reader.to_string_lossy(), &*json.to_string_lossy()]))?;
    let name = &package.name;
    Ok(format!("# The public items of {name}, written by `cargo xtask surface`.\n{lines}"))
}

/// What has changed between two lists of items, as a diff.
fn compare(name: &str, known: &str, now: &str) -> Option<String> {
    let lines = |text| str::lines(text).collect::<BTreeSet<_>>();
    let (old, new) = (lines(known), lines(now));
    let gone = old.difference(&new).map(|line| format!("- {line}"));
    let come = new.difference(&old).map(|line| format!("+ {line}"));
    let changes: Vec<String> = gone.chain(come).collect();
    (!changes.is_empty()).then(|| format!("{name}:\n{}", changes.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn a_change_is_shown_line_by_line() {
        let known = "pub fn a::f()\npub fn a::g()\npub struct a::S\n";
        assert_eq!(compare("a", known, known), None);
        let now = "pub fn a::f(u8)\npub fn a::g()\npub struct a::S\npub struct a::T\n";
        assert_eq!(
            compare("a", known, now).as_deref(),
            Some("a:\n- pub fn a::f()\n+ pub fn a::f(u8)\n+ pub struct a::T")
        );
        assert_eq!(compare("a", "", "pub mod a\n").as_deref(), Some("a:\n+ pub mod a"));
    }
}

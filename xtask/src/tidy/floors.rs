//! The floors of `mizan-core`: a module imports only from its own floor or a lower one.

use std::collections::{BTreeMap, BTreeSet};

use super::File;
use super::imports::{Import, Imports, imports};

/// The modules of each floor, from the lowest. `docs/architecture.md` says what lives in them.
const FLOORS: &[&[&str]] = &[
    // 1: vocabulary
    &[
        "clock",
        "environment",
        "error",
        "head",
        "location",
        "percent",
        "secret",
        "state",
        "task",
        "view",
        "visibility",
    ],
    // 2: codecs
    &["args", "identity", "output", "range", "redis", "token"],
    // 3: requests
    &["http", "request", "session"],
    // 4: descriptors
    &["function", "webhook"],
    // 5: the graph
    &["export", "graph", "invalidate"],
    // 6: what is kept
    &["accounts", "cache", "pages", "rates", "replays"],
    // 7: the registry
    &["registry"],
    // 8: dispatch
    &["dispatch"],
    // 9: the entrance
    &["accept", "builder"],
];

/// These are above every floor: they may import anything, and nothing may import them.
const ABOVE: &[&str] = &["private", "testing"];

/// Where the modules are.
const SOURCES: &str = "cores/mizan-core/src/";

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let files =
        files.iter().filter_map(|(path, text)| Some((path.strip_prefix(SOURCES)?, &**text)));
    check(FLOORS, &files.filter(|(path, _)| path.ends_with(".rs")).collect::<Vec<_>>())
}

/// Checks sources, as `(path from src/, text)`, against a table of floors.
fn check(floors: &[&[&str]], sources: &[(&str, &str)]) -> Vec<String> {
    let tree = Tree::read(floors, sources);
    let mut faults = tree.unlisted();
    let checked = tree.files.iter().filter(|file| !file.exempt(&tree.tests));
    faults.extend(checked.flat_map(|file| tree.upward(file)));
    faults
}

/// A file, read.
struct Source<'a> {
    path: &'a str,
    module: Vec<&'a str>,
    imports: Imports,
}

struct Tree<'a> {
    /// The floor of each module, from 1.
    floors: BTreeMap<&'a str, usize>,
    files: Vec<Source<'a>>,
    /// What the root exports of its modules: the module of each name.
    exports: BTreeMap<String, String>,
    /// The modules that are compiled for tests alone.
    tests: BTreeSet<Vec<String>>,
}

impl<'a> Tree<'a> {
    fn read(floors: &'a [&'a [&'a str]], sources: &[(&'a str, &str)]) -> Self {
        let numbered = floors.iter().zip(1..);
        let floors =
            numbered.flat_map(|(names, floor)| names.iter().map(move |name| (*name, floor)));
        let read = |&(path, text): &(&'a str, &str)| {
            let module = module(path);
            Source { path, imports: imports(&module, text), module }
        };
        let files: Vec<Source<'_>> = sources.iter().map(read).collect();
        let root = files.iter().filter(|file| file.module.is_empty());
        let exports = root.flat_map(|file| &file.imports.names).filter_map(|(name, path)| {
            let module =
                path.iter().find(|segment| !["crate", "self"].contains(&segment.as_str()))?;
            Some((name.clone(), module.trim_start_matches('_').to_owned()))
        });
        let tests = files.iter().flat_map(|file| {
            file.imports.test_modules.iter().map(|name| {
                file.module.iter().copied().chain([&**name]).map(str::to_owned).collect()
            })
        });
        Self { floors: floors.collect(), exports: exports.collect(), tests: tests.collect(), files }
    }

    /// Modules without a floor, and the other way round.
    fn unlisted(&self) -> Vec<String> {
        let modules: BTreeSet<&str> = self.files.iter().filter_map(Source::top).collect();
        let listed = |name: &&&str| self.floors.contains_key(**name) || ABOVE.contains(name);
        let unlisted = modules
            .iter()
            .filter(|name| !listed(name))
            .map(|name| format!("{SOURCES}{name}: has no floor; give it a floor in floors.rs"));
        let gone = self.floors.keys().filter(|name| !modules.contains(**name));
        let gone = gone.map(|name| format!("floors.rs: the module `{name}` does not exist"));
        unlisted.chain(gone).collect()
    }

    fn upward(&self, file: &Source<'_>) -> Vec<String> {
        let from = file.top().unwrap_or_default();
        let Some(floor) = self.floors.get(from) else { return Vec::new() };
        let refused = |import: &Import| {
            let reason = self.refuses(*floor, import.path.first().map_or("", String::as_str))?;
            let place = format!("{SOURCES}{}:{}", file.path, import.line);
            Some(format!("{place}: `{from}` (floor {floor}) imports {reason}"))
        };
        let mut faults: Vec<String> = file.imports.paths.iter().filter_map(refused).collect();
        faults.dedup();
        faults
    }

    /// Why a module of this floor may not import what this name at the root stands for.
    fn refuses(&self, floor: usize, name: &str) -> Option<String> {
        let is_module = |name: &str| self.files.iter().any(|file| file.top() == Some(name));
        let exported = self.exports.get(name).filter(|_| !is_module(name));
        let name = exported.map_or(name, |module| module).trim_start_matches('_');
        match self.floors.get(name) {
            Some(&target) if target > floor => {
                Some(format!("`{name}` (floor {target}), which is above it"))
            }
            None if ABOVE.contains(&name) => Some(format!("`{name}`, which is above every floor")),
            // One without a floor is a fault of its own.
            None if !is_module(name) => {
                Some(format!("`{name}` from the root of the crate; import it from its module"))
            }
            _ => None,
        }
    }
}

impl Source<'_> {
    /// The module below the root that this file is in.
    fn top(&self) -> Option<&str> {
        self.module.first().copied()
    }

    fn exempt(&self, tests: &BTreeSet<Vec<String>>) -> bool {
        self.top().is_none_or(|top| ABOVE.contains(&top))
            || tests.iter().any(|test| {
                test.iter().zip(&self.module).filter(|(a, b)| a == *b).count() == test.len()
            })
    }
}

/// The module of a file: `["a", "b"]` for `a/b.rs` and for `a/b/mod.rs`.
fn module(path: &str) -> Vec<&str> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').collect() }
}

#[cfg(test)]
mod tests;

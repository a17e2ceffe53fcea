//! Which files are watched, and which of them have another text than before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::config::{Config, Source};

/// What to read.
pub(super) struct Roots {
    /// Files and directories, without links and `..`.
    paths: Vec<PathBuf>,
    /// In directories, Rust sources and manifests alone count.
    rust_only: bool,
    /// Generated files are no reason to generate.
    output: PathBuf,
}

/// Every watched file as it was at one time.
#[derive(Clone)]
pub(super) struct Files {
    files: BTreeMap<PathBuf, Stamp>,
    /// The directories that hold them, or may come to.
    pub(super) folders: BTreeSet<PathBuf>,
}

/// The text is only read where time or length differ.
#[derive(Clone, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    text: Option<u64>,
}

impl Roots {
    /// The configuration itself always counts, and a document that is a file.
    pub(super) fn of(config: &Config, file: &Path) -> Self {
        let mut paths = vec![file.to_owned()];
        if let Source::File(document) = &config.source {
            paths.push(document.clone());
        }
        match (&config.watch, &config.source) {
            (Some(named), _) => paths.extend(named.iter().cloned()),
            (None, Source::Command(_)) => paths.push(sources(&config.directory)),
            (None, Source::File(_) | Source::Url { .. }) => {}
        }
        Self {
            paths: paths.iter().map(|path| absolute(path)).collect(),
            rust_only: config.watch.is_none(),
            output: config.output.clone(),
        }
    }

    /// Names of changed files, for one line.
    pub(super) fn name(&self, changed: &[PathBuf]) -> String {
        let short = |path: &PathBuf| {
            let below = self.paths.iter().rev().find_map(|root| path.strip_prefix(root).ok());
            let name = path.file_name().map(Path::new);
            let below = below.filter(|rest| !rest.as_os_str().is_empty());
            below.or(name).unwrap_or(path).display().to_string()
        };
        let names: Vec<String> = changed.iter().take(2).map(short).collect();
        match changed.len().saturating_sub(2) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }
}

impl fmt::Display for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, path) in self.paths.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            let what = if self.rust_only && path.is_dir() { "Rust sources in " } else { "" };
            write!(f, "{separator}{what}{}", path.display())?;
        }
        Ok(())
    }
}

impl Files {
    /// Looks at everything; what is known from an earlier look need not be read again.
    pub(super) fn look(roots: &Roots, before: Option<Self>) -> Self {
        let known = before.map(|before| before.files).unwrap_or_default();
        let output = fs::canonicalize(&roots.output).ok();
        let mut now = Self { files: BTreeMap::new(), folders: BTreeSet::new() };
        let mut pending = Vec::new();
        for path in &roots.paths {
            if path.is_dir() {
                pending.push(path.clone());
            } else {
                now.folders.extend(path.parent().map(Path::to_owned));
                now.add(path.clone(), &known);
            }
        }
        while let Some(folder) = pending.pop() {
            // A directory that cannot be read, or has just gone, has no files.
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder {
                    if !ignored(&path) && output.as_ref() != Some(&path) {
                        pending.push(path);
                    }
                } else if !roots.rust_only || is_rust(&path) {
                    now.add(path, &known);
                }
            }
            now.folders.insert(folder);
        }
        now
    }

    fn add(&mut self, path: PathBuf, known: &BTreeMap<PathBuf, Stamp>) {
        let Ok(found) = fs::metadata(&path) else { return };
        if !found.is_file() {
            return;
        }
        let (modified, length) = (found.modified().ok(), found.len());
        let same = known.get(&path).filter(|stamp| {
            stamp.modified == modified && stamp.length == length && stamp.text.is_some()
        });
        let text = same.map_or_else(|| hash(&path), |stamp| stamp.text);
        self.files.insert(path, Stamp { modified, length, text });
    }

    /// Files that are new, gone, or have another text.
    pub(super) fn changed_since(&self, before: &Self) -> Vec<PathBuf> {
        let text = |files: &Self, path| files.files.get(path).map(|stamp: &Stamp| stamp.text);
        let all: BTreeSet<&PathBuf> = self.files.keys().chain(before.files.keys()).collect();
        all.into_iter().filter(|path| text(self, *path) != text(before, *path)).cloned().collect()
    }
}

/// The workspace that holds a directory, or the package, or the directory itself.
fn sources(directory: &Path) -> PathBuf {
    let directory = absolute(directory);
    let manifests = || directory.ancestors().filter(|folder| folder.join("Cargo.toml").is_file());
    let is_workspace = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|text| text.lines().any(|line| line.trim_start().starts_with("[workspace")))
    };
    let found = manifests().find(is_workspace).or_else(|| manifests().next());
    found.unwrap_or(&directory).to_owned()
}

fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

/// Directories of builds, packages and tools.
fn ignored(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name == "target" || name == "node_modules" || name.as_encoded_bytes().starts_with(b".")
}

/// `Cargo.lock` is not counted: Cargo writes it when it runs.
fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs") || path.ends_with("Cargo.toml")
}

fn hash(path: &Path) -> Option<u64> {
    let text = fs::read(path).ok()?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    Some(hasher.finish())
}

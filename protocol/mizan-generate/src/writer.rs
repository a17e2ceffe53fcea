//! The output directory: what has to change in it, and changing it.
//!
//! Nothing outside of the directory is touched, and no file that does not open with the generator's header.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use crate::GeneratedFile;
use crate::emit::HEADER;

/// What is to be done about one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It does not exist yet.
    Missing,
    /// It was generated and has other content now.
    Stale,
    /// It was generated, and is no longer part of the client.
    Leftover,
    /// It is where a generated file belongs and was not generated.
    Foreign,
}

/// What the output directory needs, by path below it, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Changes by path, with slashes.
    pub changes: Vec<(String, Change)>,
    /// How many files are as they should be.
    pub unchanged: usize,
}

/// A file that cannot be read or written.
#[derive(Debug)]
pub struct WriteError {
    message: String,
    help: String,
}

/// Compares a client with what is in the directory. Writes nothing.
///
/// # Errors
///
/// A file cannot be read, a path is not one of the generator's, or a directory on the way is a link.
pub fn compare(directory: &Path, files: &[GeneratedFile]) -> Result<Difference, WriteError> {
    let mut difference = Difference::default();
    for file in files {
        let path = resolve(directory, &file.path)?;
        match state(&path, &file.text).map_err(|error| unusable(&path, &error))? {
            Some(change) => difference.changes.push((file.path.clone(), change)),
            None => difference.unchanged += 1,
        }
    }
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for folder in ["", "contexts/"] {
        let path =
            if folder.is_empty() { directory.to_owned() } else { directory.join("contexts") };
        if !folder.is_empty() && is_link(&path) {
            continue;
        }
        for name in generated_names(&path)? {
            let path = format!("{folder}{name}");
            if !wanted.contains(path.as_str()) && is_ours(&path) {
                difference.changes.push((path, Change::Leftover));
            }
        }
    }
    difference.changes.sort();
    Ok(difference)
}

/// Makes the directory hold the client: writes what differs, each file at once or not at all, and
/// removes what was generated and no longer is.
///
/// # Errors
///
/// As [`compare`]; also where a file that was not generated is in the way. Nothing has been
/// written then.
pub fn write(directory: &Path, files: &[GeneratedFile]) -> Result<Difference, WriteError> {
    let difference = compare(directory, files)?;
    let foreign = difference.changes.iter().find(|(_, change)| *change == Change::Foreign);
    if let Some((path, _)) = foreign {
        return Err(WriteError {
            message: format!(
                "{} is where a generated file belongs",
                directory.join(path).display()
            ),
            help: "it was not written by mizan-generate; move it, or choose another `dir`"
                .to_owned(),
        });
    }
    let texts: HashMap<&str, &str> =
        files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    for (name, change) in &difference.changes {
        let path = resolve(directory, name)?;
        let result = match (change, texts.get(name.as_str())) {
            (Change::Leftover, _) => fs::remove_file(&path),
            (_, Some(text)) => replace(&path, text),
            (_, None) => Ok(()),
        };
        result.map_err(|error| unusable(&path, &error))?;
    }
    // The folder may hold files of the developer; then it stays.
    let _ = fs::remove_dir(directory.join("contexts"));
    Ok(difference)
}

/// Where a generated file goes. Every path is checked again here, whatever made it.
fn resolve(directory: &Path, name: &str) -> Result<PathBuf, WriteError> {
    if !is_ours(name) {
        return Err(WriteError {
            message: format!("{name:?} is not a path of a generated file"),
            help: "this is a mistake in mizan-generate; please report it".to_owned(),
        });
    }
    if name.contains('/') {
        let folder = directory.join("contexts");
        if is_link(&folder) {
            return Err(WriteError {
                message: format!("{} is a link", folder.display()),
                help: "remove it; generated files stay below the output directory".to_owned(),
            });
        }
    }
    Ok(directory.join(name))
}

/// True for `name.ts`, `name.tsx` and `contexts/name.ts` with names of small letters.
fn is_ours(path: &str) -> bool {
    let name = path.strip_prefix("contexts/").unwrap_or(path);
    let stem = name.strip_suffix(".ts").or_else(|| name.strip_suffix(".tsx"));
    stem.is_some_and(|stem| {
        stem.starts_with(|first: char| first.is_ascii_lowercase())
            && stem.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
            })
    })
}

fn state(path: &Path, text: &str) -> io::Result<Option<Change>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(Change::Missing)),
        Err(error) => return Err(error),
    };
    if !found.is_file() {
        return Ok(Some(Change::Foreign));
    }
    if found.len() == text.len() as u64 && fs::read(path)? == text.as_bytes() {
        return Ok(None);
    }
    Ok(Some(if has_header(path)? { Change::Stale } else { Change::Foreign }))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

fn has_header(path: &Path) -> io::Result<bool> {
    let mut start = Vec::with_capacity(HEADER.len());
    fs::File::open(path)?.take(HEADER.len() as u64).read_to_end(&mut start)?;
    Ok(start == HEADER.as_bytes())
}

/// Names of files in a folder that open with the generator's header; links are left alone.
fn generated_names(folder: &Path) -> Result<Vec<String>, WriteError> {
    let list = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if entry.file_type()?.is_file() && is_ours(&name) && has_header(&entry.path())? {
                names.push(name);
            }
        }
        Ok(names)
    };
    match list() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| unusable(folder, &error)),
    }
}

/// Writes next to the file and renames, so that a reader sees the previous file or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let result = create(&beside, text).and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    result
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}

fn unusable(path: &Path, error: &io::Error) -> WriteError {
    WriteError {
        message: format!("cannot use {}: {error}", path.display()),
        help: "correct `dir` in the `[output]` table, or the rights of that path".to_owned(),
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Leftover => "leftover",
            Self::Foreign => "foreign",
        })
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for WriteError {}

impl Diagnostic for WriteError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }
}

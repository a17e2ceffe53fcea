//! Where the document comes from: a command, a file or a URL. Only this module starts a process
//! or opens a socket, and nothing it reads is ever executed.

mod command;
mod document;
#[cfg(feature = "url")]
mod url;

use std::fmt;
use std::io::Read;
use std::path::Path;

use miette::Diagnostic;
use mizan_schema::Document;

use crate::config::Source;

/// No document is larger; one of 10,000 functions has about 4 MiB.
const LARGEST: u64 = 64 << 20;

/// A document that could not be had.
#[derive(Debug)]
pub struct SourceError {
    message: String,
    help: String,
}

impl SourceError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// Reads the document of a source; commands run in `directory`.
///
/// # Errors
///
/// The command failed, the file or URL cannot be read, the text is over 64 MiB or not a document.
pub fn read(source: &Source, directory: &Path) -> Result<Document, SourceError> {
    let (text, origin) = match source {
        Source::Command(line) => (command::run(line, directory)?, format!("`{line}`")),
        Source::File(path) => (read_file(path)?, path.display().to_string()),
        Source::Url { url, sha256 } => (read_url(url, sha256.as_deref())?, url.clone()),
    };
    document::parse(&text, &origin)
}

fn read_file(path: &Path) -> Result<Vec<u8>, SourceError> {
    let unreadable = |error: std::io::Error| {
        SourceError::new(
            format!("cannot read {}: {error}", path.display()),
            "correct `file` in the `[source]` table; it is relative to the configuration",
        )
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    read_capped(file, length, &path.display().to_string()).map_err(unreadable)?
}

/// Everything a reader has, about so much, unless that is more than a document can be.
fn read_capped(
    reader: impl Read,
    length: u64,
    origin: &str,
) -> std::io::Result<Result<Vec<u8>, SourceError>> {
    let expected = usize::try_from(length.min(LARGEST)).unwrap_or_default();
    let mut text = Vec::with_capacity(expected + 1);
    reader.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Ok(Err(SourceError::new(
            format!("{origin} gives more than {} MiB", LARGEST >> 20),
            "a schema document is far smaller; check that the source is the right one",
        )));
    }
    Ok(Ok(text))
}

#[cfg(feature = "url")]
fn read_url(url: &str, sha256: Option<&str>) -> Result<Vec<u8>, SourceError> {
    url::read(url, sha256)
}

#[cfg(not(feature = "url"))]
fn read_url(url: &str, _: Option<&str>) -> Result<Vec<u8>, SourceError> {
    Err(SourceError::new(
        format!("cannot read {url}: this build of mizan-generate reads no URLs"),
        "install it with `cargo install mizan-generate --features url`, or use `command` or `file`",
    ))
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SourceError {}

impl Diagnostic for SourceError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }
}

//! Secrets that do not have to be set for a first look: random, made at the first start, and kept in files beside the
//! database that only their owner may read.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use mizan_core::Secret;

use crate::db::Settings;

/// The key of sessions and tokens in a file next to SQLite, so that a restart signs no one out.
///
/// None where `JWT_PRIVATE_KEY` is set, which Mizan reads itself; and none on PostgreSQL. Its processes may run on
/// several machines and need one key, so Mizan refuses to start and reports what to set.
pub fn session_key(settings: &Settings) -> Result<Option<Secret>, Box<dyn Error>> {
    match settings {
        Settings::Sqlite(file) if given("JWT_PRIVATE_KEY").is_none() => {
            Ok(Some(Secret::new(kept(&file.with_extension("session-key"))?)?))
        }
        _ => Ok(None),
    }
}

/// The value of a variable that is set and not empty.
pub(crate) fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|secret| !secret.is_empty())
}

/// The secret in this file. It is made if the file does not exist.
pub(crate) fn kept(file: &Path) -> io::Result<String> {
    if !file.exists() {
        make(file)?;
    }
    std::fs::read_to_string(file)
}

/// Writes a random secret if the file does not exist. The file appears whole: of two that start at once, both
/// read the same.
fn make(file: &Path) -> io::Result<()> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(text.as_bytes())?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

//! A database of files that several processes share: numbers, counts, and points at which a function
//! waits until a test lets it go on. So a test decides exactly what comes before what.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a function waits at most.
const WAIT: Duration = Duration::from_secs(15);
/// How often it looks whether it may go on.
const LOOK: Duration = Duration::from_millis(2);

/// The folder of the database.
#[derive(Debug, Clone)]
pub struct Data(PathBuf);

impl Data {
    /// The database in a folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The database that `CACHE_DATA` names.
    pub fn of_environment() -> io::Result<Self> {
        let folder = std::env::var_os("CACHE_DATA");
        folder.map(Self::at).ok_or_else(|| io::Error::other("`CACHE_DATA` is not set"))
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// A number; 0 where none was set.
    pub fn number(&self, name: &str) -> io::Result<i64> {
        match fs::read_to_string(self.0.join(name)) {
            Ok(text) => text.parse().map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Sets a number, at one instant for everybody.
    pub fn set(&self, name: &str, number: i64) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let draft = self.0.join(format!("draft-{}-{next}", std::process::id()));
        fs::write(&draft, number.to_string())?;
        fs::rename(draft, self.0.join(name))
    }

    /// Counts one.
    pub fn count(&self, name: &str) -> io::Result<()> {
        let path = self.0.join(format!("count-{name}"));
        OpenOptions::new().append(true).create(true).open(path)?.write_all(b".")
    }

    /// How many were counted.
    pub fn counted(&self, name: &str) -> u64 {
        fs::metadata(self.0.join(format!("count-{name}"))).map_or(0, |file| file.len())
    }

    /// Sets a trap: the next function that comes to this point waits there. Those after it do not.
    pub fn set_trap(&self, point: &str) -> io::Result<()> {
        drop(fs::remove_file(self.0.join(format!("go-{point}"))));
        drop(fs::remove_file(self.0.join(format!("caught-{point}"))));
        fs::write(self.0.join(format!("trap-{point}")), "")
    }

    /// Whether a function has come into the trap.
    pub fn is_caught(&self, point: &str) -> bool {
        self.0.join(format!("caught-{point}")).exists()
    }

    /// Lets the function in the trap go on.
    pub fn release(&self, point: &str) -> io::Result<()> {
        fs::write(self.0.join(format!("go-{point}")), "")
    }

    /// A point at which a trap may be.
    pub async fn pass(&self, point: &str) -> io::Result<()> {
        let caught = self.0.join(format!("caught-{point}"));
        // A rename is for one only.
        if fs::rename(self.0.join(format!("trap-{point}")), caught).is_err() {
            return Ok(());
        }
        let (go, start) = (self.0.join(format!("go-{point}")), Instant::now());
        while !go.exists() {
            if start.elapsed() > WAIT {
                return Err(io::Error::other(format!("nobody let go of `{point}`")));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

//! A folder with programs that only a test has.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Removed with everything in it when this is dropped.
pub(crate) struct Fake(PathBuf);

impl Fake {
    /// An empty folder. Each test has a name of its own.
    pub(crate) fn folder(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mizan-fake-{name}-{}", std::process::id()));
        // A process of the same number may have left it behind.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a program: a script of the shell.
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Copied by another process: a program that this one holds open for writing, or a child that it starts
        // meanwhile, cannot be run.
        let text = self.0.join(format!("text-of-{}", name.replace('/', "-")));
        fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
        let copied = Command::new("cp").arg(&text).arg(&path).status().unwrap();
        assert!(copied.success(), "{name} could not be written");
        fs::remove_file(&text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

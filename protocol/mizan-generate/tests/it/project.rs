//! A project directory of its own for each test, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Removed when the test ends.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
}

/// What a run printed, with the project's path as `.`.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("generate-{name}"));
        // An earlier run may have been stopped half-way.
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// The hello document, read from a file, with both targets.
    pub(crate) fn hello(name: &str) -> Self {
        let project = Self::new(name);
        project.put("schema.json", include_str!("golden/hello.json"));
        project.put(
            "mizan.toml",
            "[source]\nfile = \"schema.json\"\n[output]\ndir = \"out\"\ntargets = [\"react\"]\n",
        );
        project
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    /// Every file below a folder, sorted.
    pub(crate) fn list(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![self.root.join(folder)];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else {
                    found.push(path.strip_prefix(&self.root).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_mizan-generate"))
            .arg("--config")
            .arg(self.root.join("mizan.toml"))
            .args(args)
            .output()
            .unwrap();
        let root = self.root.display().to_string();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&root, ".");
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // A directory left behind is no failure.
        let _ = fs::remove_dir_all(&self.root);
    }
}

//! What a machine needs besides Rust: Node with its packages, and a browser. Installed where it can
//! be, and said in one sentence where it cannot.

use std::fs;
use std::path::PathBuf;

use crate::Result;
use crate::step::{command, quiet, root, step};

/// The oldest Node that runs the tools.
const NODE: u32 = 20;

/// Checks Node and installs the packages that the lock file names, if it has changed since.
pub(crate) fn node_packages() -> Result {
    let version = quiet(command(&["node", "--version"])).map_err(|_| {
        format!(
            "Node is missing: install Node {NODE} or newer (on Debian: apt-get install nodejs npm)"
        )
    })?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        return Err(format!("Node {} is too old: install Node {NODE} or newer", version.trim()));
    }
    let lock = fs::read(root().join("package-lock.json"))
        .map_err(|error| format!("package-lock.json: {error}"))?;
    let stamp = root().join("node_modules/.mizan-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step("install npm packages", || quiet(command(&["npm", "ci", "--no-audit", "--no-fund"])))?;
    fs::write(stamp, lock).map_err(|error| format!("node_modules: {error}"))
}

/// Finds Chromium, or installs Debian's. `CHROMIUM` in the environment names another one.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(format!("CHROMIUM names {}, which is not a file", path.display()))
        };
    }
    let find = || {
        let candidates =
            ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        candidates.iter().map(PathBuf::from).find(|path| path.is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    let missing =
        "Chromium is missing: `apt-get install chromium`, or name one by CHROMIUM=/path/to/it";
    apt("chromium", missing)?;
    find().ok_or_else(|| missing.into())
}

/// Installs a package of Debian; where that fails, the sentence says what is missing.
pub(crate) fn apt(package: &str, missing: &str) -> Result {
    step(&format!("install {package}"), || {
        quiet(command(&["apt-get", "update", "-qq"])).map_err(|_| missing.to_owned())?;
        let mut install =
            command(&["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]);
        // A package with a service would start it, and the tests start servers of their own: in
        // this run level there are none.
        install.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        quiet(install).map(drop).map_err(|error| format!("{missing}\n{error}"))
    })
}

/// Whether a program answers when it is asked for its version.
pub(crate) fn has(words: &[&str]) -> bool {
    quiet(command(words)).is_ok()
}

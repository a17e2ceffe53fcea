//! Folders for applications of their own, with the crates and packages that this repository has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The target directory that this test was built in; what it builds goes there too.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

pub(crate) fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn get(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Copies a folder without what is installed or built.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_file() {
            fs::copy(&path, to.join(&name)).unwrap();
        } else if name != "node_modules" && name != "dist" && name != "target" {
            copy(&path, &to.join(&name));
        }
    }
}

/// Gives a client the installed packages, each as a link.
pub(crate) fn link_packages(client: &Path) {
    let installed = root().join("node_modules");
    let folder = client.join("node_modules");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(&installed).expect("npm packages: cargo xtask test") {
        let name = entry.unwrap().file_name();
        if name != ".vite" {
            std::os::unix::fs::symlink(installed.join(&name), folder.join(&name)).unwrap();
        }
    }
}

/// Gives what is built in a folder the profile that the dependencies have here, so that they are shared.
pub(crate) fn same_profile(folder: &Path) {
    let manifest = get(&root().join("Cargo.toml"));
    let start = manifest.find("[profile.dev.package]").expect("a profile of the dependencies");
    let length = manifest[start..].find("\n[").expect("another section");
    put(&folder.join(".cargo/config.toml"), &manifest[start..start + length]);
}

/// Has cargo build what is elsewhere with the packages that are here: same target directory, same
/// profile, no network.
pub(crate) fn at_home(command: &mut Command) -> &mut Command {
    command
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env("CARGO_NET_OFFLINE", "true")
        .env("NO_COLOR", "1")
}

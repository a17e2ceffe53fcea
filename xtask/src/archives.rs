//! The published crates as their users get them: packed, unpacked in an empty folder, checked and documented there.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::Result;
use crate::packages::{Package, Workspace};
use crate::step::{cargo, command, quiet, root, step};
use crate::surface::as_docs_rs;

/// Packs the published crates and builds from their archives alone. Dependencies are those that are
/// built already: one target folder, one set of profiles, the same versions.
pub(crate) fn archives() -> Result {
    let workspace = Workspace::read()?;
    let folder = workspace.target.join("package/archives");
    step("pack the published crates", || {
        quiet(cargo(&words(&workspace)))?;
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        workspace.published().try_for_each(|package| unpack(&workspace, package, &folder))?;
        let manifest = root().join("Cargo.toml");
        let text = fs::read_to_string(&manifest).map_err(|error| error.to_string())?;
        let written = fs::write(folder.join("Cargo.toml"), together(&workspace, &text))
            .and_then(|()| fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")));
        written.map(drop).map_err(|error| format!("{}: {error}", folder.display()))
    })?;
    step("check the published crates from their archives", || {
        let mut check = cargo(&["check", "--quiet", "--offline", "--workspace", "--all-features"]);
        check.current_dir(&folder).env("CARGO_TARGET_DIR", &workspace.target);
        quiet(check)
    })?;
    step("document them as docs.rs does", || {
        let words = ["doc", "--quiet", "--offline", "--workspace", "--no-deps", "--all-features"];
        let mut doc = cargo(&words);
        doc.current_dir(&folder).env("CARGO_TARGET_DIR", &workspace.target);
        quiet(as_docs_rs(doc, &workspace.target.join("package/doc"))?)
    })
    .map(drop)
}

/// The command that packs the published crates and no other.
fn words(workspace: &Workspace) -> Vec<&str> {
    let mut words = vec!["package", "--quiet", "--offline", "--allow-dirty", "--no-verify"];
    words.extend(workspace.published().flat_map(|package| ["--package", &package.name]));
    words
}

fn unpack(workspace: &Workspace, package: &Package, folder: &Path) -> Result {
    let archive = format!("{}-{}.crate", package.name, package.version);
    let archive = workspace.target.join("package").join(archive);
    // The times of files in an archive are always the same: with these cargo would find nothing to do.
    let mut tar = command(&["tar", "-xz", "--touch", "-f"]);
    tar.arg(archive).arg("-C").arg(folder);
    quiet(tar).map(drop)
}

/// The manifest of a workspace of the unpacked crates, each of which takes the others from there.
fn together(workspace: &Workspace, root: &str) -> String {
    let profiles = root.find("[profile.").map_or("", |start| &root[start..]);
    let mut members = String::new();
    let mut patches = String::new();
    for package in workspace.published() {
        let folder = format!("{}-{}", package.name, package.version);
        let _ = writeln!(members, "    \"{folder}\",");
        let _ = writeln!(patches, "{} = {{ path = \"{folder}\" }}", package.name);
    }
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\n{members}]\n\n[patch.crates-io]\n{patches}\n{profiles}"
    )
}

#[cfg(test)]
mod tests {
    use super::{together, words};
    use crate::packages::{Package, Workspace};

    fn workspace() -> Workspace {
        let package = |name: &str, published| Package {
            name: name.into(),
            version: "0.1.0".into(),
            folder: name.into(),
            features: Vec::new(),
            published,
        };
        Workspace { packages: vec![package("a", true), package("b", false)], target: "t".into() }
    }

    #[test]
    fn published_crates_are_packed_and_others_are_not() {
        assert_eq!(words(&workspace())[5..], ["--package", "a"]);
    }

    #[test]
    fn unpacked_crates_take_each_other_and_the_profiles_of_the_repository() {
        let manifest = together(&workspace(), "[workspace]\nx\n\n[profile.dev]\ndebug = 1\n");
        assert_eq!(
            manifest,
            "[workspace]\nresolver = \"3\"\nmembers = [\n    \"a-0.1.0\",\n]\n\n[patch.crates-io]\n\
             a = { path = \"a-0.1.0\" }\n\n[profile.dev]\ndebug = 1\n"
        );
    }
}

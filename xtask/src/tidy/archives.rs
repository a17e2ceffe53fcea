//! What a published crate or package needs is in its own folder, and described: an archive has nothing else.

use super::File;
use super::links::{resolve, targets};
use crate::guide;

/// Where the published crates are.
const CRATES: &[&str] = &["cores/", "backends/", "protocol/mizan-generate/", "workers/"];

/// Lines that the manifest of every published crate has.
const LINES: &[&str] = &[
    "description = \"",
    "license.workspace = true",
    "readme = \"README.md\"",
    "keywords = [\"",
    "categories = [\"",
    "[package.metadata.docs.rs]\nall-features = true",
];

/// What begins a path in a source file.
const INCLUDES: &[&str] = &["include_str!(\"", "include_bytes!(\"", "#[path = \""];

/// Shows on docs.rs which feature an item needs.
const DOC_CFG: &str = "#![cfg_attr(docsrs, feature(doc_cfg))]";

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let mut faults = copies(files);
    faults.extend(repository(files));
    for (path, manifest) in files {
        if let Some(folder) = published(path, manifest) {
            faults.extend(described(files, folder, manifest));
            faults.extend(files.iter().flat_map(|file| outside(folder, file)));
        } else if let Some(folder) = package(path) {
            faults.extend(files.iter().flat_map(|file| outside(folder, file)));
        }
    }
    faults
}

/// The folder of a published crate, from its manifest.
pub(super) fn published<'a>(path: &'a str, manifest: &str) -> Option<&'a str> {
    let folder = path.strip_suffix("Cargo.toml")?;
    let is_crate = CRATES.iter().any(|start| path.starts_with(start))
        && folder.matches('/').count() == 2
        && !manifest.contains("\npublish = false\n");
    is_crate.then_some(folder)
}

/// The folder of an npm package.
fn package(path: &str) -> Option<&str> {
    let folder = path.strip_suffix("package.json")?;
    folder.starts_with("frontends/").then_some(folder)
}

fn described(files: &[File], folder: &str, manifest: &str) -> Vec<String> {
    let text = |name: &str| {
        let path = format!("{folder}{name}");
        files.iter().find(|(other, _)| *other == path).map_or("", |(_, text)| text)
    };
    let absent = LINES.iter().filter(|line| !manifest.contains(**line));
    let mut faults: Vec<String> =
        absent.map(|line| format!("{folder}Cargo.toml: no line `{line}`")).collect();
    let library = text("src/lib.rs");
    if !library.contains("include_str!(\"../README.md\")") {
        faults.push(format!("{folder}src/lib.rs: does not include the README"));
    }
    if manifest.contains("\n[features]\n") && !library.contains(DOC_CFG) {
        faults.push(format!("{folder}src/lib.rs: has features, and no `{DOC_CFG}`"));
    }
    faults
}

/// Paths in sources, and links in the README and in doc comments, that lead out of the folder.
fn outside(folder: &str, (path, text): &File) -> Vec<String> {
    let Some(file) = path.strip_prefix(folder) else { return Vec::new() };
    let leaves = |target: &str| !resolve(path, target).starts_with(folder);
    if file == "README.md" {
        let links = targets(text).into_iter().filter(|target| !target.starts_with('#'));
        return links
            .filter(|target| leaves(target))
            .map(|target| format!("{path}: the link to {target} leads out of the archive"))
            .collect();
    }
    if !file.starts_with("src/") || !file.ends_with(".rs") {
        return Vec::new();
    }
    let included = INCLUDES
        .iter()
        .flat_map(|start| text.split(start).skip(1))
        .filter_map(|rest| rest.split_once('"').map(|(target, _)| target))
        .filter(|target| leaves(target))
        .map(|target| format!("{path}: {target} is outside of the archive"));
    let comments: Vec<&str> = text
        .lines()
        .map(str::trim_start)
        .filter_map(|line| line.strip_prefix("//!").or_else(|| line.strip_prefix("///")))
        .map(str::trim_start)
        .collect();
    let comments = comments.join("\n");
    let linked = targets(&comments)
        .into_iter()
        .filter(|target| target.contains(".md"))
        .map(|target| format!("{path}: the link to {target} is dead on docs.rs"));
    included.chain(linked).collect()
}

/// Copies of pages that differ from what `cargo xtask guide` would write.
fn copies(files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|(other, _)| other == path).map(|(_, text)| text);
    let Some(including) = text(guide::INCLUDED_BY) else { return Vec::new() };
    let pages = guide::pages(including);
    let stale = pages.iter().filter_map(|page| {
        let wanted = text(&format!("docs/{page}.md")).map(|text| guide::copy(page, text, &pages));
        let path = format!("{}{page}.md", guide::FOLDER);
        (text(&path) != wanted.as_ref())
            .then(|| format!("{path}: differs from docs/{page}.md; run `cargo xtask guide`"))
    });
    let unused = files.iter().filter_map(|(path, _)| {
        let page = path.strip_prefix(guide::FOLDER)?.strip_suffix(".md")?;
        (!pages.contains(&page)).then(|| format!("{path}: is included nowhere"))
    });
    stale.chain(unused).collect()
}

/// The address of the repository is in every manifest once it is known, and until then on the list of
/// what a release needs.
fn repository(files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|(other, _)| other == path).map(|(_, text)| text);
    let Some(root) = text("Cargo.toml") else { return Vec::new() };
    if !root.contains("\nrepository = \"") {
        let listed = text("CONTRIBUTING.md").is_some_and(|text| text.contains("`repository`"));
        let fault = "CONTRIBUTING.md: does not list `repository`, which no manifest has";
        return if listed { Vec::new() } else { vec![fault.into()] };
    }
    let crates = files
        .iter()
        .filter(|(path, manifest)| published(path, manifest).is_some())
        .filter(|(_, manifest)| !manifest.contains("\nrepository.workspace = true\n"));
    let packages = files
        .iter()
        .filter(|(path, _)| package(path).is_some())
        .filter(|(_, manifest)| !manifest.contains("\"repository\": "));
    crates.chain(packages).map(|(path, _)| format!("{path}: has no `repository`")).collect()
}

#[cfg(test)]
mod tests {
    use super::{DOC_CFG, File, LINES, faults};

    const README: &str = "#![doc = include_str!(\"../README.md\")]\n";

    fn krate(manifest: &str, library: &str, readme: &str) -> Vec<File> {
        [("Cargo.toml", manifest), ("src/lib.rs", library), ("README.md", readme)]
            .map(|(name, text)| (format!("cores/a/{name}"), text.to_owned()))
            .into()
    }

    fn complete() -> String {
        LINES.join("\n")
    }

    #[test]
    fn a_published_crate_describes_itself() {
        assert!(faults(&krate(&complete(), README, "")).is_empty());
        let bare = faults(&krate("\npublish = true\n", "", ""));
        assert_eq!(bare.len(), LINES.len() + 1, "{bare:?}");
        assert!(faults(&krate("\npublish = false\n", "", "")).is_empty());
        let features = complete() + "\n[features]\n";
        assert_eq!(faults(&krate(&features, README, "")).len(), 1);
        assert!(faults(&krate(&features, &(DOC_CFG.to_owned() + README), "")).is_empty());
    }

    #[test]
    fn nothing_outside_of_the_folder_is_needed() {
        for planted in [
            "include_str!(\"../../../docs/x.md\")",
            "#[path = \"../../b/src/x.rs\"]",
            "/// [the page](../../docs/x.md)\n",
        ] {
            let found = faults(&krate(&complete(), &format!("{README}{planted}"), ""));
            assert_eq!(found.len(), 1, "{planted}: {found:?}");
        }
        for (link, count) in [("../b", 1), ("../../docs/x.md#y", 1), ("src/x", 0), ("#y", 0)] {
            let found = faults(&krate(&complete(), README, &format!("[x]({link})\n")));
            assert_eq!(found.len(), count, "{link}");
        }
    }

    #[test]
    fn a_copy_of_a_page_is_the_page() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let library = "#[doc = include_str!(\"../guide/a.md\")]";
        let mut files = vec![
            file("cores/mizan-core/src/lib.rs", library),
            file("docs/a.md", "text\n"),
            file("cores/mizan-core/guide/a.md", &crate::guide::copy("a", "text\n", &["a"])),
        ];
        assert!(faults(&files).is_empty());
        files[1].1 = "other\n".into();
        assert!(faults(&files)[0].ends_with("run `cargo xtask guide`"));
        files[0].1.clear();
        assert_eq!(faults(&files), ["cores/mizan-core/guide/a.md: is included nowhere"]);
    }

    #[test]
    fn the_address_of_the_repository_is_everywhere_or_on_the_list_of_a_release() {
        let mut files = krate(&complete(), README, "");
        files.push(("Cargo.toml".into(), "[workspace.package]\n".into()));
        assert_eq!(faults(&files).len(), 1);
        files.push(("CONTRIBUTING.md".into(), "`repository`".into()));
        assert!(faults(&files).is_empty());
        files[3].1.push_str("repository = \"https://example.org/mizan\"\n");
        assert_eq!(faults(&files), ["cores/a/Cargo.toml: has no `repository`"]);
        files[0].1.push_str("\nrepository.workspace = true\n");
        assert!(faults(&files).is_empty());
    }
}

//! Which crates of the repository a crate depends on.

use super::File;

/// Which crates of the repository a crate may name in its dependencies. Those of its tests are free.
const EDGES: &[(&str, &[&str])] = &[
    ("cores/mizan-schema", &[]),
    ("cores/mizan-macros", &[]),
    ("cores/mizan-cache", &[]),
    ("cores/mizan-core", &["mizan-cache", "mizan-macros", "mizan-schema", "mizan-ssr"]),
    ("cores/mizan-sqlx", &["mizan-core"]),
    ("backends/mizan-actix", &["mizan-core"]),
    ("backends/mizan-axum", &["mizan-core"]),
    ("protocol/mizan-generate", &["mizan-schema"]),
    ("workers/mizan-ssr", &[]),
    ("protocol/conformance", &["mizan-actix", "mizan-axum", "mizan-core", "mizan-faults"]),
    ("verify/faults", &[]),
    ("verify/hostile-input", &["mizan-core"]),
    ("verify/hostile-input/fuzz", &["mizan-hostile-input"]),
    ("verify/cache-schedules", &["mizan-cache", "mizan-faults"]),
    ("verify/cache-model", &[]),
    ("verify/types", &["mizan-actix", "mizan-core", "mizan-generate"]),
    ("verify/souk-axum", &["mizan-axum", "mizan-core"]),
    ("verify/chaos", &["mizan-actix", "mizan-axum", "mizan-core", "mizan-faults"]),
    (
        "benches",
        &[
            "mizan-actix",
            "mizan-axum",
            "mizan-core",
            "mizan-faults",
            "mizan-generate",
            "mizan-schema",
        ],
    ),
    ("examples/hello", &["mizan-actix", "mizan-core"]),
    ("examples/souk", &["mizan-actix", "mizan-core", "mizan-sqlx"]),
    ("frontends/scenarios/server", &["mizan-actix", "mizan-core"]),
    ("xtask", &[]),
    ("xtask/surface", &[]),
];

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let manifests: Vec<(&str, &str)> = files
        .iter()
        .filter_map(|(path, text)| Some((path.strip_suffix("/Cargo.toml")?, &**text)))
        .collect();
    let mut faults = Vec::new();
    for (member, manifest) in &manifests {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| name == member) else {
            faults.push(format!("{member}: has no line in the table of edges (edges.rs)"));
            continue;
        };
        let refused = dependencies(manifest).into_iter().filter(|name| !allowed.contains(name));
        faults.extend(refused.map(|name| format!("{member}: may not depend on {name}")));
    }
    let gone = EDGES.iter().filter(|(name, _)| manifests.iter().all(|(member, _)| member != name));
    faults.extend(gone.map(|(name, _)| format!("{name}: no Cargo.toml")));
    faults
}

/// The crates of the repository that a manifest names outside of `[dev-dependencies]`.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut listed = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            // `dependencies`, `build-dependencies.name`, `target.'cfg(unix)'.dependencies`
            let section = section.trim_end_matches(']').rsplit_once("dependencies");
            let (before, name) = section.unwrap_or(("dev-", ""));
            let counts = !before.ends_with("dev-");
            listed = counts && name.is_empty();
            names.extend(name.strip_prefix('.').filter(|_| counts));
        } else if listed {
            names.extend(line.split(['.', '=', ' ']).next());
        }
    }
    names.retain(|name| name.starts_with("mizan-"));
    names
}

#[cfg(test)]
mod tests {
    use super::{EDGES, File, dependencies, faults};

    /// Every crate of the table, without dependencies, but for one.
    fn tree(changed: &str, manifest: &str) -> Vec<File> {
        let text = |name: &str| if name == changed { manifest.to_owned() } else { String::new() };
        EDGES.iter().map(|(name, _)| (format!("{name}/Cargo.toml"), text(name))).collect()
    }

    #[test]
    fn only_the_edges_of_the_table_are_accepted() {
        let allowed = "[dependencies]\nmizan-cache.workspace = true\nserde = \"1\"\n";
        assert!(faults(&tree("cores/mizan-core", allowed)).is_empty());
        assert_eq!(
            faults(&tree("cores/mizan-cache", "[dependencies]\nmizan-core.workspace = true\n")),
            ["cores/mizan-cache: may not depend on mizan-core"]
        );
        let schedules = "[dependencies]\nmizan-cache = \"1\"\nmizan-core = \"1\"\n";
        assert_eq!(faults(&tree("verify/cache-schedules", schedules)).len(), 1);
    }

    #[test]
    fn every_way_to_depend_counts_but_that_of_tests() {
        let manifest = "\
[dependencies.mizan-a]
path = \"a\"
[build-dependencies]
mizan-b = \"1\"
[target.'cfg(unix)'.dependencies]
mizan-c = { path = \"c\" }
[dev-dependencies]
mizan-d = \"1\"
[dev-dependencies.mizan-e]
path = \"e\"
[features]
mizan-f = []
";
        assert_eq!(dependencies(manifest), ["mizan-a", "mizan-b", "mizan-c"]);
    }

    #[test]
    fn a_crate_and_its_line_go_together() {
        let mut files = tree("", "");
        files.push(("cores/other/Cargo.toml".into(), String::new()));
        files.retain(|(path, _)| path != "benches/Cargo.toml");
        let faults = faults(&files);
        assert!(faults[0].starts_with("cores/other: has no line"), "{faults:?}");
        assert_eq!(faults[1..], ["benches: no Cargo.toml"]);
    }
}

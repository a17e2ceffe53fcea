//! Rules of the repository that can be tested.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Result;
use crate::step::{command, quiet, root, step};

/// Which crates of ours a crate may name in `[dependencies]`.
const EDGES: &[(&str, &[&str])] = &[
    ("cores/mizan-schema", &[]),
    ("cores/mizan-macros", &[]),
    ("cores/mizan-core", &["mizan-macros", "mizan-schema"]),
    ("backends/mizan-actix", &["mizan-core"]),
    ("protocol/mizan-generate", &["mizan-schema"]),
    ("protocol/conformance", &["mizan-actix", "mizan-core"]),
    ("verify/faults", &[]),
    ("verify/hostile-input", &["mizan-core"]),
    ("verify/cache-schedules", &["mizan-core", "mizan-faults"]),
    ("verify/cache-model", &[]),
    ("verify/chaos", &["mizan-actix", "mizan-core", "mizan-faults"]),
    ("examples/hello", &["mizan-actix", "mizan-core"]),
    ("examples/souk", &["mizan-actix", "mizan-core"]),
];

/// Checks every rule and reports everything that breaks one.
pub(crate) fn tidy() -> Result {
    step("check the rules of the repository", || {
        let files =
            quiet(command(&["git", "ls-files", "--cached", "--others", "--exclude-standard"]))?;
        let mut faults = Vec::new();
        edges(&mut faults);
        for file in files.lines() {
            let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
            one(file, &text, &mut faults);
        }
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.join("\n")),
        }
    })
}

fn edges(faults: &mut Vec<String>) {
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for (member, names) in allowed {
        let Ok(manifest) = fs::read_to_string(root().join(member).join("Cargo.toml")) else {
            faults.push(format!("{member}: no Cargo.toml"));
            continue;
        };
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if section == "[dependencies]" && name.starts_with("mizan-") && !names.contains(&name) {
                faults.push(format!("{member}: may not depend on {name}"));
            }
        }
    }
}

fn one(file: &str, text: &str, faults: &mut Vec<String>) {
    let path = Path::new(file);
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let fixture = file.contains("/compile_fail/")
        || file.contains("/compile_pass/")
        || file.contains("/vectors/");
    if extension == "rs" && !fixture && !text.starts_with("//!") {
        faults.push(format!("{file}: opens without saying what lives in it (`//!`)"));
    }
    if extension == "rs" && file.contains("/src/") && text.lines().count() > 500 {
        faults.push(format!("{file}: more than 500 lines; does it still hold one idea?"));
    }
    if file.ends_with("package-lock.json") && text.contains("\"resolved\": \"http") {
        faults.push(format!(
            "{file}: records where packages came from; write it anew with the .npmrc of the root"
        ));
    }
    let generated = file.contains("/src/mizan/") || file.contains("/client/generated/");
    if generated && !text.starts_with("// ") && !text.starts_with("/*") {
        faults.push(format!("{file}: a generated file without the line that says so"));
    }
}

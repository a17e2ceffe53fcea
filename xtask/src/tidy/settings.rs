//! Every environment variable that the published crates read is in the table of `docs/deploy.md`, and no other one.

use std::collections::BTreeSet;

use super::File;

const TABLE: &str = "docs/deploy.md";

/// Where the published crates are.
const SOURCES: &[&str] = &["cores/", "backends/", "protocol/mizan-generate/"];

/// What the names of Mizan's variables begin with.
const PREFIXES: &[&str] = &["MIZAN_", "JWT_"];

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let read: BTreeSet<&str> = files.iter().flat_map(|file| variables(file)).collect();
    let listed: BTreeSet<&str> = files
        .iter()
        .filter(|(path, _)| path == TABLE)
        .flat_map(|(_, text)| text.lines().filter_map(row))
        .collect();
    let missing = read.difference(&listed);
    let missing = missing.map(|name| format!("{TABLE}: the table has no row for {name}"));
    let gone = listed.difference(&read);
    let gone = gone.map(|name| format!("{TABLE}: no published crate reads {name}"));
    missing.chain(gone).collect()
}

/// The names in the string literals of a source file.
fn variables((path, text): &File) -> Vec<&str> {
    let is_source = SOURCES.iter().any(|folder| path.starts_with(folder));
    if !is_source || !path.contains("/src/") || !path.ends_with(".rs") {
        return Vec::new();
    }
    text.split('"').filter(|literal| is_name(literal)).collect()
}

fn is_name(text: &str) -> bool {
    PREFIXES.iter().any(|prefix| text.len() > prefix.len() && text.starts_with(prefix))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The name that a row of the table begins with.
fn row(line: &str) -> Option<&str> {
    let name = line.strip_prefix("| `")?.split('`').next()?;
    is_name(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{File, faults};

    fn files(source: &str, table: &str) -> Vec<File> {
        vec![("cores/a/src/b.rs".into(), source.into()), ("docs/deploy.md".into(), table.into())]
    }

    #[test]
    fn every_variable_that_is_read_has_a_row() {
        let source = "text(\"MIZAN_ONE\")?; flag(\"JWT_TWO\")";
        assert!(faults(&files(source, "| `MIZAN_ONE`, x | 1 |\n| `JWT_TWO` | 2 |\n")).is_empty());
        assert_eq!(
            faults(&files(source, "| `MIZAN_ONE` | 1 |\n")),
            ["docs/deploy.md: the table has no row for JWT_TWO"]
        );
    }

    #[test]
    fn a_row_whose_variable_is_gone_is_refused() {
        assert_eq!(
            faults(&files("", "| `MIZAN_ONE` | 1 |\n")),
            ["docs/deploy.md: no published crate reads MIZAN_ONE"]
        );
    }
}

//! How much an adapter may be: one that grows has begun to decide something.

use super::File;

/// The folders of adapters for an HTTP library. What serves a whole process is not counted.
const ADAPTERS: &[&str] = &["backends/mizan-actix/src/", "backends/mizan-axum/src/"];
const SERVE: &str = "serve/";

/// Lines of code: without blank lines, comments and tests.
const LINES: usize = 220;

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for adapter in ADAPTERS {
        let counted = |path: &str| {
            path.strip_prefix(adapter)
                .is_some_and(|file| file.ends_with(".rs") && !file.starts_with(SERVE))
        };
        let counts: Vec<usize> = files
            .iter()
            .filter(|(path, _)| counted(path))
            .map(|(_, text)| lines_of_code(text))
            .collect();
        let lines: usize = counts.iter().sum();
        if counts.is_empty() {
            faults.push(format!("{adapter}: there is no adapter"));
        } else if lines > LINES {
            faults.push(format!(
                "{adapter}: {lines} lines of code without `serve`, more than {LINES}; does it decide something?"
            ));
        }
    }
    faults
}

/// The lines of code of a file, up to its tests.
fn lines_of_code(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#![doc"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::{ADAPTERS, File, LINES, faults};

    fn tree(lines: usize, more: &[(&str, &str)]) -> Vec<File> {
        let text = "let a = 1;\n".repeat(lines);
        let mut files: Vec<File> =
            ADAPTERS.iter().map(|folder| (format!("{folder}lib.rs"), text.clone())).collect();
        files.extend(
            more.iter().map(|(path, text)| (format!("{}{path}", ADAPTERS[1]), (*text).to_owned())),
        );
        files
    }

    #[test]
    fn an_adapter_is_thin() {
        assert!(faults(&tree(LINES, &[])).is_empty());
        assert_eq!(faults(&tree(LINES + 1, &[])).len(), ADAPTERS.len());
        let one = faults(&tree(LINES, &[("more.rs", "fn a() {}\n")]));
        assert!(one[0].starts_with("backends/mizan-axum/src/: 221 lines"), "{one:?}");
        assert_eq!(faults(&[]).len(), ADAPTERS.len());
    }

    #[test]
    fn comments_tests_and_what_serves_a_process_do_not_count() {
        let free = [
            ("a.rs", "//! a\n\n/// b\n  // c\n#[cfg(test)]\nmod tests {\n    fn a() {}\n}\n"),
            ("serve/mod.rs", "fn a() {}\n"),
            ("notes.md", "a\n"),
        ];
        assert!(faults(&tree(LINES, &free)).is_empty());
    }
}

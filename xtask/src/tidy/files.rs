//! Rules that a file keeps or breaks alone.

use std::path::Path;

/// More lines than this seldom hold one idea.
const LINES: usize = 500;

pub(super) fn faults(file: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let extension = Path::new(file).extension().and_then(|extension| extension.to_str());
    let rust = extension == Some("rs");
    let fixture = ["/compile_fail/", "/vectors/"].iter().any(|part| file.contains(part));
    if rust && !fixture && !text.starts_with("//!") {
        faults.push(format!("{file}: does not start with a sentence on what is in it (`//!`)"));
    }
    if rust && text.lines().count() > LINES {
        faults.push(format!("{file}: more than {LINES} lines; does it still hold one idea?"));
    }
    if file.ends_with("package-lock.json") && text.contains("\"resolved\": \"http") {
        faults.push(format!(
            "{file}: records where packages came from; write it again with the .npmrc of the root"
        ));
    }
    let generated = file.contains("/src/mizan/") || file.contains("/client/generated/");
    if generated && !text.starts_with("// ") && !text.starts_with("/*") {
        faults.push(format!("{file}: a generated file without the line that declares it"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;

    fn lines(count: usize) -> String {
        "//! Line.\n".repeat(count)
    }

    #[test]
    fn long_files_are_refused_wherever_they_are() {
        for file in ["cores/a/src/lib.rs", "cores/a/tests/it/main.rs", "xtask/src/main.rs"] {
            assert!(faults(file, &lines(500)).is_empty());
            assert!(faults(file, &lines(501))[0].contains("more than 500 lines"));
        }
        assert!(faults("docs/long.md", &lines(501)).is_empty());
    }

    #[test]
    fn a_rust_file_starts_with_its_purpose() {
        assert_eq!(faults("cores/a/src/lib.rs", "fn main() {}").len(), 1);
        assert!(faults("cores/a/tests/compile_fail/x.rs", "fn main() {}").is_empty());
    }

    #[test]
    fn lock_files_name_no_address() {
        let text = r#"{ "resolved": "https://example.org/a.tgz" }"#;
        assert_eq!(faults("package-lock.json", text).len(), 1);
        assert!(faults("package-lock.json", "{}").is_empty());
    }

    #[test]
    fn generated_files_declare_it() {
        assert_eq!(faults("examples/a/client/src/mizan/index.ts", "export {};").len(), 1);
        assert!(faults("examples/a/client/src/mizan/index.ts", "// Generated.").is_empty());
    }
}

//! Packages whose libraries and programs are not built for unit tests, because they have none.

use super::File;

/// `test = false` saves the build of an empty test program. It would also silence a test that comes
/// later.
pub(super) fn faults(files: &[File]) -> Vec<String> {
    let silent = files.iter().filter_map(|(path, manifest)| {
        let member = path.strip_suffix("/Cargo.toml")?;
        manifest.lines().any(|line| line == "test = false").then_some(member)
    });
    let tests = silent.flat_map(|member| {
        let sources = format!("{member}/src/");
        let tests = files.iter().filter(move |(path, text)| {
            path.starts_with(&sources)
                && ["#[test]", "#[tokio::test"].iter().any(|test| text.contains(test))
        });
        tests.map(move |(path, _)| (member, path))
    });
    let fault = |(member, path)| {
        format!("{path}: has tests, and {member}/Cargo.toml turns them off by `test = false`")
    };
    tests.map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn tests_that_would_never_run_are_refused() {
        let files = |setting: &str, text: &str| {
            [("a/Cargo.toml", setting), ("a/src/x/y.rs", text), ("a/tests/it.rs", "#[test]")]
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
        };
        for test in ["#[test]\nfn f() {}", "#[tokio::test(flavor = \"x\")]\nasync fn f() {}"] {
            assert_eq!(
                faults(&files("[lib]\ntest = false\n", test)),
                ["a/src/x/y.rs: has tests, and a/Cargo.toml turns them off by `test = false`"]
            );
            assert!(faults(&files("[lib]\ndoctest = false\n", test)).is_empty());
        }
        assert!(faults(&files("[lib]\ntest = false\n", "fn f() {}")).is_empty());
    }
}

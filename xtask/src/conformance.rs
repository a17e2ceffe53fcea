//! `docs/conformance.md`: the suite over every backend of the repository, as a table that is committed.

use std::fs;
use std::path::PathBuf;

use crate::Result;
use crate::packages::Workspace;
use crate::step::{cargo, command, quiet, root, step};

const PAGE: &str = "docs/conformance.md";
const README: &str = "README.md";
/// The program that drives backends.
const DRIVER: &str = "mizan-conformance";
/// The backends and their programs.
const BACKENDS: [(&str, &str); 2] = [("actix", "conformance-actix"), ("axum", "conformance-axum")];
/// What is before the list of cases.
const CASES: &str = "## The cases\n\n";

/// Runs the suite and writes the page, or compares its groups and names with the program.
pub(crate) fn conformance(check: bool) -> Result {
    step("build the suite and the backends", || {
        let programs = BACKENDS.map(|(_, program)| program);
        let mut words = vec!["build", "--quiet", "--workspace", "--all-features", "--bin", DRIVER];
        words.extend(programs.iter().flat_map(|program| ["--bin", program]));
        quiet(cargo(&words)).map(drop)
    })?;
    if check { compare_built() } else { write() }
}

/// Compares by the program that is built already. Nothing of the suite runs: `cargo test` does that.
pub(crate) fn compare_built() -> Result {
    step("compare the page of the conformance suite", || {
        let known = fs::read_to_string(root().join(PAGE)).unwrap_or_default();
        let readme = fs::read_to_string(root().join(README)).unwrap_or_default();
        compare(&known, &readme, &cases()?)
    })
}

fn write() -> Result {
    let backends = BACKENDS
        .iter()
        .map(|(name, program)| Ok(format!("{name}={}", built(program)?.display())))
        .collect::<Result<Vec<_>>>()?;
    let driver = built(DRIVER)?;
    let driver = driver.to_string_lossy();
    let mut words = vec![&*driver, "--rust", "--markdown"];
    words.extend(backends.iter().flat_map(|backend| ["--command", backend]));
    let table = step("run the suite over every backend", || quiet(command(&words)))?;
    println!("{table}");
    let page = page(&table, &cases()?);
    fs::write(root().join(PAGE), page).map_err(|error| format!("{PAGE}: {error}"))
}

/// The cases by group, as the program lists them.
fn cases() -> Result<String> {
    quiet(command(&[&*built(DRIVER)?.to_string_lossy(), "--list"]))
}

fn built(program: &str) -> Result<PathBuf> {
    Ok(Workspace::read()?.target.join("debug").join(program))
}

fn page(table: &str, cases: &str) -> String {
    format!(
        "# The conformance suite\n\n\
         What `cargo xtask conformance` printed: each group of cases, and how many of them failed or were skipped for each \
         backend. [`protocol/conformance`](../protocol/conformance/README.md) says how to run the suite against another \
         backend, and [its contract](../protocol/conformance/CONTRACT.md) what that backend serves.\n\n\
         {table}\n{CASES}\
         Each name is a module and a promise, below the paragraph that it proves.\n\n{cases}"
    )
}

/// The names of the page are those of the program, and so are the numbers of the table and of the README.
fn compare(page: &str, readme: &str, cases: &str) -> Result {
    let again = "run `cargo xtask conformance`";
    if !page.ends_with(cases) || cases.is_empty() {
        return Err(format!("{PAGE}: the suite has other cases; {again}"));
    }
    let mut all = 0;
    for line in cases.lines() {
        let Some(heading) = line.strip_prefix("### ") else { continue };
        let (group, count) = heading.split_once(": ").unwrap_or_default();
        let count: usize = count.split(' ').next().unwrap_or_default().parse().unwrap_or_default();
        all += count;
        if !page.contains(&format!("| {group} | {count} |")) {
            return Err(format!("{PAGE}: `{group}` has {count} cases; {again}"));
        }
    }
    if !page.contains(&format!("| **all** | {all} |")) {
        return Err(format!("{PAGE}: there are {all} cases; {again}"));
    }
    if !readme.contains(&format!("{all} cases")) {
        return Err(format!("{README}: the suite has {all} cases, and no line has that number"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{compare, page};

    const TABLE: &str =
        "| group | cases |\n| a | 2 | 0 | 0 |\n| b | 1 | 0 | 0 |\n| **all** | 3 |\n";
    const CASES: &str = "### a: 2 cases\n\n- `x::y`\n- `x::z`\n\n### b: 1 case\n\n- `b::c`\n";

    #[test]
    fn a_page_holds_the_cases_that_the_program_lists() {
        let page = page(TABLE, CASES);
        assert_eq!(compare(&page, "it has 3 cases", CASES), Ok(()));
        let renamed = CASES.replace("x::z", "x::w");
        assert!(compare(&page, "it has 3 cases", &renamed).is_err());
        assert!(compare(&page, "it has 4 cases", CASES).is_err());
        assert!(compare("", "it has 3 cases", "").is_err());
    }

    #[test]
    fn a_table_with_other_numbers_is_refused() {
        let page = page(&TABLE.replace("| a | 2 |", "| a | 3 |"), CASES);
        assert!(compare(&page, "it has 3 cases", CASES).unwrap_err().contains("`a` has 2 cases"));
    }
}

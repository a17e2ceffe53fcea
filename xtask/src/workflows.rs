//! The workflows of CI against their schema, by check-jsonschema in an environment of its own.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::machine::Machine;
use crate::packages::Workspace;
use crate::step::{command, quiet, say, step};

/// The checker, with the schema in it: the check itself needs no network.
const CHECKER: &str = "check-jsonschema==0.39.0";
const FILE: &str = ".github/workflows/ci.yml";

/// Checks the workflows where Python is installed. The checker is fetched once.
pub(crate) fn where_possible(machine: &Machine) -> Result<bool> {
    check(machine, &Workspace::read()?.target)
}

/// Whether the file was checked.
fn check(machine: &Machine, target: &Path) -> Result<bool> {
    let Some(checker) = checker(machine, target) else { return Ok(false) };
    step("check the workflows of CI", || {
        let words = ["--builtin-schema", "vendor.github-workflows", FILE];
        quiet(command(&[&[&*checker.to_string_lossy()], &words[..]].concat()))
    })?;
    Ok(true)
}

/// The checker, installed below `target` if it is not yet. Without it the log contains why.
fn checker(machine: &Machine, target: &Path) -> Option<PathBuf> {
    let folder = target.join(CHECKER.replace("==", "-"));
    let program = folder.join("bin/check-jsonschema");
    if program.is_file() {
        return Some(program);
    }
    let not_checked = |why: &str| {
        say(&format!("! {FILE} is NOT checked: {why}"));
        None
    };
    let Some(python) = machine.find("python3") else {
        return not_checked("Python is missing (python3 and python3-venv on Debian)");
    };
    let install = || {
        let environment = folder.to_string_lossy();
        quiet(command(&[&python.to_string_lossy(), "-m", "venv", &environment]))?;
        let pip = folder.join("bin/pip");
        quiet(command(&[&pip.to_string_lossy(), "install", "--quiet", CHECKER]))
    };
    match step("install check-jsonschema", install) {
        Ok(_) => Some(program),
        Err(error) => not_checked(error.trim()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::check;
    use crate::fake::Fake;
    use crate::machine::Machine;

    /// A Python whose environments have a pip that installs a checker with this script.
    fn python(folder: &Fake, checker: &str) {
        let pip = folder.program("template/pip", "");
        let script = format!(
            "printf '#!/bin/sh\\n{checker}\\n' > $(dirname $0)/check-jsonschema\n\
             chmod +x $(dirname $0)/check-jsonschema"
        );
        folder.program("template/pip", &script);
        let pip = pip.display();
        folder.program("python3", &format!("mkdir -p $3/bin && cp {pip} $3/bin/pip"));
    }

    #[test]
    fn the_checker_is_installed_once_and_its_verdict_counts() {
        let folder = Fake::folder("workflows");
        let log = folder.path().join("log");
        python(&folder, &format!("echo $* >> {}", log.display()));
        let machine = Machine::only(folder.path());
        assert_eq!(check(&machine, folder.path()), Ok(true));
        fs::remove_file(folder.path().join("python3")).unwrap();
        assert_eq!(check(&machine, folder.path()), Ok(true));
        let line = "--builtin-schema vendor.github-workflows .github/workflows/ci.yml\n";
        assert_eq!(fs::read_to_string(log).unwrap(), line.repeat(2));
    }

    #[test]
    fn a_workflow_that_is_refused_is_a_failure() {
        let folder = Fake::folder("workflows-refused");
        python(&folder, "echo jobs is missing; exit 1");
        let error = check(&Machine::only(folder.path()), folder.path()).unwrap_err();
        assert!(error.contains("jobs is missing"), "{error}");
    }

    #[test]
    fn without_python_or_the_checker_the_run_goes_on() {
        let folder = Fake::folder("workflows-nothing");
        let machine = Machine::only(folder.path());
        assert_eq!(check(&machine, folder.path()), Ok(false));
        folder.program("python3", "echo no module named venv >&2; exit 1");
        assert_eq!(check(&machine, folder.path()), Ok(false));
    }
}

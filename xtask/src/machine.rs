//! What a machine has besides Rust: programs by name, installed with apt where they are missing.
//! Without apt a command names what to install and goes on with what is there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::programs::{self, Program};
use crate::step::{command, quiet, root, say, step};

/// The oldest Node that runs the tools.
const NODE: u32 = 20;

/// Where systems keep programs that the PATH of a user may lack.
const FOLDERS: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin"];

/// The folders in which programs are looked up, in order.
pub(crate) struct Machine {
    folders: Vec<PathBuf>,
}

impl Machine {
    /// This machine.
    pub(crate) fn here() -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
        folders.extend(FOLDERS.map(PathBuf::from));
        Self { folders }
    }

    /// A machine with the programs of one folder.
    #[cfg(test)]
    pub(crate) fn only(folder: &Path) -> Self {
        Self { folders: vec![folder.into()] }
    }

    /// Where a program is.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        self.folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file())
    }

    /// Finds one of the programs by which something is known.
    pub(crate) fn find_program(&self, program: &Program) -> Option<PathBuf> {
        program.found_as.iter().find_map(|name| self.find(name))
    }

    /// Finds something, or installs its package with apt. Without apt the log contains what to
    /// install, and the result is none.
    ///
    /// Where apt fails, this fails too: a machine that can have everything tests everything.
    pub(crate) fn obtain<T>(
        &self,
        program: &Program,
        find: impl Fn() -> Option<T>,
    ) -> Result<Option<T>> {
        if let Some(found) = find() {
            return Ok(Some(found));
        }
        let Some(apt) = self.find("apt-get") else {
            say(&format!("! {}", program.remedy()));
            return Ok(None);
        };
        self.install(&apt, program)?;
        find().map(Some).ok_or_else(|| program.remedy())
    }

    /// The same for what a command cannot go on without.
    pub(crate) fn need(&self, program: &Program) -> Result {
        match self.obtain(program, || self.find_program(program))? {
            Some(_) => Ok(()),
            None => Err(format!("{} is missing", program.name)),
        }
    }

    fn install(&self, apt: &Path, program: &Program) -> Result {
        let apt = apt.to_string_lossy();
        step(&format!("install {}", program.debian), || {
            quiet(command(&[&apt, "update", "-qq"])).map_err(|_| program.remedy())?;
            let mut install = command(&[&apt, "install", "-y", "-qq", "--no-install-recommends"]);
            install.args(program.debian.split(' '));
            // A package with a service would start it, and the tests start servers of their own: in
            // this run level there are none.
            install.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
            let remedy = |error| format!("{}\n{error}", program.remedy());
            quiet(install).map(drop).map_err(remedy)
        })
    }
}

/// Checks Node and installs the packages that the lock file names, if it has changed since.
pub(crate) fn node_packages() -> Result {
    let version = quiet(command(&["node", "--version"])).map_err(|_| programs::NODE.remedy())?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        return Err(format!("Node {} is too old: install Node {NODE} or newer", version.trim()));
    }
    let lock = fs::read(root().join("package-lock.json"))
        .map_err(|error| format!("package-lock.json: {error}"))?;
    let stamp = root().join("node_modules/.mizan-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step("install npm packages", || quiet(command(&["npm", "ci", "--no-audit", "--no-fund"])))?;
    fs::write(stamp, lock).map_err(|error| format!("node_modules: {error}"))
}

/// Finds Bun as workers do: by `MIZAN_BUN`, in the npm packages, or on the PATH.
pub(crate) fn bun(machine: &Machine) -> Option<PathBuf> {
    if let Some(named) = env::var_os("MIZAN_BUN").filter(|name| !name.is_empty()) {
        return Some(named.into());
    }
    let packages = fs::read_dir(root().join("node_modules/@oven")).into_iter().flatten().flatten();
    let file = format!("bin/bun{}", env::consts::EXE_SUFFIX);
    let mut packaged = packages.map(|package| package.path().join(&file));
    packaged.find(|program| program.is_file()).or_else(|| machine.find("bun"))
}

/// Finds Chromium, or installs Debian's. `CHROMIUM` in the environment names another one.
pub(crate) fn chromium(machine: &Machine) -> Result<Option<PathBuf>> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return if path.is_file() {
            Ok(Some(path))
        } else {
            Err(format!("CHROMIUM names {}, which is not a file", path.display()))
        };
    }
    let elsewhere = || programs::BROWSERS.iter().map(PathBuf::from).find(|path| path.is_file());
    let program = &programs::CHROMIUM;
    machine.obtain(program, || machine.find_program(program).or_else(elsewhere))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::Machine;
    use crate::fake::Fake;
    use crate::programs::{CHROMIUM, REDIS};

    #[test]
    fn without_apt_the_command_goes_on() {
        let folder = Fake::folder("no-apt");
        let machine = Machine::only(folder.path());
        assert_eq!(machine.obtain(&REDIS, || machine.find_program(&REDIS)), Ok(None));
        assert_eq!(machine.obtain(&CHROMIUM, || machine.find_program(&CHROMIUM)), Ok(None));
        assert_eq!(machine.need(&REDIS), Err("redis-server is missing".into()));
    }

    #[test]
    fn what_is_there_is_not_installed() {
        let folder = Fake::folder("there");
        folder.program("apt-get", "exit 1");
        let redis = folder.program("redis-server", "");
        let machine = Machine::only(folder.path());
        assert_eq!(machine.obtain(&REDIS, || machine.find_program(&REDIS)), Ok(Some(redis)));
    }

    #[test]
    fn with_apt_the_package_is_installed() {
        let folder = Fake::folder("apt");
        let path = folder.path().display();
        folder.program("apt-get", &format!(r#"echo "$*" >> {path}/log; touch {path}/$5"#));
        let machine = Machine::only(folder.path());
        let redis = folder.path().join("redis-server");
        assert_eq!(machine.obtain(&REDIS, || machine.find_program(&REDIS)), Ok(Some(redis)));
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        assert_eq!(log, "update -qq\ninstall -y -qq --no-install-recommends redis-server\n");
    }

    #[test]
    fn an_apt_that_fails_is_a_failure() {
        let folder = Fake::folder("apt-fails");
        folder.program("apt-get", "[ $1 = update ] || { echo no space >&2; exit 100; }");
        let machine = Machine::only(folder.path());
        let error = machine.obtain(&REDIS, || machine.find_program(&REDIS)).unwrap_err();
        assert!(error.starts_with("redis-server is missing."), "{error}");
        assert!(error.contains("no space"), "{error}");
    }

    #[test]
    fn an_apt_that_installs_something_else_is_a_failure() {
        let folder = Fake::folder("apt-lies");
        folder.program("apt-get", "");
        let machine = Machine::only(folder.path());
        let error = machine.need(&REDIS).unwrap_err();
        assert!(error.starts_with("redis-server is missing."), "{error}");
    }
}

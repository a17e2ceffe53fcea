//! A PostgreSQL of our own, for the tests: installed where it is missing, on a free port, with its
//! files in a folder that is removed.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;
use crate::machine::Machine;
use crate::programs::POSTGRES;
use crate::step::{command, quiet, step};

/// Where Debian keeps the programs of each version, and where Homebrew does.
const VERSIONS: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

/// A server that is stopped when this is dropped.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    /// Where it is reached, with the right to create databases.
    pub(crate) url: String,
}

impl Postgres {
    /// Starts one, or none where it is missing and cannot be installed.
    pub(crate) fn start(machine: &Machine) -> Result<Option<Self>> {
        let Some(programs) = machine.obtain(&POSTGRES, || programs(machine))? else {
            return Ok(None);
        };
        let server = step("start PostgreSQL", || {
            let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
            let port = port.map_err(|error| format!("no free port: {error}"))?.port();
            // Not below the repository: its server refuses to run as root, and its user may not see
            // our folders; and the path of its socket may not be long.
            let folder =
                std::env::temp_dir().join(format!("mizan-postgres-{}", std::process::id()));
            let server = Self {
                programs,
                folder,
                url: format!("postgres://souk@127.0.0.1:{port}/postgres"),
            };
            server.initialize(port)?;
            Ok(server)
        })?;
        Ok(Some(server))
    }

    fn initialize(&self, port: u16) -> Result {
        fs::create_dir_all(&self.folder)
            .map_err(|error| format!("{}: {error}", self.folder.display()))?;
        let folder = self.folder.display();
        if is_root() {
            quiet(command(&["chown", "postgres:", &folder.to_string()]))?;
        }
        let data = format!("{folder}/data");
        let words =
            ["-D", &data, "-U", "souk", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
        quiet(self.program("initdb", &words))?;
        let log = format!("{folder}/log");
        let options =
            format!("-p {port} -h 127.0.0.1 -c unix_socket_directories={folder} -c fsync=off");
        let mut start = self.program(
            "pg_ctl",
            &["-D", &data, "-l", &log, "-w", "-t", "30", "-o", &options, "start"],
        );
        // The server keeps what it inherits open, so a pipe would never end.
        let status =
            start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            _ => Err(format!(
                "PostgreSQL did not start\n{}",
                fs::read_to_string(log).unwrap_or_default()
            )),
        }
    }

    /// One of its programs, as a user that may run it.
    fn program(&self, name: &str, words: &[&str]) -> Command {
        let path = self.programs.join(name).display().to_string();
        let mut all: Vec<&str> =
            if is_root() { vec!["runuser", "-u", "postgres", "--"] } else { Vec::new() };
        all.push(&path);
        all.extend(words);
        let mut program = command(&all);
        program.current_dir("/");
        program
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.join("data").display().to_string();
        // What cannot be stopped or removed stays, in the folder for temporary files.
        let _ = quiet(self.program("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]));
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    quiet(command(&["id", "-u"])).is_ok_and(|id| id.trim() == "0")
}

/// The folder with the programs of the newest version that is installed, or that of `initdb`.
fn programs(machine: &Machine) -> Option<PathBuf> {
    let installed = VERSIONS.iter().find_map(|folder| newest(Path::new(folder)));
    installed.or_else(|| Some(machine.find_program(&POSTGRES)?.parent()?.to_owned()))
}

/// The newest of the versions in a folder: `15` for Debian, `postgresql@15` for Homebrew.
fn newest(folder: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let number = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("postgresql@").unwrap_or(name).parse::<u32>().ok()
    };
    let newest = versions
        .filter(|path| path.join("bin/initdb").is_file())
        .max_by_key(|path| number(path))?;
    Some(newest.join("bin"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::newest;
    use crate::fake::Fake;

    #[test]
    fn the_newest_version_is_found_on_debian_and_with_homebrew() {
        for (name, prefix) in [("debian", ""), ("homebrew", "postgresql@")] {
            let folder = Fake::folder(name);
            assert_eq!(newest(folder.path()), None);
            for version in ["9", "16", "15"] {
                folder.program(&format!("{prefix}{version}/bin/initdb"), "");
            }
            let expected = folder.path().join(format!("{prefix}16/bin"));
            assert_eq!(newest(folder.path()), Some(expected));
        }
    }
}

//! Drives backends through the suite: by commands that start them, or by an address.

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;

use mizan_conformance::backend::{Application, Backend};
use mizan_conformance::{case, runner};

const USAGE: &str = "\
usage: mizan-conformance (--command [NAME=]COMMAND | --url [NAME=]URL)… [OPTION]… [FILTER]…

  --command        starts the backend; `CONTRACT.md` says with which environment
  --url            takes the application `conformance` that runs there already
  --applications   which applications a command starts: conformance,cache,identity,lists,probe
  --rust           the backends are built on the Rust core: their command line is judged as well
  --group GROUP    only the cases of this group
  --markdown       prints the table of backends and groups, and nothing else, on standard output
  --list           prints the groups with their cases, in Markdown, and runs nothing
  --test-threads N, --exact, --skip FILTER as in `cargo test`; Redis is used if it is on the path";

/// What the words ask for.
#[derive(Default)]
struct Words {
    backends: Vec<Backend>,
    applications: Option<Vec<Application>>,
    is_rust: bool,
    groups: Vec<String>,
    markdown: bool,
    list: bool,
    rest: Vec<String>,
}

impl Words {
    fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word}: no value"));
            match word.as_str() {
                "--command" => {
                    let (name, command) = named(&value()?, "command");
                    read.backends.push(Backend::command(name, command));
                }
                "--url" => {
                    let (name, url) = named(&value()?, "url");
                    read.backends.push(Backend::address(name, address(&url)?));
                }
                "--applications" => read.applications = Some(applications(&value()?)?),
                "--group" => read.groups.push(value()?),
                "--rust" => read.is_rust = true,
                "--markdown" => read.markdown = true,
                "--list" => read.list = true,
                _ => read.rest.push(word),
            }
        }
        Ok(read)
    }

    /// The backends with what was said of all of them.
    fn backends(&self) -> Vec<Backend> {
        let complete = |backend: &Backend| {
            let mut backend = backend.clone();
            if let Some(applications) = &self.applications {
                backend = backend.with_applications(applications.clone());
            }
            if self.is_rust { backend.on_the_rust_core() } else { backend }
        };
        self.backends.iter().map(complete).collect()
    }
}

/// `name=value`, or a value under a name for all.
fn named(text: &str, name: &str) -> (String, String) {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => (name.into(), value.into()),
        _ => (name.into(), text.into()),
    }
}

fn address(url: &str) -> Result<SocketAddr, String> {
    let host = url.strip_prefix("http://").ok_or_else(|| format!("{url}: not a `http://` URL"))?;
    let host = host.trim_end_matches('/');
    let with_port = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let mut addresses = with_port.to_socket_addrs().map_err(|error| format!("{url}: {error}"))?;
    addresses.next().ok_or_else(|| format!("{url}: no address"))
}

fn applications(text: &str) -> Result<Vec<Application>, String> {
    let one = |name: &str| Application::named(name).ok_or_else(|| format!("no `{name}`"));
    text.split(',').map(one).collect()
}

fn main() -> ExitCode {
    match driven() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("{fault}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything holds.
fn driven() -> Result<bool, String> {
    let words = Words::read(std::env::args().skip(1))?;
    let is_wanted =
        |group: &str| words.groups.is_empty() || words.groups.iter().any(|g| g == group);
    let cases: Vec<_> = case::all().into_iter().filter(|case| is_wanted(case.group)).collect();
    if words.list {
        print!("{}", runner::cases_of_groups(&cases));
        return Ok(true);
    }
    let backends = words.backends();
    if backends.is_empty() {
        return Err("no backend: say `--command` or `--url`".into());
    }
    let options = runner::Options::read(words.rest.iter().cloned())?;
    let report = runner::drive(&backends, &cases, &options);
    if words.markdown {
        print!("{}", report.table());
    } else {
        println!("\n{}", report.table());
    }
    Ok(report.holds())
}

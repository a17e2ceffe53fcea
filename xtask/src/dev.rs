//! Work on an application: a server that is built again at every save, behind an address that
//! stays, and a page that follows.
//!
//! The new server starts before the old one stops. A build or a start that fails leaves everything
//! as it was: server, client and page.

mod group;
mod proxy;
mod server;
mod sources;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::step::{announce, cargo, quiet, root, step};
use crate::{Result, machine};

use group::Group;
use proxy::Target;
use server::Server;
use sources::Sources;

/// The first ports that are tried.
const API: u16 = 8080;
const PAGE: u16 = 5173;
const LOOK: Duration = Duration::from_millis(200);
/// How long two servers serve: a connection may be on its way to the previous one.
const OVERLAP: Duration = Duration::from_millis(150);
const VITE_STARTS: Duration = Duration::from_secs(30);

/// What is worked on, and what runs of it.
struct Dev {
    name: String,
    folder: PathBuf,
    target: Arc<Target>,
    server: Option<Server>,
    /// Touched when a new server serves; the page reloads then.
    reload: PathBuf,
}

/// Builds, serves and follows one of the examples, or the application of a folder, until Ctrl-C.
pub(crate) fn dev(what: &str) -> Result {
    let folder = find(what)?;
    let (listener, api) = hold(API)?;
    let reload = root().join(format!("target/dev/{api}.reload"));
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut dev = Dev { name, folder, target: Arc::default(), server: None, reload };
    dev.touch()?;
    proxy::serve(listener, &dev.target);
    let mut sources = Sources::new(&dev.folder);
    if let Err(error) = dev.renew("") {
        println!("{error}\n! the page does not change until that is fixed");
    }
    let api = format!("http://127.0.0.1:{api}");
    let mut page = match dev.page(&api) {
        Ok((group, address)) => {
            announce(&[
                format!("{} is at {address}", dev.name),
                format!("its API is at {api}/api/mizan/"),
                "both follow every save; Ctrl-C stops them".into(),
            ]);
            Some(group)
        }
        Err(error) => {
            println!("! no page: {error}");
            announce(&[format!("the API of {} is at {api}/api/mizan/", dev.name)]);
            None
        }
    };
    loop {
        thread::sleep(LOOK);
        if page.as_mut().is_some_and(Group::has_ended) {
            return Err("Vite ended".into());
        }
        if dev.server.as_mut().is_some_and(Server::has_ended) {
            println!("! the server ended; it starts again with the next save");
            dev.target.set(None);
            dev.server = None;
        }
        if let Some(changed) = sources.changed()
            && let Err(error) = dev.renew(&format!("{changed} changed: "))
        {
            println!("{error}");
        }
    }
}

impl Dev {
    /// Builds the server, and replaces what serves if there is something new.
    fn renew(&mut self, reason: &str) -> Result {
        let kept = if self.server.is_some() { "\n! the previous server goes on" } else { "" };
        let keep = |error: String| format!("{}{kept}", error.trim_end());
        let built = step(&format!("{reason}build the server"), || server::build(&self.folder));
        let built = built.map_err(keep)?;
        print!("{}", built.warnings);
        let replace = !built.fresh || self.server.is_none();
        if replace {
            let new = step("start the server", || Server::start(&built.executable, &self.folder));
            let new = new.map_err(keep)?;
            self.target.set(Some(new.address));
            if let Some(old) = self.server.replace(new) {
                thread::spawn(move || retire(old));
            }
        }
        let generated = if self.folder.join("client/mizan.toml").is_file() {
            step("generate the client", || quiet(generator(&self.folder)).map(drop))
        } else {
            Ok(())
        };
        if replace {
            self.touch()?;
        }
        generated.map_err(|error| format!("{}\n! the last client stays", error.trim_end()))
    }

    fn touch(&self) -> Result {
        let write = |path: &Path| {
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            fs::write(path, format!("{:?}\n", std::time::SystemTime::now()))
        };
        write(&self.reload).map_err(|error| format!("{}: {error}", self.reload.display()))
    }

    /// Starts Vite, and waits until it answers.
    fn page(&self, api: &str) -> Result<(Group, String)> {
        machine::node_packages()?;
        let (listener, port) = hold(PAGE)?;
        drop(listener);
        let mut vite = group::guarded(&["npm", "run", "--silent", "dev", "--"]);
        vite.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--strictPort"])
            .args(["--logLevel", "warn", "--clearScreen", "false"])
            .current_dir(self.folder.join("client"))
            .env("MIZAN_DEV_API", api)
            .env("MIZAN_DEV_RELOAD", &self.reload);
        step("start Vite", || {
            let mut group = Group::start(vite)?;
            let start = Instant::now();
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                if group.has_ended() || start.elapsed() > VITE_STARTS {
                    return Err("`npm run dev` did not start".into());
                }
                thread::sleep(LOOK);
            }
            Ok((group, format!("http://127.0.0.1:{port}")))
        })
    }
}

/// Stops a server. Connected clients get a response.
fn retire(old: Server) {
    thread::sleep(OVERLAP);
    drop(old);
}

fn find(what: &str) -> Result<PathBuf> {
    let folder = match what {
        "hello" | "souk" => root().join("examples").join(what),
        path => PathBuf::from(path),
    };
    let known = folder.join("Cargo.toml").is_file();
    let folder = fs::canonicalize(&folder).ok().filter(|_| known);
    folder.ok_or(format!("{what} is neither hello nor souk, nor a folder with a Cargo.toml"))
}

/// The generator of this repository, on the configuration of the application.
fn generator(folder: &Path) -> Command {
    let mut command = cargo(&["run", "--quiet", "-p", "mizan-generate", "--", "--config"]);
    command.arg(folder.join("client/mizan.toml"));
    command
}

/// The first free port from here on, and what holds it.
fn hold(first: u16) -> Result<(TcpListener, u16)> {
    let bind = |port| TcpListener::bind(("127.0.0.1", port)).ok().map(|held| (held, port));
    let (listener, port) = (first..first + 100)
        .find_map(bind)
        .ok_or(format!("no port between {first} and {} is free", first + 99))?;
    if port != first {
        println!("! port {first} is taken, so this is port {port}");
    }
    Ok((listener, port))
}

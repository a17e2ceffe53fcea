//! Two processes of the market on one file, with the two Redis servers of `docs/deploy`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use mizan_faults::process::{Folder, Process, free_port};
use mizan_faults::resp::Client;

use crate::{PATIENCE, browser, files};

/// Everything that runs behind a proxy.
pub(crate) struct Market {
    processes: [Mutex<Option<Process>>; 2],
    _redis: [Process; 2],
    pub(crate) ports: [u16; 2],
    /// Where the proxy has to listen: without TLS, and with it.
    pub(crate) http: u16,
    pub(crate) https: u16,
    environment: Vec<(String, String)>,
    folder: Folder,
}

impl Market {
    pub(crate) fn start() -> Self {
        let folder = Folder::new("mizan-deploy").unwrap();
        let ports: Vec<u16> = (0..6).map(|number| free_port(number * 7919).unwrap()).collect();
        let [cache, sessions, one, other, http, https] = ports[..] else { panic!("{ports:?}") };
        let market = Self {
            processes: [Mutex::new(None), Mutex::new(None)],
            _redis: [
                redis(folder.path(), "redis-cache.conf", cache),
                redis(folder.path(), "redis-sessions.conf", sessions),
            ],
            ports: [one, other],
            http,
            https,
            environment: files::environment(&format!("https://localhost:{https}"), cache, sessions),
            folder,
        };
        // The first one fills the database.
        [0, 1].into_iter().for_each(|process| market.start_process(process));
        market
    }

    /// Where browsers find the market, by a proxy.
    pub(crate) fn origin(&self) -> String {
        origin(self.https)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where one process is reached without the proxy.
    pub(crate) fn url(&self, process: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[process])
    }

    /// Starts one process and waits until it is ready.
    pub(crate) fn start_process(&self, process: usize) {
        let log = self.log(process);
        let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
        command
            .current_dir(self.folder())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("MIZAN_ADDR", format!("127.0.0.1:{}", self.ports[process]))
            .env("SOUK_DB", self.folder().join("souk.db"));
        let mut running = start(command, self.folder(), &log);
        wait_until(&log, || {
            assert!(!running.has_ended(), "{}", fs::read_to_string(&log).unwrap());
            browser::status(&format!("{}/readyz", self.url(process)), None) == Some(200)
        });
        *self.processes[process].lock().unwrap() = Some(running);
    }

    /// Asks one process to stop, as systemd does. [`Market::ended`] waits for its end.
    pub(crate) fn terminate(&self, process: usize) {
        self.processes[process].lock().unwrap().as_ref().unwrap().signal("TERM").unwrap();
    }

    /// Waits for the end of a process that was asked to stop: without an error.
    pub(crate) fn ended(&self, process: usize) {
        let mut running = self.processes[process].lock().unwrap().take().unwrap();
        let status = running.wait(PATIENCE).unwrap();
        let log = fs::read_to_string(self.log(process)).unwrap();
        assert!(status.success(), "{status}\n{log}");
    }

    /// What one process has written.
    pub(crate) fn log(&self, process: usize) -> PathBuf {
        self.folder().join(format!("souk-{process}.log"))
    }
}

fn origin(https: u16) -> String {
    format!("https://localhost:{https}")
}

/// A Redis with a file of `docs/deploy`, on another port and in another folder.
fn redis(folder: &Path, file: &str, port: u16) -> Process {
    let data = folder.join(format!("{file}.data"));
    fs::create_dir(&data).unwrap();
    let config = folder.join(file);
    fs::write(&config, files::deployed(file, &[])).unwrap();
    let program = mizan_faults::process::find("redis-server").expect("redis-server is installed");
    let mut command = Command::new(program);
    command.arg(config).args(["--port", &port.to_string(), "--dir"]).arg(&data);
    let log = folder.join(format!("{file}.log"));
    let mut process = start(command, folder, &log);
    wait_until(&log, || {
        assert!(!process.has_ended(), "{}", fs::read_to_string(&log).unwrap());
        let client = Client::connect(([127, 0, 0, 1], port).into(), Duration::from_secs(1));
        client.and_then(|mut client| client.call(&["PING"])?.accepted()).is_ok()
    });
    process
}

/// Starts a program whose output is in a file.
pub(crate) fn start(mut command: Command, folder: &Path, log: &Path) -> Process {
    let output = File::create(log).unwrap();
    let errors = output.try_clone().unwrap();
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    Process::start(command, folder).unwrap()
}

/// Waits until something holds; the log explains why it does not.
pub(crate) fn wait_until(log: &Path, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{}", fs::read_to_string(log).unwrap());
        std::thread::sleep(Duration::from_millis(5));
    }
}

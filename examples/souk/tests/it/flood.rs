//! Many sign-ins at once, against the running server: its memory is bounded, too many are refused in the way a
//! client understands, and requests of others are answered.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use souk::password::{AT_ONCE, WAITING};

/// The areas for checks take 76 MiB of it.
const MOST_MIB: u64 = 256;
const ROUNDS: usize = 3;
const AT_A_TIME: usize = 150;

/// The server in a process of its own, ended with the test.
struct Server {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
        command.env("SOUK_DB", folder.path().join("souk.db")).env("MIZAN_ADDR", "127.0.0.1:0");
        command.env_remove("DATABASE_URL").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address =
            lines.find_map(|line| line.split_once("http://")?.1.trim_end_matches('/').parse().ok());
        thread::spawn(move || lines.for_each(drop));
        Self { process, address: address.unwrap(), _folder: folder }
    }

    /// Sends a request; the whole response.
    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!(
            "GET /api/mizan/{path} HTTP/1.1\r\nhost: souk\r\nconnection: close\r\n\r\n"
        ))
    }

    fn sign_in(&self, cookie: &str, token: &str, name: &str) -> String {
        let body = format!(r#"{{"fn":"sign_in","args":{{"name":"{name}","password":"a guess"}}}}"#);
        self.send(&format!(
            "POST /api/mizan/call/ HTTP/1.1\r\nhost: souk\r\nconnection: close\r\ncontent-type: application/json\r\n\
             sec-fetch-site: same-origin\r\ncookie: {cookie}\r\nx-csrftoken: {token}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// The most memory that the process has had in RAM.
    fn peak_mib(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn many_sign_ins_at_once_take_bounded_memory_and_refuse_no_one_else() {
    let server = Server::start();
    let session = server.get("session/");
    let cookie = session.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let (_, token) = session.split_once(r#""csrfToken":""#).unwrap();
    let token = token.split('"').next().unwrap();

    let (mut wrong, mut refused) = (0, 0);
    let is_over = AtomicBool::new(false);
    let waits = thread::scope(|scope| {
        let others = scope.spawn(|| {
            let mut waits = vec![];
            while !is_over.load(Ordering::Relaxed) {
                let start = Instant::now();
                let response = server.get("ctx/hall/");
                assert!(
                    response.starts_with("HTTP/1.1 200 "),
                    "another caller is refused: {response}"
                );
                waits.push(start.elapsed());
            }
            waits
        });
        let factor = std::env::var("MIZAN_CONFORMANCE_DEEP").ok();
        let factor: usize = factor.and_then(|factor| factor.parse().ok()).unwrap_or(1);
        for round in 0..ROUNDS * factor {
            let attempts: Vec<_> = (0..AT_A_TIME)
                .map(|at| {
                    let server = &server;
                    scope.spawn(move || server.sign_in(cookie, token, &format!("n{round}-{at}")))
                })
                .collect();
            for response in attempts.into_iter().map(|attempt| attempt.join().unwrap()) {
                match response.get(9..12) {
                    Some("401") => wrong += 1,
                    Some("503") => {
                        refused += 1;
                        assert!(
                            response.to_lowercase().contains("\r\nretry-after: "),
                            "{response}"
                        );
                        assert!(response.contains("too many people sign in"), "{response}");
                    }
                    _ => panic!("{response}"),
                }
            }
        }
        is_over.store(true, Ordering::Relaxed);
        others.join().unwrap()
    });
    let (peak, slowest) = (server.peak_mib(), waits.iter().max().unwrap());
    println!(
        "{wrong} checked, {refused} refused; others: {} reads, slowest {slowest:?}; peak {peak} MiB",
        waits.len()
    );
    assert!(wrong >= AT_ONCE + WAITING, "only {wrong} of those that there is room for are checked");
    assert!(refused > 0, "the queue has no end");
    assert!(waits.len() > 20, "others were answered {} times only", waits.len());
    assert!(peak < MOST_MIB, "it took {peak} MiB");
}

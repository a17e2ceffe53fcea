//! Nothing of a test outlives it, however it ends.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use mizan_faults::redis::RedisServer;

use crate::support::{LONG, SHORT, until};

/// Set where this program runs to be killed.
const VICTIM: &str = "MIZAN_FAULTS_VICTIM";

fn folder(server: &RedisServer) -> PathBuf {
    server
        .command(&["CONFIG", "GET", "dir"])
        .map(|reply| {
            let mizan_faults::resp::Reply::Array(words) = reply else { panic!("{reply:?}") };
            words[1].text().unwrap().into()
        })
        .unwrap()
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_dropped_server_leaves_no_process_and_no_folder() {
    let server = RedisServer::start().unwrap();
    let (address, folder) = (server.address(), folder(&server));
    assert!(folder.join("log").is_file());
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    assert!(!folder.exists());
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_killed_test_leaves_no_process_and_no_folder() {
    if env::var_os(VICTIM).is_some() {
        let server = RedisServer::start().unwrap();
        server.pause().unwrap();
        server.resume().unwrap();
        println!("\n{VICTIM} {} {}", server.address(), folder(&server).display());
        // A server that is stopped ends as well.
        server.pause().unwrap();
        thread::sleep(Duration::from_secs(60));
        return;
    }
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--nocapture", "--exact"])
        .arg("orphan::a_killed_test_leaves_no_process_and_no_folder")
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let line = lines.map_while(Result::ok).find(|line| line.starts_with(VICTIM)).unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let (address, folder): (SocketAddr, PathBuf) = (words[1].parse().unwrap(), words[2].into());
    assert!(TcpStream::connect_timeout(&address, LONG).is_ok() && fs::exists(&folder).unwrap());
    // The whole group at once, as a time limit does.
    let group = format!("-{}", victim.id());
    let killed = Command::new("sh").args(["-c", r#"kill -s KILL -- "$1""#, "sh", &group]).status();
    assert!(killed.unwrap().success());
    victim.wait().unwrap();
    until("the server is gone", || TcpStream::connect_timeout(&address, SHORT).is_err());
    until("the folder is gone", || !folder.exists());
}

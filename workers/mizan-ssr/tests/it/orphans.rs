//! No worker outlives its application, however that ends.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mizan_ssr::WorkerCommand;
use serde_json::json;

use crate::support::{any_is_alive, html, number, pid, render, start, until};

/// Set where this program runs to be killed.
const VICTIM: &str = "MIZAN_SSR_VICTIM";
const TIMES: usize = 20;
/// As many at one time as a small machine can start.
const AT_ONCE: usize = 5;

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_killed_application_leaves_no_worker_on_node() {
    orphans("a_killed_application_leaves_no_worker_on_node", crate::support::node).await;
}

#[tokio::test]
#[ignore = "needs bun: cargo xtask test"]
async fn a_killed_application_leaves_no_worker_on_bun() {
    orphans("a_killed_application_leaves_no_worker_on_bun", crate::support::bun).await;
}

async fn orphans(name: &str, command: fn() -> WorkerCommand) {
    if std::env::var_os(VICTIM).is_some() {
        victim(command()).await;
        return;
    }
    let (mut seen, mut slowest) = (0, Duration::ZERO);
    for _ in 0..TIMES / AT_ONCE {
        let victims: Vec<_> = (0..AT_ONCE).map(|_| spawn(name)).collect();
        let mut workers = Vec::new();
        for (mut victim, mut lines) in victims {
            let line =
                lines.by_ref().map_while(Result::ok).find(|line| line.starts_with(VICTIM)).unwrap();
            workers.extend(line.split(' ').skip(1).map(number));
            victim.kill().unwrap();
            victim.wait().unwrap();
        }
        let begin = Instant::now();
        until("no worker is left", || !any_is_alive(&workers)).await;
        slowest = slowest.max(begin.elapsed());
        seen += workers.len();
    }
    println!("{TIMES} applications killed: 0 of {seen} workers left, after {slowest:?}");
    // Below a second, where the machine has time for them.
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
}

type Lines = std::io::Lines<BufReader<std::process::ChildStdout>>;

fn spawn(name: &str) -> (std::process::Child, Lines) {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--nocapture", "--exact", &format!("orphans::{name}")])
        .env(VICTIM, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    (victim, lines)
}

/// Has one worker that is idle and one that never comes back from its component.
async fn victim(command: WorkerCommand) {
    let renderer = start(command, |builder| builder.deadline(Duration::from_secs(60))).await;
    until("both are ready", || renderer.counts().ready == 2).await;
    let (first, mut second) = (pid(&renderer).await, pid(&renderer).await);
    while first == second {
        second = pid(&renderer).await;
    }
    let hang = renderer.clone();
    tokio::spawn(async move { render(&hang, "Hang", json!({})).await });
    html(&renderer, "Wait", json!({ "text": "x", "ms": 50 })).await;
    println!("\n{VICTIM} {} {}", first.as_raw_nonzero(), second.as_raw_nonzero());
    tokio::time::sleep(Duration::from_secs(60)).await;
}

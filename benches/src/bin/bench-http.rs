//! Bundled reads and mutations, beside hand-written actix-web with serde and the same JSON.
//!
//! One worker each, 64 connections, the sides taking turns; the figure is requests per CPU-second
//! of the server, as a ratio to the hand-written one.

use std::io::{self, Write};
use std::time::Duration;

use mizan_bench::load::load;
use mizan_bench::process::Server;
use mizan_bench::sample::{READ, call, functions};
use mizan_bench::{hand_written, median, spread};
use mizan_core::Mizan;

const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 64;

async fn ours() -> io::Result<()> {
    let mizan = Mizan::builder().functions(functions()).build().map_err(io::Error::other)?;
    mizan_actix::Server::new(mizan).workers(1).run("127.0.0.1:0").await
}

fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("hand-written") => mizan_actix::block_on(hand_written::plain()),
        Some("ours") => mizan_actix::block_on(ours()),
        _ => measure(),
    }
}

/// What one side did in each round.
#[derive(Default)]
struct Side {
    per_cpu: Vec<f64>,
    p99: Vec<f64>,
}

fn measure() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (theirs, ours) = (Server::start("hand-written")?, Server::start("ours")?);
    std::thread::sleep(Duration::from_millis(300));
    println!(
        "memory at rest, MB: hand-written {:.1}, ours {:.1} (aim ≤ 12)",
        theirs.memory()?,
        ours.memory()?
    );
    let call = call();
    for (row, request, aim) in
        [("bundled read, no cache", READ, 0.92), ("mutation with invalidation", &call, 0.90)]
    {
        let mut sides = [Side::default(), Side::default()];
        for round in 0..=ROUNDS {
            for (side, server) in sides.iter_mut().zip([&theirs, &ours]) {
                let before = server.cpu()?;
                let mut seen =
                    runtime.block_on(load(server.address, request, CONNECTIONS, TIME))?;
                let used = server.cpu()? - before;
                // The first round warms up.
                if round > 0 {
                    side.per_cpu.push(seen.answers as f64 / used);
                    side.p99.push(seen.p99());
                }
            }
            print!(".");
            io::stdout().flush()?;
        }
        let [theirs, ours] = &sides;
        let ratios: Vec<f64> =
            ours.per_cpu.iter().zip(&theirs.per_cpu).map(|(ours, theirs)| ours / theirs).collect();
        println!(
            "\r{row}: {:.2} of hand-written (aim ≥ {aim:.2}; spread {:.0} %); {:.2} against {:.2} µs of CPU a request",
            median(ratios.clone()),
            spread(&ratios),
            1e6 / median(ours.per_cpu.clone()),
            1e6 / median(theirs.per_cpu.clone()),
        );
        println!(
            "  p99 {:.0} against {:.0} µs, {:.2} (aim ≤ 1.25)",
            median(ours.p99.clone()),
            median(theirs.p99.clone()),
            median(ours.p99.clone()) / median(theirs.p99.clone()),
        );
    }
    Ok(())
}

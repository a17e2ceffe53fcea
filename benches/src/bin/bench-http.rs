//! Bundled reads and mutations, beside hand-written actix-web, and hand-written axum, with serde and the same JSON.
//!
//! One worker each, 64 connections, the sides taking turns; the figure is requests per CPU-second
//! of the server, as a ratio to the hand-written one. Then one request where there could be several:
//! a batch, and a mutation that brings its own refresh, on one server with the memory cache.

use std::io::{self, Write};
use std::time::Duration;

use mizan_bench::load::{load, repeat};
use mizan_bench::process::Server;
use mizan_bench::sample::{READ, batch, call, call_with_refresh, functions, reads};
use mizan_bench::{hand_written, hand_written_axum, median, spread};
use mizan_core::{Mizan, Secret};

const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 64;
/// Entries of the batch.
const ENTRIES: usize = 12;
const SECRET: &str = "a-secret-for-the-bench-0123456789abcdef";

fn ours(cached: bool) -> io::Result<Mizan> {
    let builder = Mizan::builder().functions(functions());
    let builder = if cached {
        builder.cache_secret(Secret::new(SECRET).map_err(io::Error::other)?)
    } else {
        builder.no_cache()
    };
    builder.build().map_err(io::Error::other)
}

async fn on_actix(cached: bool) -> io::Result<()> {
    mizan_actix::Server::new(ours(cached)?).workers(1).run("127.0.0.1:0").await
}

async fn on_axum() -> io::Result<()> {
    mizan_axum::Server::new(ours(false)?).workers(1).run("127.0.0.1:0").await
}

fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("hand-written") => mizan_actix::block_on(hand_written::plain()),
        Some("ours") => mizan_actix::block_on(on_actix(false)),
        Some("cached") => mizan_actix::block_on(on_actix(true)),
        Some("axum-hand-written") => hand_written_axum::plain(),
        Some("axum-ours") => mizan_axum::block_on(on_axum()),
        _ => {
            measure("actix-web", "")?;
            measure("axum", "axum-")?;
            measure_trips()
        }
    }
}

/// What one side did in each round.
#[derive(Default)]
struct Side {
    per_cpu: Vec<f64>,
    p99: Vec<f64>,
}

fn measure(title: &str, adapter: &str) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let theirs = Server::start(&format!("{adapter}hand-written"))?;
    let ours = Server::start(&format!("{adapter}ours"))?;
    std::thread::sleep(Duration::from_millis(300));
    println!(
        "{title}: memory at rest, MB: hand-written {:.1}, ours {:.1} (aim ≤ 12)",
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
                    runtime.block_on(load(server.address, &[request], CONNECTIONS, TIME))?;
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

/// One request against the several that it stands for, by the CPU of the server.
fn measure_trips() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = Server::start("cached")?;
    let reads = reads(ENTRIES);
    let reads: Vec<_> = reads.iter().map(String::as_str).collect();
    let (batch, call, whole) = (batch(ENTRIES), call(), call_with_refresh());
    for request in [&batch, &whole] {
        let response = runtime.block_on(repeat(server.address, request, 2))?;
        let expected = if request == &batch { "{\"end\":12}" } else { "\"refresh\":[{" };
        if !response.contains(expected) {
            return Err(io::Error::other(response));
        }
    }
    for (row, several, one, aim) in [
        ("12 hits in a batch, 12 requests of one", &reads[..], &batch, "≤ 0.33"),
        ("a call with its refresh, a call and a read", &[&*call, READ][..], &whole, "≤ 0.75"),
    ] {
        let mut costs = [Vec::new(), Vec::new()];
        for round in 0..=ROUNDS {
            for (cost, requests) in costs.iter_mut().zip([several, &[&**one]]) {
                let before = server.cpu()?;
                let seen = runtime.block_on(load(server.address, requests, CONNECTIONS, TIME))?;
                // The first round warms up.
                if round > 0 {
                    cost.push((server.cpu()? - before) * 1e6 / seen.answers as f64);
                }
            }
            print!(".");
            io::stdout().flush()?;
        }
        let [several, one] = costs;
        let ratios: Vec<f64> =
            one.iter().zip(&several).map(|(one, several)| one / several).collect();
        println!(
            "\r{row}: {:.2} of the CPU (aim {aim}; spread {:.0} %); {:.1} against {:.1} µs",
            median(ratios.clone()),
            spread(&ratios),
            median(one),
            median(several),
        );
    }
    Ok(())
}

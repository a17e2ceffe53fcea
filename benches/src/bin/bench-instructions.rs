//! Instructions and allocations of one request beside hand-written actix-web and axum with the same JSON, and
//! how long a large registry takes to build.
//!
//! Only the server process is counted, in user space: one worker, one connection, under callgrind. The
//! difference of two run lengths is what the requests cost. Arguments are the names of rows to count alone.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mizan_bench::callgrind::{Cost, Counted};
use mizan_bench::hand_written::{self, Bundle, UserParams};
use mizan_bench::hand_written_axum;
use mizan_bench::sample::{READ, call, functions};
use mizan_core::dynamic::{ArgType, Param};
use mizan_core::{Builder, CachePolicy, Function, MemoryCache, Mizan, RedisCache, Secret};
use mizan_faults::redis::RedisServer;
use serde_json::Value;

const SECRET: &str = "a-secret-for-the-bench-0123456789abcdef";
const REDIS: &str = "BENCH_REDIS";
const STATUS: &str = "x-mizan-cache: ";

fn main() -> io::Result<()> {
    let redis = || std::env::var(REDIS).map_err(io::Error::other);
    let known = |params: &UserParams| params.user_id == 5;
    match std::env::args().nth(1).as_deref() {
        Some("hand-written") => mizan_actix::block_on(hand_written::plain()),
        Some("hand-written-memory") => mizan_actix::block_on(hand_written::prebuilt(
            "/api/mizan/ctx/user/",
            &Bundle::of(5),
            known,
        )),
        Some("hand-written-redis") => mizan_actix::block_on(hand_written::redis(&redis()?)),
        Some("axum-hand-written") => hand_written_axum::plain(),
        Some("axum-hand-written-memory") => hand_written_axum::prebuilt(&Bundle::of(5), known),
        Some("ours") => mizan_actix::block_on(on_actix(|builder| Ok(builder.no_cache()))),
        Some("ours-memory") => mizan_actix::block_on(on_actix(in_memory)),
        Some("ours-redis") => mizan_actix::block_on(on_actix(|builder| {
            Ok(builder.cache(RedisCache::new(&redis()?).map_err(io::Error::other)?))
        })),
        Some("axum-ours") => mizan_axum::block_on(on_axum(|builder| Ok(builder.no_cache()))),
        Some("axum-ours-memory") => mizan_axum::block_on(on_axum(in_memory)),
        None => {
            requests(&[])?;
            registries()
        }
        Some(_) => requests(&std::env::args().skip(1).collect::<Vec<_>>()),
    }
}

fn in_memory(builder: Builder) -> io::Result<Builder> {
    Ok(builder.cache(MemoryCache::default()))
}

async fn on_actix(cached: impl FnOnce(Builder) -> io::Result<Builder>) -> io::Result<()> {
    mizan_actix::Server::new(built(cached)?).workers(1).run("127.0.0.1:0").await
}

async fn on_axum(cached: impl FnOnce(Builder) -> io::Result<Builder>) -> io::Result<()> {
    mizan_axum::Server::new(built(cached)?).workers(1).run("127.0.0.1:0").await
}

fn built(cached: impl FnOnce(Builder) -> io::Result<Builder>) -> io::Result<Mizan> {
    let secret = Secret::new(SECRET).map_err(io::Error::other)?;
    // Under valgrind everything is slow; a bench measures the cache, not how it gives up.
    let policy = CachePolicy { read_timeout: Duration::from_secs(10), ..CachePolicy::default() };
    let builder = Mizan::builder().functions(functions()).cache_secret(secret);
    cached(builder.cache_policy(policy))?.build().map_err(io::Error::other)
}

/// Every row, or those of these names.
fn requests(names: &[String]) -> io::Result<()> {
    let redis = RedisServer::start()?;
    let (call, url) = (call(), redis.url());
    let this = std::env::current_exe()?;
    let folder: PathBuf = this.parent().map(|folder| folder.join("callgrind")).unwrap_or_default();
    std::fs::create_dir_all(&folder)?;
    println!(
        "{:28} {:>14} {:>14} {:>7}   {:>11} {:>14}",
        "per request", "instructions", "hand-written", "ratio", "allocations", "hand-written"
    );
    let rows = [
        ("bundled read, no cache", "read", READ, "", "", None),
        ("mutation with invalidation", "mutation", &call, "", "", None),
        ("memory hit", "memory", READ, "", "-memory", Some("HIT")),
        ("Redis hit", "redis", READ, "", "-redis", Some("HIT")),
        ("axum: bundled read, no cache", "axum-read", READ, "axum-", "", None),
        ("axum: mutation", "axum-mutation", &call, "axum-", "", None),
        ("axum: memory hit", "axum-memory", READ, "axum-", "-memory", Some("HIT")),
    ];
    if let Some(unknown) = names.iter().find(|name| rows.iter().all(|row| row.1 != **name)) {
        let known = rows.map(|row| row.1).join(", ");
        return Err(io::Error::other(format!(
            "the row `{unknown}` does not exist: the rows are {known}"
        )));
    }
    for (row, name, request, adapter, cache, status) in rows {
        if !names.is_empty() && names.iter().all(|wanted| wanted != name) {
            continue;
        }
        print!("{row} …");
        io::stdout().flush()?;
        let environment = [(REDIS, url.as_str())];
        let count = |side: &str| {
            let (role, name) = (format!("{adapter}{side}{cache}"), format!("{name}-{side}"));
            Counted { role: &role, environment: &environment, request, name: &name }.count(&folder)
        };
        let (theirs, their_response) = count("hand-written")?;
        let (ours, our_response) = count("ours")?;
        let same = body(&their_response) == body(&our_response);
        // A row without a cache has to be one: a cache that is on by accident has a status too.
        if !same || cache_status(&our_response) != status {
            return Err(io::Error::other(format!(
                "{row}: {their_response}\nagainst {our_response}"
            )));
        }
        line(row, theirs, ours);
    }
    println!("read a profile: callgrind_annotate {}/ROW-ours-12000.out", folder.display());
    Ok(())
}

fn line(row: &str, theirs: Cost, ours: Cost) {
    println!(
        "\r{row:28} {:>14.0} {:>14.0} {:>7.3}   {:>11.1} {:>14.1}",
        ours.instructions,
        theirs.instructions,
        theirs.instructions / ours.instructions,
        ours.allocations,
        theirs.allocations,
    );
}

fn cache_status(response: &str) -> Option<&str> {
    response.lines().find_map(|line| line.strip_prefix(STATUS))
}

fn body(response: &str) -> Option<&str> {
    response.split_once("\r\n\r\n").map(|(_, body)| body)
}

fn registries() -> io::Result<()> {
    for (contexts, affected) in [(2_500, 1), (10_000, 1), (2_500, 20)] {
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let functions = registry(contexts, affected);
            let start = Instant::now();
            let mizan = mizan_actix::block_on(async {
                Builder::empty().functions(functions).build().map_err(io::Error::other)
            })?;
            best = best.min(start.elapsed());
            drop(mizan);
        }
        println!(
            "build(): {} functions in {contexts} contexts, each mutation affects {affected}: {:.0} ms",
            contexts * 4,
            best.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// Three reads and a mutation for each context; a mutation affects contexts that follow each other.
fn registry(contexts: usize, affected: usize) -> Vec<Function> {
    let one = |name: String| {
        let params = vec![Param::new("user_id", ArgType::Integer)];
        Function::dynamic(name, params, |_, _| async { Ok(Value::Null) })
    };
    let mut functions = Vec::with_capacity(contexts * 4);
    for at in 0..contexts {
        let name = |at: usize| format!("context{}", at % contexts);
        for part in ["profile", "orders", "messages"] {
            functions.push(one(format!("{part}_{at}")).context(name(at)));
        }
        let write = one(format!("write_{at}"));
        functions.push((at..at + affected).fold(write, |write, at| write.affects(name(at))));
    }
    functions
}

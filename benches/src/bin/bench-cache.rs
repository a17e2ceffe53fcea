//! Cached reads beside hand-written actix-web that answers with a prebuilt body of 1 KB, what Redis
//! does for a hit, and a broad invalidation where a million keys are stored.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use mizan_bench::load::load;
use mizan_bench::process::Server;
use mizan_bench::{hand_written, median, spread};
use mizan_core::{CachePolicy, Context, MemoryCache, Mizan, RedisCache, Secret, client, functions};
use mizan_faults::redis::RedisServer;
use schemars::JsonSchema;
use serde::Serialize;

const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 64;
const SECRET: &str = "a-secret-for-the-bench-0123456789abcdef";
const KEYS: usize = 1_000_000;
const STEP: usize = 10_000;
const READ: &str = "GET /api/mizan/ctx/page/?page_id=5 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";

#[derive(Context)]
struct PageContext;

#[derive(Serialize, JsonSchema)]
struct Page {
    id: i64,
    text: String,
}

fn page(id: i64) -> Page {
    Page { id, text: "a word ".repeat(138) }
}

#[client(context = PageContext)]
async fn page_text(page_id: i64) -> Page {
    page(page_id)
}

/// Gives the context a shape besides the broad one, so that a hit looks at two tokens.
#[client(affects = PageContext)]
async fn write_page(page_id: i64) -> bool {
    page_id > 0
}

#[derive(serde::Deserialize)]
struct Params {
    page_id: i64,
}

#[derive(Serialize)]
struct Bundle {
    page_text: Page,
}

async fn hand_written() -> io::Result<()> {
    let (path, bundle) = ("/api/mizan/ctx/page/", Bundle { page_text: page(5) });
    hand_written::prebuilt(path, &bundle, |params: &Params| params.page_id == 5).await
}

fn registry(redis: Option<&str>) -> io::Result<Mizan> {
    let secret = Secret::new(SECRET).map_err(io::Error::other)?;
    let builder =
        Mizan::builder().functions(functions![page_text, write_page]).cache_secret(secret);
    let builder = match redis {
        Some(url) => builder.cache(RedisCache::new(url).map_err(io::Error::other)?),
        None => builder.cache(MemoryCache::default().max_bytes(1 << 30).max_entries(2_000_000)),
    };
    // A bench measures the cache, not how it gives up under load.
    let policy = CachePolicy { read_timeout: Duration::from_secs(1), ..CachePolicy::default() };
    builder.cache_policy(policy).build().map_err(io::Error::other)
}

async fn ours(redis: Option<String>) -> io::Result<()> {
    mizan_actix::Server::new(registry(redis.as_deref())?).workers(1).run("127.0.0.1:0").await
}

fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("hand-written") => mizan_actix::block_on(hand_written()),
        Some("memory") => mizan_actix::block_on(ours(None)),
        Some("redis") => mizan_actix::block_on(ours(std::env::var("BENCH_REDIS").ok())),
        _ => measure(),
    }
}

fn measure() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let redis = RedisServer::start()?;
    let theirs = Server::start("hand-written")?;
    let memory = Server::start("memory")?;
    let shared = Server::start_with("redis", &[("BENCH_REDIS", &redis.url())])?;
    std::thread::sleep(Duration::from_millis(300));
    for (row, server, aim) in [("memory", &memory, 0.80), ("Redis", &shared, 0.57)] {
        let (mut ratios, mut costs, mut prebuilt) = (Vec::new(), Vec::new(), Vec::new());
        let (mut p99, mut server_cost) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let mut per_cpu = [0.0; 2];
            for (at, side) in [&theirs, server].into_iter().enumerate() {
                let (before, redis_before) = (side.cpu()?, redis.cpu_micros()?);
                let mut seen = runtime.block_on(load(side.address, &[READ], CONNECTIONS, TIME))?;
                per_cpu[at] = seen.answers as f64 / (side.cpu()? - before);
                if at == 1 && round > 0 {
                    p99.push(seen.p99());
                    server_cost
                        .push((redis.cpu_micros()? - redis_before) as f64 / seen.answers as f64);
                }
            }
            // The first round warms up.
            if round > 0 {
                ratios.push(per_cpu[1] / per_cpu[0]);
                costs.push(1e6 / per_cpu[1]);
                prebuilt.push(1e6 / per_cpu[0]);
            }
            print!(".");
            io::stdout().flush()?;
        }
        println!(
            "\rcached read, {row}: {:.2} of a prebuilt body (aim ≥ {aim:.2}; spread {:.0} %); {:.2} against {:.2} µs of CPU a request, p99 {:.0} µs",
            median(ratios.clone()),
            spread(&ratios),
            median(costs),
            median(prebuilt),
            median(p99),
        );
        if row == "Redis" {
            println!("  Redis spends {:.2} µs a hit", median(server_cost));
        }
    }
    drop((theirs, memory, shared));
    runtime.block_on(bare(&redis))?;
    broad(&runtime, &redis)
}

/// What Redis does for a hit, next to a bare GET of the same value: 4 connections, 64 in flight.
async fn bare(redis: &RedisServer) -> io::Result<()> {
    let client = redis::Client::open(redis.url()).map_err(io::Error::other)?;
    let mut connections = Vec::new();
    for _ in 0..4 {
        let made = client.get_multiplexed_async_connection().await;
        connections.push(made.map_err(io::Error::other)?);
    }
    let keys = redis.keys()?;
    let one =
        |part: &str| keys.iter().filter(|key| key.contains(part)).cloned().collect::<Vec<_>>();
    let (values, tokens) = (one(":ctx:"), one(":gen:"));
    let Some(value) = values.first() else { return Err(io::Error::other("nothing is stored")) };
    let mut get = redis::cmd("GET");
    get.arg(value);
    let mut mget = redis::cmd("MGET");
    mget.arg(value).arg(&tokens);
    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (cost, command) in costs.iter_mut().zip([&get, &mget]) {
            let (before, count) = (redis.cpu_micros()?, 200_000);
            let mut running = tokio::task::JoinSet::new();
            for at in 0..64 {
                let (mut connection, command) = (connections[at % 4].clone(), command.clone());
                running.spawn(async move {
                    for _ in 0..count / 64 {
                        let _ = connection.send_packed_command(&command).await;
                    }
                });
            }
            while running.join_next().await.is_some() {}
            if round > 0 {
                cost.push((redis.cpu_micros()? - before) as f64 / f64::from(count));
            }
        }
    }
    let [get, mget] = costs.map(median);
    println!(
        "Redis CPU: MGET of a value and {} tokens {mget:.2} µs, a bare GET {get:.2} µs: {:.2} (aim ≤ 1.35)",
        tokens.len(),
        mget / get
    );
    Ok(())
}

/// Makes a whole context old while a million of its entries are stored.
fn broad(runtime: &tokio::runtime::Runtime, redis: &RedisServer) -> io::Result<()> {
    let fill =
        "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'mizan:{page}:ctx:page:' .. i, 'x') end";
    for start in (0..KEYS).step_by(STEP) {
        redis.command(&["EVAL", fill, "0", &start.to_string(), &STEP.to_string()])?;
    }
    for (name, url) in [("Redis", Some(redis.url())), ("memory", None)] {
        let mut times = Vec::new();
        runtime.block_on(async {
            let mizan = registry(url.as_deref())?;
            if url.is_none() {
                for id in 0..KEYS {
                    let params = serde_json::Map::from_iter([("page_id".to_owned(), id.into())]);
                    mizan.cache_put("page", &params, None, "x").await.map_err(failed)?;
                }
            }
            for _ in 0..100 {
                let start = Instant::now();
                mizan.invalidate([PageContext::target()]).await.map_err(failed)?;
                times.push(start.elapsed().as_secs_f64() * 1e6);
            }
            io::Result::Ok(())
        })?;
        println!(
            "broad invalidation, {name}, {KEYS} keys stored: {:.0} µs (aim < 1,000 µs)",
            median(times)
        );
    }
    Ok(())
}

fn failed(error: mizan_core::Error) -> io::Error {
    io::Error::other(format!("{error:?}"))
}

//! Bundled reads and mutations, beside hand-written actix-web with serde and the same JSON.
//!
//! One worker each, 64 connections, the sides taking turns; the figure is requests per CPU-second
//! of the server, as a ratio to the hand-written one.

use std::io::{self, Write};
use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{App, HttpResponse, HttpServer, web};
use mizan_bench::load::load;
use mizan_bench::process::Server;
use mizan_bench::sample::{CALL, Done, Order, Profile, functions, orders, profile};
use mizan_bench::{median, spread};
use mizan_core::Mizan;
use serde::{Deserialize, Serialize};

const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 64;

const READ: &str = "GET /api/mizan/ctx/user/?user_id=5 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";

#[derive(Deserialize)]
struct Params {
    user_id: i64,
}

#[derive(Serialize)]
struct Bundle {
    user_orders: Vec<Order>,
    user_profile: Profile,
}

#[derive(Deserialize)]
struct Body {
    args: Args,
}

#[derive(Deserialize)]
struct Args {
    user_id: i64,
    name: String,
}

#[derive(Serialize)]
struct Answer {
    result: Done,
    invalidate: [Target; 1],
}

#[derive(Serialize)]
struct Target {
    context: &'static str,
    params: TargetParams,
}

#[derive(Serialize)]
struct TargetParams {
    user_id: i64,
}

/// What somebody would write by hand for these two requests.
async fn hand_written() -> io::Result<()> {
    let server = HttpServer::new(|| {
        App::new()
            .route(
                "/api/mizan/ctx/user/",
                web::get().to(async |params: web::Query<Params>| {
                    let bundle = Bundle {
                        user_orders: orders(params.user_id),
                        user_profile: profile(params.user_id),
                    };
                    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(bundle)
                }),
            )
            .route(
                "/api/mizan/call/",
                web::post().to(async |body: web::Json<Body>| {
                    let Args { user_id, name } = &body.args;
                    let answer = Answer {
                        result: Done { ok: *user_id > 0 && !name.is_empty() },
                        invalidate: [Target {
                            context: "user",
                            params: TargetParams { user_id: *user_id },
                        }],
                    };
                    HttpResponse::Ok()
                        .insert_header((CACHE_CONTROL, "no-store"))
                        .insert_header(("x-mizan-invalidate", format!("user;user_id={user_id}")))
                        .json(answer)
                }),
            )
    });
    let server = server.workers(1).bind("127.0.0.1:0")?;
    println!("http://{}", server.addrs()[0]);
    server.run().await
}

async fn ours() -> io::Result<()> {
    let mizan = Mizan::builder().functions(functions()).build().map_err(io::Error::other)?;
    mizan_actix::Server::new(mizan).workers(1).run("127.0.0.1:0").await
}

fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("hand-written") => mizan_actix::block_on(hand_written()),
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
    let call = format!(
        "POST /api/mizan/call/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{CALL}",
        CALL.len()
    );
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

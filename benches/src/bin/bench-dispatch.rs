//! The core alone, in a tight loop: what a request costs between head and reply, without a socket.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mizan_bench::sample;
use mizan_core::{Headers, MemoryCache, Mizan, Next, ProtocolHeader, RequestHead};

struct Head {
    method: &'static str,
    path: &'static str,
    query: &'static str,
}

impl RequestHead for Head {
    fn method(&self) -> &str {
        self.method
    }
    fn path(&self) -> &str {
        self.path
    }
    fn query(&self) -> &str {
        self.query
    }
    fn header(&self, header: ProtocolHeader) -> Option<&[u8]> {
        (header == ProtocolHeader::ContentType).then_some(b"application/json")
    }
    fn headers(&self) -> Headers {
        Headers::default()
    }
    fn peer(&self) -> Option<SocketAddr> {
        None
    }
    fn is_secure(&self) -> bool {
        false
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    mizan_actix::block_on(async {
        let mizan = Mizan::builder().functions(sample::functions()).build()?;
        let cached = Mizan::builder().functions(sample::functions());
        let cached = cached.cache(MemoryCache::default()).build()?;
        let read = Head { method: "GET", path: "/api/mizan/ctx/user/", query: "user_id=5" };
        time("bundled read of two members", || async {
            match mizan.accept(&read) {
                Next::Run(read) => read.await.body.len(),
                _ => 0,
            }
        })
        .await;
        time("the same from the memory cache", || async {
            match cached.accept(&read) {
                Next::Run(read) => read.await.body.len(),
                _ => 0,
            }
        })
        .await;
        let call = Head { method: "POST", path: "/api/mizan/call/", query: "" };
        time("mutation with one scoped target", || async {
            match mizan.accept(&call) {
                Next::NeedsBody(call) => call.run(sample::CALL.as_bytes()).await.body.len(),
                _ => 0,
            }
        })
        .await;
        time("the same with the memory cache", || async {
            match cached.accept(&call) {
                Next::NeedsBody(call) => call.run(sample::CALL.as_bytes()).await.body.len(),
                _ => 0,
            }
        })
        .await;
        Ok(())
    })
}

/// Prints the best of five runs: what disturbs a run only makes it slower.
async fn time<F: Future<Output = usize>>(name: &str, mut once: impl FnMut() -> F) {
    const TIMES: u32 = 200_000;
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..TIMES {
            assert!(once().await > 50, "the request failed");
        }
        best = best.min(start.elapsed());
    }
    println!("{name}: {:.2} µs", best.as_secs_f64() * 1e6 / f64::from(TIMES));
}

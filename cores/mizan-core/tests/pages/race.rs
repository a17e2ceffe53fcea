//! Pages of several processes over one Redis, raced by changes: none is older than a change that has answered.

use std::sync::atomic::AtomicBool;

use mizan_core::{CacheStatus, RedisCache, Secret};
use mizan_faults::redis::RedisServer;

use super::*;

const WRITERS: usize = 2;
const CHANGES: usize = 1_000;
const READERS: usize = 6;

/// A process of its own build, as a rolling deploy has it: another shell is another build.
fn process(server: &RedisServer, market: &Market, title: &str) -> Mizan {
    let shell = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("race-{title}.html"));
    let text = format!(
        "<html data-build=\"{title}\">{{{{ head | safe }}}}<body>{{{{ page | safe }}}}</body></html>"
    );
    fs::write(&shell, text).unwrap();
    let cache = RedisCache::new(&format!("redis://{}/0", server.address())).unwrap();
    let secret = Secret::new("a-secret-for-these-tests-0123456789").unwrap();
    let builder = builder(market, pages().shell(shell)).check_effects(false);
    builder.cache(cache).cache_secret(secret).build().unwrap()
}

/// What has happened.
#[derive(Default)]
struct Seen {
    pages: AtomicUsize,
    kept: AtomicUsize,
    shells: AtomicUsize,
    over: AtomicBool,
}

struct Race {
    processes: [(&'static str, Mizan); 3],
    market: Market,
    /// For each stall the newest price that was answered.
    answered: [AtomicUsize; 10],
    /// The newest notice that was answered.
    noticed: AtomicUsize,
    seen: Seen,
}

impl Race {
    /// Changes the prices of its own stalls, and now and then the notice.
    async fn write(&self, writer: usize) {
        for round in 1..=CHANGES {
            let stall = (round * 7 + writer * 5) % 5 * 2 + writer;
            let mizan = &self.processes[(round + writer) % 3].1;
            if writer == 0 && round % 10 == 0 {
                if answered(mizan, "set_notice", json!({ "text": round.to_string() })).await {
                    self.noticed.store(round, Ordering::SeqCst);
                }
            } else if answered(mizan, "set_price", json!({ "stall_id": stall, "price": round }))
                .await
            {
                self.answered[stall].store(round, Ordering::SeqCst);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn read(&self, reader: usize) {
        let mut round = reader;
        while !self.seen.over.load(Ordering::SeqCst) {
            round += 7;
            let (stall, (build, mizan)) = (round % 10, &self.processes[round / 10 % 3]);
            let price = self.answered[stall].load(Ordering::SeqCst);
            let notice = self.noticed.load(Ordering::SeqCst);
            let response = get(mizan, &format!("/stalls/{stall}/")).await;
            assert_eq!(response.status(), 200);
            let page = std::str::from_utf8(response.body()).unwrap();
            assert!(page.contains(&format!("data-build=\"{build}\"")), "a page of another build");
            let data = data(page);
            let got = data["data"][0]["data"]["price"].as_u64().unwrap() as usize;
            assert!(got >= price, "price {got} after {price}, {:?}", response.cache_status());
            let noted: usize = data["props"]["note"].as_str().unwrap().parse().unwrap_or(0);
            assert!(
                noted >= notice,
                "notice {noted} after {notice}, {:?}",
                response.cache_status()
            );
            self.seen.pages.fetch_add(1, Ordering::SeqCst);
            if response.cache_status() == Some(CacheStatus::Hit) {
                self.seen.kept.fetch_add(1, Ordering::SeqCst);
            }
            match rendered(page) {
                "" => drop(self.seen.shells.fetch_add(1, Ordering::SeqCst)),
                shown => assert!(shown.contains(&format!("\"price\":{got}}}")), "{shown}"),
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Kills a worker now and then, in the middle of a render.
    async fn kill(&self) {
        let mut round = 0;
        while !self.seen.over.load(Ordering::SeqCst) {
            round += 1;
            let page = text(&self.processes[round % 3].1, &format!("/die/{round}/")).await;
            assert_eq!(rendered(&page), "");
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
    }
}

/// Whether a change was made. Where Redis is away it is refused, and nothing has happened.
async fn answered(mizan: &Mizan, function: &str, args: Value) -> bool {
    let args = args.as_object().unwrap().iter();
    let request = args
        .fold(TestRequest::call_named(function), |request, (name, value)| request.arg(name, value));
    let status = request.send(mizan).await.status();
    assert!(matches!(status, 200 | 503), "{status}");
    status == 200
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs node and redis-server: cargo xtask test"]
async fn no_page_is_older_than_a_change_that_has_answered() {
    let server = RedisServer::start().unwrap();
    let market = Market::default();
    let processes = ["one", "one", "two"].map(|build| (build, process(&server, &market, build)));
    let race = Arc::new(Race {
        processes,
        market,
        answered: Default::default(),
        noticed: AtomicUsize::new(0),
        seen: Seen::default(),
    });
    let mut tasks = Vec::new();
    for reader in 0..READERS {
        let race = Arc::clone(&race);
        tasks.push(tokio::spawn(async move { race.read(reader).await }));
    }
    let killer = Arc::clone(&race);
    tasks.push(tokio::spawn(async move { killer.kill().await }));
    let writers = (0..WRITERS).map(|writer| {
        let race = Arc::clone(&race);
        tokio::spawn(async move { race.write(writer).await })
    });
    let writers: Vec<_> = writers.collect();
    for round in 0..3 {
        tokio::time::sleep(Duration::from_millis(2_000)).await;
        server.save().unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let restarted =
            if round == 1 { server.restart_from_snapshot() } else { server.restart_empty() };
        restarted.unwrap();
    }
    for writer in writers {
        writer.await.unwrap();
    }
    race.seen.over.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    let seen = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    let (pages, kept, shells) =
        (seen(&race.seen.pages), seen(&race.seen.kept), seen(&race.seen.shells));
    let counts = race.processes.each_ref().map(|(_, mizan)| mizan.page_counts().unwrap());
    let deaths: u64 = counts.iter().map(|counts| counts.worker_deaths).sum();
    let ahead: u64 = counts.iter().map(|counts| counts.ahead).sum();
    println!(
        "{pages} pages, {} % kept, {shells} rendered by the browser; {} changes, {ahead} renders ahead, {} view functions, {deaths} workers died",
        kept * 100 / pages.max(1),
        WRITERS * CHANGES,
        race.market.shown(),
    );
    assert!(pages > 1_000 && kept > 100 && deaths > 3, "{pages} {kept} {deaths}");
}

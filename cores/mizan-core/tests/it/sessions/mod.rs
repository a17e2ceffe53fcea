//! The contract of a store of sessions, for the memory of a process and for Redis.

use std::sync::Arc;

use mizan_core::testing::sessions;
use mizan_core::{MemorySessions, SessionStore};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    let store: Arc<dyn SessionStore> = Arc::new(MemorySessions::default());
    let stores = [Arc::clone(&store), store];
    sessions::check(&stores).await;
    sessions::flood(&stores, 100_000).await;
}

#[cfg(feature = "redis")]
mod in_redis {
    use std::time::{Duration, Instant};

    use mizan_core::testing::sessions::{Stores, step};
    use mizan_core::{ErrorCode, Exchange, RedisSessions, Refresh};
    use mizan_faults::proxy::Proxy;
    use mizan_faults::redis::RedisServer;

    use super::*;

    fn process(url: &str, prefix: &str) -> Arc<dyn SessionStore> {
        Arc::new(RedisSessions::new(url).unwrap().prefix(prefix))
    }

    /// An exchange without a grace.
    fn tokens<'a>(last: &'a str, next: &'a str) -> Exchange<'a> {
        let (time, grace) = (Duration::from_secs(600), Duration::ZERO);
        Exchange { last, next, issued: 1_700_000_007, time, grace }
    }

    fn behind(proxy: &Proxy) -> Arc<dyn SessionStore> {
        process(&format!("redis://{}/0", proxy.address()), "mizan:")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn the_same_as_in_memory() {
        let server = RedisServer::start().unwrap();
        let monitor = server.monitor().unwrap();
        // Prefixes keep applications apart.
        let other = process(&server.url(), "other");
        step(&*other, "keep a 5 refresh=r1").await;
        let stores: Stores = [(); 2].map(|()| process(&server.url(), "mizan:"));
        sessions::check(&stores).await;
        sessions::flood(&stores, 5_000).await;
        assert_eq!(step(&*other, "find a").await, "5 refresh=r1");
        let commands = monitor.stop().unwrap();
        let scans = |words: &&Vec<String>| {
            ["scan", "keys"].iter().any(|word| words[0].to_lowercase().ends_with(word))
        };
        assert_eq!(commands.iter().find(scans), None);
    }

    /// Long histories of both stores, step by step.
    #[tokio::test]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn random_histories_are_those_of_the_memory() {
        let server = RedisServer::start().unwrap();
        sessions::history(&*process(&server.url(), "mizan:"), 21, 20_000).await;
        assert_eq!(server.keys().unwrap(), [""; 0], "nothing is left behind");
    }

    /// What is over leaves no key behind, in the indexes either.
    #[tokio::test]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn what_is_over_is_cleaned_away() {
        let server = RedisServer::start().unwrap();
        let store = process(&server.url(), "mizan:");
        for at in 0..50 {
            step(&*store, &format!("keep a{at} 5 ms=6000")).await;
            step(&*store, &format!("keep b{at} 5 ms=1000 refresh=r parent=a{at}")).await;
        }
        assert_eq!(
            server.command(&["ZCARD", "mizan:{session}:of:5"]).unwrap().text().unwrap(),
            "100"
        );
        step(&*store, "until b49").await;
        step(&*store, "keep c 5 ms=6000").await;
        assert_eq!(
            server.command(&["ZCARD", "mizan:{session}:of:5"]).unwrap().text().unwrap(),
            "51"
        );
        let end = Instant::now() + Duration::from_secs(10);
        while !server.keys().unwrap().is_empty() {
            assert!(Instant::now() < end, "{:?}", server.keys());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A full Redis may evict one session. The pages of the others stay as they are.
    #[tokio::test]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn a_page_after_one_with_a_lost_session_skips_nothing() {
        let server = RedisServer::start().unwrap();
        let store = process(&server.url(), "mizan:");
        for at in 0..6 {
            step(&*store, &format!("keep s{at} 5 ms={}", 600_000 - at * 10_000)).await;
        }
        let lost = server.command(&["DEL", "mizan:{session}:id:s1"]).unwrap();
        assert_eq!(lost.text().unwrap(), "1");
        let mut pages = Vec::new();
        for skip in [0, 2, 4] {
            pages.push(step(&*store, &format!("page 5 {skip} 2")).await);
        }
        assert_eq!(pages, ["s0", "s2 s3", "s4 s5"]);
        for at in [0, 2, 3, 4, 5] {
            step(&*store, &format!("end s{at}")).await;
        }
    }

    /// An outage is an error, never the end of a session, and is over when the outage is.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn an_outage_signs_nobody_out() {
        let server = RedisServer::start().unwrap();
        let proxy = Proxy::start(server.address()).unwrap();
        let store = behind(&proxy);
        step(&*store, "keep a 5 refresh=r1").await;
        type Fault<'a> = (&'a str, &'a dyn Fn(), &'a dyn Fn());
        let faults: [Fault<'_>; 3] = [
            ("connections are refused", &|| proxy.refuse(), &|| proxy.accept()),
            ("nothing is passed on", &|| proxy.stall(), &|| proxy.flow()),
            ("it stands still", &|| server.pause().unwrap(), &|| server.resume().unwrap()),
        ];
        for (title, begin, end) in faults {
            begin();
            if title == "connections are refused" {
                proxy.cut_all();
            }
            let code = |error: mizan_core::Error| error.code();
            let find = store.find("a").await.map(drop).map_err(code);
            assert_eq!(find, Err(ErrorCode::Unavailable), "{title}");
            let end_of_other = store.end("other").await.map_err(code);
            assert_eq!(end_of_other, Err(ErrorCode::Unavailable), "{title}");
            let list = store.of("5", 0, 100).await.map(drop).map_err(code);
            assert_eq!(list, Err(ErrorCode::Unavailable), "{title}");
            end();
            let deadline = Instant::now() + Duration::from_secs(10);
            loop {
                match store.find("a").await {
                    Ok(session) => break assert!(session.is_some(), "{title}"),
                    Err(_) => assert!(Instant::now() < deadline, "{title}: it stays away"),
                }
            }
        }
        // Scripts that were flushed are sent again.
        server.command(&["SCRIPT", "FLUSH"]).unwrap();
        assert_eq!(step(&*store, "exchange a r1 r2").await, "Rotated");
    }

    /// A cut between an exchange and its response is not a second use of the token.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn a_cut_during_an_exchange_is_no_reuse() {
        let server = RedisServer::start().unwrap();
        let proxy = Proxy::start(server.address()).unwrap();
        let store = behind(&proxy);
        let direct = process(&server.url(), "mizan:");
        let mut cut_after = 0;
        for round in 0..60 {
            let id = format!("s{round}");
            step(&*direct, &format!("keep {id} 5 refresh=r1")).await;
            step(&*store, &format!("find {id}")).await;
            proxy.set_latency(Duration::from_millis(15));
            let exchange = {
                let (store, id) = (Arc::clone(&store), id.clone());
                tokio::spawn(async move { store.exchange(&id, tokens("r1", "r2")).await })
            };
            // The server has it, and the response is under way.
            let deadline = Instant::now() + Duration::from_secs(5);
            while direct.find(&id).await.unwrap().unwrap().refresh.as_deref() == Some("r1") {
                assert!(Instant::now() < deadline, "round {round}: it does not arrive");
            }
            cut_after += usize::from(!exchange.is_finished() && proxy.cut_all() > 0);
            proxy.set_latency(Duration::ZERO);
            match exchange.await.unwrap() {
                Ok(exchanged) => assert_eq!(exchanged, Refresh::Rotated, "round {round}"),
                // The first of two connections may have been one that an earlier round had cut.
                Err(error) => assert_eq!(error.code(), ErrorCode::Unavailable),
            }
        }
        println!("{cut_after} of 60 answers were cut off");
        assert!(cut_after > 30);
    }
}

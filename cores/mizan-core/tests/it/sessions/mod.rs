//! What a store of sessions does: one list of scenarios for the memory of a process and for Redis.

mod scenarios;

use std::sync::Arc;
use std::time::{Duration, Instant};

use mizan_core::{Exchange, MemorySessions, Refresh, Session, SessionStore};

use scenarios::SCENARIOS;

/// The same sessions through the eyes of one process each.
pub(crate) type Stores = [Arc<dyn SessionStore>; 2];

fn shown(session: &Session) -> String {
    let mut text = session.subject.clone();
    for (name, value) in [("parent", &session.parent), ("refresh", &session.refresh)] {
        if let Some(value) = value {
            text += &format!(" {name}={value}");
        }
    }
    assert_eq!((session.started, session.label.as_str()), (1_700_000_000, "a \"label\" of é"));
    text
}

/// An exchange without a grace.
fn tokens<'a>(last: &'a str, next: &'a str) -> Exchange<'a> {
    let (time, grace) = (Duration::from_secs(600), Duration::ZERO);
    Exchange { last, next, issued: 1_700_000_007, time, grace }
}

/// One step; what it answers.
async fn step(store: &dyn SessionStore, step: &str) -> String {
    let words: Vec<&str> = step.split(' ').collect();
    match words[..] {
        ["find", id] => match store.find(id).await.unwrap() {
            Some(session) => shown(&session),
            None => "none".into(),
        },
        ["first", ref ids @ ..] => {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            match store.find_first(&ids).await.unwrap() {
                Some((at, session)) => format!("{at} {}", shown(&session)),
                None => "none".into(),
            }
        }
        ["until", id] => {
            let end = Instant::now() + Duration::from_secs(10);
            while store.find(id).await.unwrap().is_some() {
                assert!(Instant::now() < end, "{id} does not end");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            "none".into()
        }
        ["keep", id, subject, ref more @ ..] => {
            let value = |name: &str| {
                let mut found = more.iter().filter_map(|word| word.split_once('='));
                found.find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())
            };
            let mut session = Session::new(subject, 1_700_000_000);
            session.parent = value("parent");
            session.refresh = value("refresh");
            session.label = "a \"label\" of é".into();
            let ms = value("ms").map_or(600_000, |ms| ms.parse().unwrap());
            let most = value("most").map_or(1_000, |most| most.parse().unwrap());
            store.keep(id, session, Duration::from_millis(ms), most).await.unwrap();
            String::new()
        }
        ["end", id] => {
            store.end(id).await.unwrap();
            String::new()
        }
        ["endall", subject] => {
            store.end_all(subject).await.unwrap();
            String::new()
        }
        // A page, in its order.
        ["page", subject, skip, count] => {
            let (skip, count) = (skip.parse().unwrap(), count.parse().unwrap());
            let page = store.of(subject, skip, count).await.unwrap();
            let ids: Vec<String> = page.into_iter().map(|(id, _)| id).collect();
            ids.join(" ")
        }
        ["exchange", id, last, next, ref grace @ ..] => {
            let grace = grace.first().and_then(|word| word.strip_prefix("grace="));
            let grace = Duration::from_millis(grace.map_or(0, |grace| grace.parse().unwrap()));
            match store.exchange(id, Exchange { grace, ..tokens(last, next) }).await.unwrap() {
                Refresh::Repeated { next, issued: 1_700_000_007 } => format!("Repeated {next}"),
                other => format!("{other:?}"),
            }
        }
        ["wait", ms] => {
            tokio::time::sleep(Duration::from_millis(ms.parse().unwrap())).await;
            String::new()
        }
        ["of", subject] => {
            let all = store.of(subject, 0, 1_000).await.unwrap();
            all.iter().for_each(|(_, session)| assert_eq!(session.subject, subject));
            let mut ids: Vec<String> = all.into_iter().map(|(id, _)| id).collect();
            ids.sort();
            ids.join(" ")
        }
        _ => panic!("`{step}` is no step"),
    }
}

async fn check(title: &str, stores: Stores, steps: &[&str]) {
    for (at, text) in steps.iter().enumerate() {
        let (text, wanted) = match text.rsplit_once(": ") {
            Some(parts) => parts,
            None => (text.trim_end_matches(':'), ""),
        };
        assert_eq!(step(&*stores[at % 2], text).await, wanted, "{title}: {text}");
    }
}

/// Of all who exchange one token at one time, in two processes, one is answered; with a grace one more,
/// and with the same successor.
async fn race(stores: &Stores) {
    for round in 0..100 {
        let grace = Duration::from_secs(600 * (round % 2));
        let id = format!("race-{round}");
        step(&*stores[0], &format!("keep {id} 5 refresh=r1")).await;
        let tries: Vec<_> = (0..10)
            .map(|at| {
                let (store, id) = (Arc::clone(&stores[at % 2]), id.clone());
                tokio::spawn(async move {
                    let next = format!("next-{at}");
                    let tokens = Exchange { grace, ..tokens("r1", &next) };
                    let exchanged = store.exchange(&id, tokens).await.unwrap();
                    (next, exchanged)
                })
            })
            .collect();
        let (mut done, mut again) = (Vec::new(), Vec::new());
        for tried in tries {
            match tried.await.unwrap() {
                (next, Refresh::Rotated) => done.push(next),
                (_, Refresh::Repeated { next, .. }) => again.push(next),
                (_, other) => assert_eq!(other, Refresh::Reused),
            }
        }
        assert_eq!(done.len(), 1, "round {round}");
        assert_eq!(again, if grace.is_zero() { vec![] } else { done }, "round {round}");
    }
}

/// 100,000 pairs of tokens of one session, and its end: nobody else is held up, since there are 16 at any time.
async fn flood(store: &dyn SessionStore, other: &dyn SessionStore, pairs: usize) {
    step(store, "keep a 5").await;
    step(store, "keep b 6").await;
    for at in 0..pairs {
        step(store, &format!("keep t{at} 5 parent=a refresh=r most=16")).await;
    }
    assert_eq!(store.of("5", 0, 100_000).await.unwrap().len(), 17);
    let mut times = Vec::new();
    for at in 0..200 {
        let start = Instant::now();
        assert_eq!(step(other, "find b").await, "6");
        times.push(start.elapsed());
        if at == 100 {
            step(store, "end a").await;
        }
    }
    times.sort();
    println!("{pairs} pairs: p99 of another {:?}", times[197]);
    assert_eq!(step(store, "of 5").await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    let stores = || {
        let store: Arc<dyn SessionStore> = Arc::new(MemorySessions::default());
        [Arc::clone(&store), store]
    };
    for (title, steps) in SCENARIOS {
        check(title, stores(), steps).await;
    }
    race(&stores()).await;
    let [store, _] = stores();
    flood(&*store, &*store, 100_000).await;
}

#[cfg(feature = "redis")]
mod in_redis {
    use mizan_core::{ErrorCode, RedisSessions};
    use mizan_faults::proxy::Proxy;
    use mizan_faults::random::Random;
    use mizan_faults::redis::RedisServer;

    use super::*;

    fn process(url: &str, prefix: &str) -> Arc<dyn SessionStore> {
        Arc::new(RedisSessions::new(url).unwrap().prefix(prefix))
    }

    fn behind(proxy: &Proxy) -> Arc<dyn SessionStore> {
        process(&format!("redis://{}/0", proxy.address()), "mizan:")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn the_same_as_in_memory() {
        let server = RedisServer::start().unwrap();
        let monitor = server.monitor().unwrap();
        for (title, steps) in SCENARIOS {
            // Prefixes keep applications apart.
            let stores = [(); 2].map(|()| process(&server.url(), title));
            check(title, stores, steps).await;
        }
        race(&[(); 2].map(|()| process(&server.url(), "race"))).await;
        let [store, other] = [(); 2].map(|()| process(&server.url(), "flood"));
        flood(&*store, &*other, 5_000).await;
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
        let (redis, memory) = (process(&server.url(), "mizan:"), MemorySessions::default());
        let mut random = Random::seeded(21);
        let ids = ["a", "b", "c", "d", "e", "f"];
        let mut told = 0;
        for round in 0..20_000 {
            let id = *random.pick(&ids).unwrap();
            let subject = random.below(2);
            let [last, next] = [(); 2].map(|()| random.below(3));
            let text = match random.below(6) {
                0 => format!("keep {id} {subject} refresh=r{last}"),
                1 => match *random.pick(&ids).unwrap() {
                    // Tokens depend on the session of a cookie, which depends on none.
                    parent @ ("a" | "b") if id > "b" => {
                        format!("keep {id} {subject} parent={parent} refresh=r{last}")
                    }
                    _ => format!("find {id}"),
                },
                2 => format!("end {id}"),
                3 if last != next => {
                    // Neither is over before this test is.
                    let grace = random.below(2) * 600_000;
                    format!("exchange {id} r{last} r{next} grace={grace}")
                }
                4 => format!("of {subject}"),
                _ => format!("find {id}"),
            };
            let wanted = step(&memory, &text).await;
            assert_eq!(step(&*redis, &text).await, wanted, "round {round}: {text}");
            told += usize::from(!wanted.is_empty() && wanted != "none");
        }
        println!("{told} of 20000 steps told something");
        assert!(told > 5_000);
        for id in ids {
            redis.end(id).await.unwrap();
        }
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
        // Scripts that were flushed are sent anew.
        server.command(&["SCRIPT", "FLUSH"]).unwrap();
        assert_eq!(step(&*store, "exchange a r1 r2").await, "Rotated");
    }

    /// A cut between an exchange and its answer is no second use of the token.
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
            // The server has it, and the answer is under way.
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

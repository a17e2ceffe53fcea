//! Random schedules of callers against an oracle: what a rate allows, in this process and over two.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mizan_faults::random::Random;
use serde_json::Value;

use super::Time;
use crate::builder::Builder;
use crate::dynamic::{ArgType, Param};
use crate::function::{Function, RateRule};
use crate::identity::Identity;
use crate::registry::Mizan;
use crate::testing::TestRequest;

const SCHEDULES: u64 = 1_000;
const REQUESTS: usize = 40;

/// The rates of the tested functions: by caller, by a name, by both.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("by_caller", &["5/min"]),
    ("by_name", &["4/2min by name"]),
    ("by_both", &["3/min", "5/2min by name"]),
];

/// Milliseconds that a test counts.
fn clock() -> (Arc<AtomicU64>, Time) {
    let millis = Arc::new(AtomicU64::new(1_000_000));
    let read = Arc::clone(&millis);
    (millis, Arc::new(move || Duration::from_millis(read.load(Ordering::SeqCst))))
}

fn builder(time: &Time) -> Builder {
    let function = |(name, rates): &(&'static str, &[&'static str])| {
        let params = vec![Param::new("name", ArgType::Text)];
        let made = Function::dynamic(*name, params, |_, _| async { Ok(Value::Null) });
        rates.iter().fold(made, |made, rate| made.rate(*rate))
    };
    Builder::empty().functions(FUNCTIONS.iter().map(function)).rate_clock(Arc::clone(time))
}

/// What the oracle knows: when each counted caller or name was let in, in milliseconds.
#[derive(Default)]
struct Oracle {
    let_in: HashMap<(usize, usize, String), Vec<u64>>,
    refused: usize,
    allowed: usize,
}

impl Oracle {
    /// Judges one response at a time.
    #[track_caller]
    fn judge(&mut self, function: usize, caller: &str, name: &str, now: u64, status: u16) {
        let rules: Vec<RateRule> =
            FUNCTIONS[function].1.iter().map(|text| RateRule::parse(text).unwrap()).collect();
        let mut has_reason = false;
        for (at, rule) in rules.iter().enumerate() {
            let who = if rule.by.is_some() { name } else { caller };
            let times = self.let_in.entry((function, at, who.to_owned())).or_default();
            let (most, per) = (rule.rate.units as usize, rule.rate.per.as_millis() as u64);
            let recent = times.iter().filter(|time| **time + per > now).count();
            has_reason |= recent >= most;
            if status == 200 {
                times.push(now);
                // The documented slack: as many as the rate at once, and one more for each part of the time.
                let step = per / rule.rate.units as u64;
                for (before, first) in times.iter().rev().enumerate() {
                    let most = most as u64 + (now - first) / step;
                    let came = before as u64 + 1;
                    assert!(came <= most, "{came} in {} ms: {}", now - first, rule.text);
                }
            }
        }
        match status {
            200 => self.allowed += 1,
            429 => {
                self.refused += 1;
                assert!(has_reason, "refused below every limit: {function} {caller} {name} {now}");
            }
            other => panic!("{other}"),
        }
    }
}

/// Runs schedules over registries that count together.
async fn schedules(seed: u64, mut registries: impl AsyncFnMut(u64, &Time) -> Vec<Mizan>) -> Oracle {
    let mut all = Oracle::default();
    for schedule in 0..SCHEDULES {
        let (millis, time) = clock();
        let registries = registries(schedule, &time).await;
        let mut random = Random::seeded(seed * 10_000 + schedule);
        let mut oracle = Oracle::default();
        for _ in 0..REQUESTS {
            let pause = if random.one_in(8) { random.below(40_000) } else { random.below(1_000) };
            let now = millis.fetch_add(pause as u64, Ordering::SeqCst) + pause as u64;
            let function = random.below(FUNCTIONS.len());
            let (caller, name) = (random.below(4), ["a", "b"][random.below(2)]);
            let request = TestRequest::call_named(FUNCTIONS[function].0).arg("name", name);
            // Two who are signed in from one address, and two strangers from two.
            let (who, request) = match caller {
                0 | 1 => {
                    let subject = caller.to_string();
                    let request = request.peer(SocketAddr::from(([192, 0, 2, 1], 5)));
                    (format!("subject {subject}"), request.as_user(Identity::new(subject)))
                }
                _ => {
                    // The first 64 bits are the caller, and the others are whatever they like.
                    let other = random.below(60_000) as u16;
                    let address = [0x2001, 0xdb8, 0, caller as u16, other, 1, 2, 3];
                    (format!("address {caller}"), request.peer(SocketAddr::from((address, 5))))
                }
            };
            let mizan = &registries[random.below(registries.len())];
            let status = request.send(mizan).await.status();
            oracle.judge(function, &who, name, now, status);
        }
        all.refused += oracle.refused;
        all.allowed += oracle.allowed;
    }
    println!("{SCHEDULES} schedules: {} let in, {} refused", all.allowed, all.refused);
    assert!(all.refused > SCHEDULES as usize && all.allowed > SCHEDULES as usize);
    all
}

#[tokio::test]
async fn one_process_lets_in_what_the_rate_allows_and_refuses_nothing_else() {
    schedules(1, async |_, time| vec![builder(time).build().unwrap()]).await;
}

#[cfg(feature = "redis")]
mod shared {
    use mizan_faults::redis::RedisServer;

    use super::super::RedisRates;
    use super::*;

    fn over(server: &RedisServer, prefix: &str, time: &Time) -> Mizan {
        let rates = RedisRates::new(&server.url()).unwrap().prefix(prefix);
        builder(time).rate_store(rates).build().unwrap()
    }

    #[tokio::test]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn two_processes_let_in_what_the_rate_allows_and_refuse_nothing_else() {
        let server = RedisServer::start().unwrap();
        let made = async |schedule: u64, time: &Time| {
            let prefix = format!("schedule-{schedule}:");
            vec![over(&server, &prefix, time), over(&server, &prefix, time)]
        };
        schedules(2, made).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn calls_at_one_moment_are_counted_together() {
        let (server, (_, time)) = (RedisServer::start().unwrap(), clock());
        let registries = [over(&server, "moment:", &time), over(&server, "moment:", &time)];
        let send = |at: usize| {
            let mizan = registries[at % 2].clone();
            let request = TestRequest::call_named("by_name").arg("name", "a");
            tokio::spawn(async move { request.send(&mizan).await.status() })
        };
        let sent: Vec<_> = (0..200).map(send).collect();
        let mut allowed = 0;
        for sent in sent {
            allowed += usize::from(sent.await.unwrap() == 200);
        }
        assert_eq!(allowed, 4);
    }

    #[tokio::test]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn without_redis_each_process_counts_for_itself() {
        let (server, (_, time)) = (RedisServer::start().unwrap(), clock());
        let registries = [over(&server, "away:", &time), over(&server, "away:", &time)];
        let request = || TestRequest::call_named("by_name").arg("name", "a");
        assert_eq!(request().send(&registries[0]).await.status(), 200);
        server.kill();
        for mizan in &registries {
            let mut allowed = 0;
            for _ in 0..20 {
                allowed += usize::from(request().send(mizan).await.status() == 200);
            }
            assert_eq!(allowed, 4);
        }
    }

    #[tokio::test]
    #[ignore = "needs redis-server: cargo xtask test"]
    async fn what_is_counted_leaves_redis_when_it_is_used_up() {
        let server = RedisServer::start().unwrap();
        let rates = RedisRates::new(&server.url()).unwrap();
        let params = vec![Param::new("name", ArgType::Text)];
        let made =
            Function::dynamic("m", params, |_, _| async { Ok(Value::Null) }).rate("1/s by name");
        let mizan = Builder::empty().function(made).rate_store(rates).build().unwrap();
        // However long a name is, its key is short.
        let request = || TestRequest::call_named("m").arg("name", "x".repeat(100_000));
        assert_eq!(request().send(&mizan).await.status(), 200);
        let keys = server.keys().unwrap();
        assert!(matches!(&keys[..], [key] if key.len() < 60), "{keys:?}");
        let refused = request().send(&mizan).await;
        assert_eq!((refused.status(), refused.header("retry-after")), (429, Some("1")));
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert_eq!(server.keys().unwrap(), Vec::<String>::new());
        assert_eq!(request().send(&mizan).await.status(), 200);
    }
}

//! Rates over two processes: counted together in Redis, by the address that a trusted proxy names.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::{Request, Response};
use mizan_faults::redis::RedisServer;
use serde_json::json;

use super::Probe;

/// A call from an address, as a proxy in front of the server reports it.
fn knock(probe: &Probe, id: usize, name: &str, from: &str) -> Response {
    let call = json!({ "fn": "knock", "args": { "id": id, "name": name } });
    let request = Request::call(call.to_string()).header("X-Forwarded-For", from);
    probe.server.client().send(&request).unwrap()
}

/// How many of ten calls ran, sent to the processes in turn. The others were refused before anything began.
#[track_caller]
fn let_in(
    probes: &[Probe; 2],
    ids: &mut usize,
    name: &str,
    from: impl Fn(usize) -> String,
) -> usize {
    let mut ran = 0;
    for at in 0..10 {
        *ids += 1;
        let answer = knock(&probes[at % 2], *ids, name, &from(at));
        let events = probes[at % 2].events();
        let events = events.get(&u64::try_from(*ids).unwrap()).map_or(0, Vec::len);
        if answer.status == 200 {
            ran += 1;
            assert_eq!(events, 3, "it began, changed and was told: {}", answer.seen());
            continue;
        }
        assert_eq!((answer.status, events), (429, 0), "{}", answer.seen());
        assert_eq!(answer.json().unwrap()["error"]["code"], "TOO_MANY_REQUESTS");
        assert_eq!(answer.header("x-mizan-invalidate"), None);
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=86_400).contains(&wait), "{wait}");
    }
    ran
}

fn processes(backend: &Backend, name: &str, settings: &[(&str, &str)]) -> [Probe; 2] {
    [0, 1].map(|at| Probe::start(backend, &format!("{name}-{at}"), settings))
}

fn two_processes_count_a_rate_together(backend: &Backend) {
    let redis = RedisServer::start().unwrap();
    let url = redis.url();
    let settings =
        [("MIZAN_RATE_REDIS_URL", url.as_str()), ("MIZAN_TRUSTED_PROXIES", "127.0.0.0/8")];
    let (probes, ids) = (processes(backend, "rates-together", &settings), &mut 0);
    assert_eq!(let_in(&probes, ids, "a", |_| "192.0.2.1".into()), 3, "one caller");
    assert_eq!(let_in(&probes, ids, "b", |_| "192.0.2.2".into()), 3, "another caller");
    let many = |at| format!("198.51.100.{at}");
    assert_eq!(let_in(&probes, ids, "a", many), 3, "the name has had three before");
    assert_eq!(let_in(&probes, ids, "c", |at| format!("2001:db8::{at}")), 3, "one network");

    // Where Redis is away each process counts alone, and goes on.
    redis.kill();
    assert_eq!(let_in(&probes, ids, "d", |_| "203.0.113.9".into()), 6, "three in each process");
}

fn the_word_of_a_proxy_counts_where_it_is_trusted_alone(backend: &Backend) {
    let (probes, ids) = (processes(backend, "rates-alone", &[]), &mut 0);
    let many = |at| format!("198.51.100.{at}");
    assert_eq!(let_in(&probes, ids, "a", many), 6, "one address, three in each process");
}

cases! {
    "rates", RATES, Redis =>
        two_processes_count_a_rate_together;
    "rates", RATES =>
        the_word_of_a_proxy_counts_where_it_is_trusted_alone;
}

//! The files of `docs/deploy`, used as they are: nginx, Caddy and two Redis servers with them, in
//! front of two processes of the market.
//!
//! Only ports, paths, names and empty secrets are replaced, each in [`files`].

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod browser;
mod checks;
mod files;
mod market;
mod proxies;
mod stop;

use std::time::Duration;

use browser::Browser;
use market::Market;
use proxies::Proxy;

/// How often one process changes something and the proxy reads it.
const ALTERNATIONS: usize = 240;

/// How long a program may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
#[ignore = "needs nginx, openssl and redis-server: cargo xtask test"]
fn nginx_in_front_of_two_processes_serves_nothing_stale() {
    let market = Market::start();
    serves_nothing_stale(&market, &Proxy::nginx(&market));
}

#[test]
#[ignore = "needs caddy and redis-server: cargo xtask test"]
fn caddy_in_front_of_two_processes_serves_nothing_stale() {
    let market = Market::start();
    serves_nothing_stale(&market, &Proxy::caddy(&market));
}

fn serves_nothing_stale(market: &Market, proxy: &Proxy) {
    let mut browser = Browser::new(market.origin(), proxy.certificate());
    for path in ["/healthz", "/readyz"] {
        assert_eq!(browser.get(path).status, 200, "{path} by the proxy");
    }
    let plain = browser.fetch(&format!("{}/hall?x=1", proxy.plain()));
    assert!([301, 308].contains(&plain.status), "http is redirected: {plain:?}");
    let location = plain.header("location");
    assert!(
        location.starts_with("https://localhost") && location.ends_with("/hall?x=1"),
        "{plain:?}"
    );

    let user = browser.sign_in("samira");
    assert!(browser.cookie_line().contains("__Host-"), "cookies are for https only");
    let read = format!("/api/mizan/ctx/profile/?user_id={user}");
    let (mut hits, mut misses) = (0, 0);
    for round in 0..ALTERNATIONS {
        let name = format!("Samira {round}");
        let change = serde_json::json!({ "user_id": user, "display_name": name });
        // One time each process, and one time whichever the proxy chooses.
        let response = match round % 3 {
            2 => browser.call("set_display_name", &change),
            process => browser.call_at(&market.url(process), "set_display_name", &change),
        };
        assert_eq!(response.status, 200, "{response:?}");
        for _ in 0..3 {
            let response = browser.get(&read);
            assert_eq!(response.status, 200, "{response:?}");
            let shown = &response.json()["profile_display_name"]["display_name"];
            assert_eq!(shown, &name, "a stale read in round {round}");
            match response.header("x-mizan-cache") {
                "HIT" => hits += 1,
                _ => misses += 1,
            }
        }
    }
    // Otherwise this would prove nothing about the cache.
    assert!(hits >= ALTERNATIONS && misses >= ALTERNATIONS, "{hits} hits and {misses} misses");
    stop::one_process_stops_and_no_request_fails(market, proxy, &browser, user);
}

//! A Redis that goes away takes no one's session with it.

use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use crate::tokens;
use mizan_faults::proxy::Proxy;
use mizan_faults::redis::RedisServer;
use serde_json::{Value, json};

use crate::identity::support::{
    Browser, MOUNT, MWT_SECRET, by_bearer, call, reader, refresh, send, server,
};

/// What begins a fault, and what ends it.
type Fault<'a> = (&'a dyn Fn(), &'a dyn Fn());

fn an_outage_is_unavailable_and_signs_nobody_out(backend: &Backend) {
    let redis = RedisServer::start().unwrap();
    let proxy = Proxy::start(redis.address()).unwrap();
    let url = format!("redis://{}/0", proxy.address());
    let server = server(backend, &[("MIZAN_SESSION_REDIS_URL", &url)]);
    let client = &mut server.client();
    let mut browser = Browser::signed_in(&server, "5");
    let (access, renew) = browser.tokens();
    let edge = browser.edge();
    let foreign = tokens::sign(&tokens::edge("5", false, false), MWT_SECRET);
    let faults: [Fault<'_>; 2] = [
        (
            &|| {
                proxy.refuse();
                proxy.cut_all();
            },
            &|| proxy.accept(),
        ),
        (&|| proxy.stall(), &|| proxy.flow()),
    ];
    for (begin, end) in faults {
        let token = browser.csrf();
        begin();
        let read = browser.send(Request::get(format!("{MOUNT}/ctx/me/")));
        let called = browser
            .send(Request::call(r#"{"fn":"guarded"}"#).header("X-CSRFToken", token.as_bytes()));
        let path = format!("{MOUNT}/session/");
        let ended = browser.send(Request::new("DELETE", path).header("X-CSRFToken", token));
        let borne = by_bearer(client, &access, "guarded");
        let renewed = refresh(client, &renew);
        for answer in [read, called, ended, borne, renewed] {
            assert_eq!(answer.status, 503, "{}", answer.seen());
            assert_eq!(answer.json().unwrap()["error"]["code"], "UNAVAILABLE");
            assert!(answer.header("retry-after").is_some());
            assert_eq!(answer.header("set-cookie"), None);
        }
        assert_eq!(reader(client, &[("X-Mizan-Token", &edge)]), Err(503));
        // Who depends on no session is served, like an edge token of a user who names none.
        assert_eq!(reader(client, &[]), Ok(Value::Null));
        assert_eq!(reader(client, &[("X-Mizan-Token", &foreign)]), Ok(json!("5")));
        assert_eq!(call(client, "whoami", &json!({}), |call| call).status, 200);
        end();
        let deadline = Instant::now() + Duration::from_secs(10);
        while by_bearer(client, &access, "guarded").status == 503 {
            assert!(Instant::now() < deadline, "it stays away");
        }
        assert_eq!(by_bearer(client, &access, "guarded").status, 200);
        assert_eq!(browser.whoami(), "5");
    }
    assert_eq!(refresh(client, &renew).status, 200);
    // Without the data of Redis there is no session, and that is not an error.
    redis.restart_empty().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while by_bearer(client, &access, "guarded").status != 401 {
        assert!(Instant::now() < deadline, "it stays away");
    }
    let answer = send(client, &Request::get(format!("{MOUNT}/ctx/me/")));
    assert_eq!(answer.status, 200);
}

cases! {
    "identity", SESSION, Redis Patience =>
        an_outage_is_unavailable_and_signs_nobody_out;
}

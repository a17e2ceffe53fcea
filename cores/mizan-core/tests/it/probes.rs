//! Whether a server lives and can serve, and under which names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use mizan_core::testing::TestRequest;
use mizan_core::{Builder, Error, Mizan};
use serde_json::{Value, json};

fn builder() -> Builder {
    Builder::empty().allow_empty()
}

#[track_caller]
fn check(mizan: &Mizan, method: &str, path: &str, expected: (u16, Value)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let response = runtime.block_on(TestRequest::new(method, path).send(mizan));
    let body = serde_json::from_slice(response.body()).unwrap_or_else(|_| response.body().into());
    let body = if response.status() == 405 { Value::Null } else { body };
    assert_eq!((response.status(), body), expected, "{method} {path}");
}

#[test]
fn a_server_is_ready_while_the_application_says_so() {
    let health = (200, json!(b"ok"));
    let mizan = builder().build().unwrap();
    check(&mizan, "GET", "/healthz", health.clone());
    check(&mizan, "POST", "/healthz", (405, Value::Null));
    check(&mizan, "POST", "/readyz", (405, Value::Null));
    check(&mizan, "GET", "/readyz", (200, json!({ "ready": true })));

    let failing = builder().ready(async || Err(Error::internal("marker: the database is away")));
    let mizan = failing.build().unwrap();
    check(&mizan, "GET", "/readyz", (503, json!({ "application": "failed", "ready": false })));
    check(&mizan, "GET", "/healthz", health.clone());

    let panicking = builder().ready(async || panic!("marker"));
    let mizan = panicking.build().unwrap();
    check(&mizan, "GET", "/readyz", (503, json!({ "application": "failed", "ready": false })));

    let waiting = builder().ready(std::future::pending::<mizan_core::Result<()>>);
    let mizan = waiting.build().unwrap();
    check(&mizan, "GET", "/readyz", (503, json!({ "application": "failed", "ready": false })));
    check(&mizan, "GET", "/healthz", health);
}

#[tokio::test]
async fn a_server_that_stops_is_not_ready() {
    let mizan = builder().ready(async || Ok(())).build().unwrap();
    let asked = async || TestRequest::new("GET", "/readyz").send(&mizan).await;
    assert_eq!(asked().await.status(), 200);
    mizan.stop().await;
    let response = asked().await;
    assert_eq!(response.status(), 503);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body, json!({ "application": "ok", "ready": false, "server": "stopping" }));
}

/// However many ask, the application is asked once in a second.
#[tokio::test]
async fn probes_share_what_the_application_said() {
    let count = Arc::<AtomicU32>::default();
    let counted = Arc::clone(&count);
    let mizan = builder().ready(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    let mizan = mizan.build().unwrap();
    let start = std::time::Instant::now();
    for _ in 0..1_000 {
        assert_eq!(TestRequest::new("GET", "/readyz").send(&mizan).await.status(), 200);
    }
    let most = u32::try_from(start.elapsed().as_secs()).unwrap() + 1;
    assert!(count.load(Ordering::SeqCst) <= most, "{count:?}");
}

#[tokio::test]
async fn other_hosts_are_misdirected() {
    let mizan = builder().hosts(["Shop.example", "localhost:3000", "[::1]"]).build().unwrap();
    for (host, allowed) in [
        ("shop.example", true),
        ("SHOP.EXAMPLE:8080", true),
        ("localhost:3000", true),
        ("localhost", false),
        ("localhost:3001", false),
        ("[::1]:8080", true),
        ("evil.example", false),
        ("shop.example.evil.example", false),
        ("shop.example.", false),
        ("", false),
    ] {
        for path in ["/api/mizan/session/", "/nowhere"] {
            let asked = TestRequest::new("GET", path).header("host", host).send(&mizan).await;
            assert_eq!(asked.status() != 421, allowed, "{host} {path}");
        }
        for path in Mizan::PROBES {
            let asked = TestRequest::new("GET", path).header("host", host).send(&mizan).await;
            assert_eq!(asked.status(), 200, "{host} {path}");
        }
    }
    let refused = TestRequest::new("GET", "/").send(&mizan).await;
    let body: Value = serde_json::from_slice(refused.body()).unwrap();
    assert_eq!(body["error"]["code"], "MISDIRECTED_REQUEST");
    let every = builder().build().unwrap();
    let asked = TestRequest::new("GET", "/api/mizan/session/").header("host", "any.example");
    assert_eq!(asked.send(&every).await.status(), 200);
}

#[test]
fn what_is_no_host_is_refused_at_start() {
    let error = builder().hosts(["https://shop.example"]).build().unwrap_err().to_string();
    assert!(error.contains("`https://shop.example` is not a host"), "{error}");
    let policy = builder().content_security_policy("default-src\n'self'").build();
    assert!(policy.unwrap_err().to_string().contains("content security policy"));
}

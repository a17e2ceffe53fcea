//! Which paths and methods are answered, and how: everything else is a 404 or 405 in JSON.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use crate::vectors::Allowed;
use serde_json::json;

use crate::suite::support::{self, MOUNT, app, context, data, error, fields, send};

fn at(method: &str, path: &str) -> Request {
    let request = Request::new(method, format!("{MOUNT}/{path}"));
    match method {
        "GET" | "HEAD" => request,
        _ => request.header("Content-Type", "application/json").body(r#"{"fn":"no_args"}"#),
    }
}

fn the_slash_at_the_end_makes_no_difference(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let ok = data(json!({ "result": "ok" }));
    let session = data(json!({ "csrfToken": "(random)" }));
    let user = data(json!({
        "user_orders": [{ "id": 50, "page": 2 }, { "id": 51, "page": 2 }],
        "user_profile": { "user_id": 5, "name": "u5" },
    }));
    for slash in ["", "/"] {
        support::check(client, slash, &at("POST", &format!("call{slash}")), &ok);
        support::check(client, slash, &at("GET", &format!("session{slash}")), &session);
        let read = context(&format!("user{slash}?user_id=5&page=2"));
        support::check(client, slash, &read, &user);
    }
}

/// HEAD says what GET says, without the body, and runs the same checks.
fn head_is_get_without_a_body(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    for path in [
        "ctx/user/?user_id=5",
        "ctx/user?user_id=5",
        "ctx/user/?user_id=x",
        "ctx/global/",
        "ctx/global",
        "ctx/prefs/",
        "ctx/bad/",
        "ctx/nope/",
        "nowhere/",
        "schema/",
        "session/",
        "session",
    ] {
        let get = send(client, path, &at("GET", path));
        let head = send(client, path, &at("HEAD", path));
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "content-length", "cache-control", "allow"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    let get = send(client, "get", &at("GET", "ctx/global/"));
    assert_eq!(get.header("content-length"), Some(get.body.len().to_string().as_str()));
}

fn other_methods_say_which_are_answered(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let routes = [
        ("call/", &["POST"][..]),
        ("call", &["POST"]),
        ("ctx/user/", &["GET", "HEAD"]),
        ("ctx/nope/", &["GET", "HEAD"]),
        ("ctx/", &["GET", "POST"]),
        ("ctx", &["GET", "POST"]),
        ("session/", &["GET", "HEAD", "DELETE"]),
        ("session/jwt/", &["POST"]),
        ("session/refresh", &["POST"]),
        ("session/mwt/", &["POST"]),
    ];
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LOCK",
        "BREW", "get", "post", "PURGE", "QUERY",
    ];
    for (path, answered) in routes {
        for method in methods.into_iter().filter(|method| !answered.contains(method)) {
            let expected = Allowed {
                headers: [("Allow".to_owned(), answered.join(", "))].into(),
                ..error(405, "METHOD_NOT_ALLOWED")
            };
            let expected = match method {
                // There is no body to read.
                "HEAD" => Allowed { code: None, ..expected },
                _ => expected,
            };
            let title = format!("{method} {path}");
            support::check(client, &title, &at(method, path), &expected);
        }
    }
}

/// No suffix makes a page of a response that a cache in between would keep.
fn every_suffix_is_nothing(backend: &Backend) {
    let suffixes = [
        ".css",
        ".js",
        ".png",
        ".html",
        ".json",
        ".txt",
        ".ico",
        ".map",
        "/.css",
        "/x.css",
        "/x.js",
        "/x.png",
        "/index.html",
        "/style.css",
        "/a/b.css",
        "/..%2fx.css",
        "/%2e%2e/x.css",
        "%2fx.css",
        "%2Fx.css",
        "%5cx.css",
        "%00",
        "%00.css",
        "%0a.css",
        "%0d%0ax.css",
        "%20",
        "%3fx.css",
        "%23x.css",
        "%26x.css",
        "%3bx.css",
        ";x.css",
        ";/x.css",
        ";jsessionid=1.css",
        ",x.css",
        "!x.css",
        "~x.css",
        "@x.css",
        "&x.css",
        "=x.css",
        "$x.css",
        "*x.css",
        "'x.css",
        "(x).css",
        ":x.css",
        "+x.css",
        "-x",
        "_x",
        "x",
        "//",
        "///",
        "//x.css",
        "/./",
        "/../x.css",
    ];
    assert!(suffixes.len() >= 50);
    let server = app(backend);
    let client = &mut server.client();
    let not_found = error(404, "NOT_FOUND");
    for (method, route) in [
        ("GET", "ctx/user"),
        ("GET", "ctx/global"),
        ("GET", "session"),
        ("POST", "call"),
        ("GET", "schema"),
    ] {
        for suffix in suffixes {
            let path = format!("{route}{suffix}");
            support::check(client, &path, &at(method, &path), &not_found);
            let path = format!("{route}{suffix}?user_id=5");
            support::check(client, &path, &at(method, &path), &not_found);
        }
    }
    for path in [
        "",
        "ctx//",
        "ctx/user/profile",
        "ctx/%75ser%2f",
        "ctx/USER",
        "ctx/%FF/",
        "ctx/%/",
        "CALL/",
        "call%2f",
        "%63all/",
        "Session/",
        "favicon.ico",
        "robots.txt",
        ".env",
        "../api/mizan/x",
        "%2e%2e/",
        "ws/",
        "session/jwt/nothing",
        "ctx/user\\",
        "ctx/__proto__/",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let title = format!("{method} {path:?}");
            // A name that no context has is a 404 for those methods that contexts answer.
            if method != "GET" && path.starts_with("ctx/") {
                let answer = send(client, &title, &at(method, path));
                assert!([404, 405].contains(&answer.status), "{title}");
                continue;
            }
            support::check(client, &title, &at(method, path), &not_found);
        }
    }
    for path in ["/api/mizan", "/api/mizan/"] {
        support::check(client, path, &Request::get(path), &not_found);
    }
}

/// The schema document names every function, so it is answered where it was asked for only.
fn the_schema_is_not_told(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    for path in ["schema", "schema/"] {
        for method in ["GET", "POST", "OPTIONS"] {
            support::check(client, path, &at(method, path), &error(404, "NOT_FOUND"));
        }
    }
    let schema = send(client, "schema", &at("GET", "schema/")).seen();
    let nowhere = send(client, "nowhere", &at("GET", "nowhere/")).seen();
    assert_eq!(schema, nowhere);
}

/// One member of a bundle can be asked for; the parameters of all are checked.
fn one_member_is_read_alone(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    for (query, expected) in [
        (
            "user/?user_id=5&mizan.only=user_profile",
            data(json!({ "user_profile": { "user_id": 5, "name": "u5" } })),
        ),
        ("bad/?mizan.only=bad_ok", data(json!({ "bad_ok": "fine" }))),
        ("bad/?mizan.only=bad_boom", error(500, "INTERNAL_ERROR")),
        ("bad/", error(500, "INTERNAL_ERROR")),
        ("mixed/?slug=a", data(json!({ "mixed_data": "a" }))),
        ("user/?user_id=5&mizan.only=nope", error(404, "NOT_FOUND")),
        ("user/?user_id=5&mizan.only=org_orders", error(404, "NOT_FOUND")),
        ("user/?user_id=5&page=x&mizan.only=user_profile", fields(["page"])),
        (
            "global/?mizan.only=current_user",
            data(json!({ "current_user": { "id": null, "staff": false } })),
        ),
        ("user/?user_id=5&user.id=6&unknown=7", Allowed { status: 200, ..Allowed::default() }),
    ] {
        support::check(client, query, &context(query), &expected);
    }
}

/// What a call says to the edge and to the client comes from one list.
fn body_and_header_name_the_same_targets(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let ok = json!({ "ok": true });
    for (body, header, json) in [
        (
            r#"{"fn":"update_profile","args":{"user_id":5,"name":"x"}}"#,
            Some("user;user_id=5"),
            json!({ "result": ok, "invalidate": [{ "context": "user", "params": { "user_id": 5 } }] }),
        ),
        (
            r#"{"fn":"opt_touch"}"#,
            Some("orders;org=x"),
            json!({ "result": ok, "invalidate": [{ "context": "orders", "params": { "org": "x" } }] }),
        ),
        (
            r#"{"fn":"opt_touch","args":{"page":2,"org":"a,b;c=d\r\nX: y é"}}"#,
            Some("orders;org=a%2Cb%3Bc%3Dd%0D%0AX%3A%20y%20%C3%A9;page=2"),
            json!({ "result": ok, "invalidate": [
                { "context": "orders", "params": { "org": "a,b;c=d\r\nX: y é", "page": 2 } },
            ] }),
        ),
        (
            r#"{"fn":"touch_many","args":{"user_id":1,"unknown":2}}"#,
            Some("user;user_id=1, orders;org=acme, prefs"),
            json!({ "result": ok, "invalidate": [
                { "context": "user", "params": { "user_id": 1 } },
                { "context": "orders", "params": { "org": "acme" } },
                "prefs",
            ] }),
        ),
        (r#"{"fn":"broad"}"#, Some("global"), json!({ "result": ok, "invalidate": ["global"] })),
        (
            r#"{"fn":"add_order","args":{"org":"acme"}}"#,
            Some("orders;org=acme"),
            json!({ "result": { "id": 99, "page": 1 }, "merge": [{
                "context": "orders", "slot": "org_orders", "params": { "org": "acme" },
                "value": { "id": 99, "page": 1 }, "mode": "upsert", "key": "id",
            }] }),
        ),
        (r#"{"fn":"no_args"}"#, None, json!({ "result": "ok" })),
    ] {
        let answer = support::check(client, body, &Request::call(body), &data(json));
        assert_eq!(answer.header("x-mizan-invalidate"), header, "{body}");
    }
    // A header that would be too long names whole contexts, and the body does the same.
    let org = "é".repeat(2_000);
    let body = json!({ "fn": "touch_many", "args": { "user_id": 1, "org": org } }).to_string();
    let expected = data(json!({ "result": ok, "invalidate": ["user", "orders", "prefs"] }));
    let answer = support::check(client, "long", &Request::call(body), &expected);
    assert_eq!(answer.header("x-mizan-invalidate"), Some("user, orders, prefs"));
}

cases! {
    "wire", READ =>
        the_slash_at_the_end_makes_no_difference
        head_is_get_without_a_body
        other_methods_say_which_are_answered
        every_suffix_is_nothing
        the_schema_is_not_told
        one_member_is_read_alone;
    "header", CALL =>
        body_and_header_name_the_same_targets;
}

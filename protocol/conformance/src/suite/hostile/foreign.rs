//! Requests of other sites and of callers who guess: they reach no function and learn nothing.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::{Client, Request};
use crate::vectors::Allowed;
use mizan_faults::random::Random;

use super::check_alive;
use crate::suite::support::{self, MOUNT, app, context, error, send};

/// Nothing that a form of another site can send reaches a function.
fn only_json_is_taken(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let mut types: Vec<String> = [
        "",
        "application",
        "application/",
        "/json",
        "json",
        "text/plain",
        "text/json",
        "text/html",
        "text/xml",
        "text/javascript",
        "text/css",
        "text/csv",
        "text/markdown",
        "text/event-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=B",
        "multipart/mixed",
        "application/xml",
        "application/javascript",
        "application/octet-stream",
        "application/pdf",
        "application/graphql",
        "application/graphql+json",
        "application/ld+json",
        "application/vnd.api+json",
        "application/problem+json",
        "application/json-rpc",
        "application/jsonp",
        "application/json5",
        "application/jsonlines",
        "application/x-json",
        "application/x-ndjson",
        "application/json+x",
        "application/json/x",
        "application/jso",
        "application /json",
        "application/ json",
        "application/json, text/plain",
        "application/json text/plain",
        "text/plain, application/json",
        "text/plain; application/json",
        "text/plain; charset=application/json",
        "text/plain;application/json",
        "*/*",
        "application/*",
        "application/json\u{e9}",
        "\"application/json\"",
        "'application/json'",
        "application\\json",
        "application%2fjson",
        "application/json%00",
        "charset=utf-8",
        "; application/json",
        ";",
        "image/svg+xml",
        "image/png",
        "audio/mpeg",
        "video/mp4",
        "font/woff2",
        "model/gltf+json",
        "application/cbor",
        "application/msgpack",
        "application/protobuf",
        "application/grpc",
        "application/grpc+json",
        "application/csp-report",
        "application/reports+json",
        "application/wasm",
        "application/x-protobuf",
        "application/yaml",
        "application/toml",
        "application/zip",
        "application/geo+json",
        "application/manifest+json",
        "application/merge-patch+json",
        "application/json-patch+json",
        "application/hal+json",
        "application/activity+json",
        "application/schema+json",
        "application/vnd.github+json",
        "text/x-json",
        "text/x-javascript",
    ]
    .map(str::to_owned)
    .into();
    for simple in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        for tail in
            [";charset=utf-8", "; charset=UTF-8", " ;x", "; a=b; c=d", ";;", "; json", "; =json"]
        {
            types.push(format!("{simple}{tail}"));
        }
    }
    let mut random = Random::seeded(0x111);
    while types.len() < 199 {
        let mut bytes = b"application/json".to_vec();
        let at = random.below(bytes.len());
        bytes[at] = *random.pick(b"abcdefghijklmnopqrstuvwxyz-+._").unwrap();
        let text = String::from_utf8(bytes).unwrap();
        if text != "application/json" {
            types.push(text);
        }
    }
    let body = r#"{"fn":"update_profile","args":{"user_id":5,"name":"x"}}"#;
    let refused = error(415, "UNSUPPORTED_MEDIA_TYPE");
    let call = || Request::new("POST", format!("{MOUNT}/call/")).body(body);
    for content_type in &types {
        let request = call().header("Content-Type", content_type.as_bytes());
        support::check(client, content_type, &request, &refused);
    }
    support::check(client, "none", &call(), &refused);
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=utf-8",
        "APPLICATION/JSON",
        " application/json ",
    ] {
        let request = call().header("Content-Type", content_type);
        let expected = Allowed { status: 200, ..Allowed::default() };
        support::check(client, content_type, &request, &expected);
    }
    assert_eq!(types.len() + 1, 200);
    check_alive(&server);
}

/// A private function and one that does not exist are the same, to the last byte.
fn private_functions_cannot_be_told_from_unknown_ones(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let mut answer = |name: &str, args: &str| {
        let body = format!(r#"{{"fn":"{name}","args":{args}}}"#);
        send(client, name, &Request::call(body)).seen()
    };
    let mut random = Random::seeded(0x49);
    for args in ["{}", r#"{"x":1}"#, r#"{"user_id":"x"}"#] {
        let private = answer("stripe_webhook", args);
        assert!(private.starts_with("404"), "{private}");
        for _ in 0..500 {
            let length = 1 + random.below(40);
            let name: String = (0..length)
                .map(|_| {
                    char::from(*random.pick(b"abcdefghijklmnopqrstuvwxyz_0123456789").unwrap())
                })
                .collect();
            let registered =
                ["add", "opt", "dup", "echo", "flag", "gone", "tags", "todo", "boom", "many"];
            if !registered.contains(&name.as_str()) {
                assert_eq!(answer(&name, args), private, "{name}");
            }
        }
    }
    // Contexts that do not exist are the same too, whatever their names.
    let unknown = |client: &mut Client, name: &str| send(client, name, &context(name)).seen();
    let nope = unknown(client, "nope/");
    for name in ["stripe_webhook/", "a/", "user.css/", "%00/", &"b".repeat(2_000)] {
        assert_eq!(unknown(client, name), nope, "{name}");
    }
}

/// Nothing but what a function declares reaches its response.
fn other_headers_change_nothing(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let names = [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Server",
        "X-Forwarded-Scheme",
        "Forwarded",
        "Via",
        "X-Real-IP",
        "X-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "Front-End-Https",
        "X-Url-Scheme",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Original-Host",
        "X-Host",
        "X-HTTP-Host-Override",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-Mizan-Invalidate",
        "X-Mizan-Cache",
        "X-Mizan-Function",
        "X-Mizan-Context",
        "X-Mizan-User",
        "Host",
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "Accept-Charset",
        "User-Agent",
        "Referer",
        "DNT",
        "If-None-Match",
        "If-Modified-Since",
        "If-Match",
        "Range",
        "Cache-Control",
        "Pragma",
        "TE",
        "Upgrade-Insecure-Requests",
        "X-Requested-With",
        "X-Allow",
        "X-User",
        "X-User-Id",
        "X-Remote-User",
        "Remote-User",
        "X-Auth-User",
        "X-Staff",
        "X-Admin",
        "Purpose",
        "Sec-Purpose",
        "Sec-Fetch-Mode",
        "Sec-Fetch-Dest",
        "Sec-GPC",
        "Save-Data",
        "Early-Data",
        "Origin-Trial",
        "Authorization-Override",
        "X-Request-Id",
        "Traceparent",
        "Tracestate",
        "Baggage",
        "X-CSRFToken",
    ];
    let values = ["evil.example", "global, user;user_id=1", "DELETE"];
    let call = r#"{"fn":"update_profile","args":{"user_id":5,"name":"x"}}"#;
    let routes = [
        context("user/?user_id=5"),
        context("global/"),
        context("user/?user_id=x"),
        context("nope/"),
        Request::call(call),
        Request::call(r#"{"fn":"need_user"}"#),
        Request::get(format!("{MOUNT}/call/")),
        Request::get(format!("{MOUNT}/nowhere/")),
    ];
    let mut count = 0;
    for route in &routes {
        let plain = send(client, "plain", route).seen();
        for name in names {
            for value in values {
                let hostile = route.clone().header(name, value);
                let answer = send(client, name, &hostile).seen();
                assert_eq!(answer, plain, "{name}: {value}");
                count += 1;
            }
        }
    }
    assert!(count / routes.len() >= 200, "{count}");
    // A token that is empty, or of a scheme that is not ours, is none.
    let plain = send(client, "plain", &routes[0]).seen();
    for (name, value) in [
        ("Authorization", ""),
        ("Authorization", "Bearer"),
        ("Authorization", "Bearer "),
        ("Authorization", "Basic dTpw"),
        ("Authorization", "Digest username=\"u\""),
        ("X-Mizan-Token", ""),
    ] {
        let request = routes[0].clone().header(name, value);
        assert_eq!(send(client, value, &request).seen(), plain, "{name}: {value}");
    }
    for (name, value) in [
        ("Authorization", "Bearer x"),
        ("Authorization", "bearer x"),
        ("Authorization", "BEARER  x.y.z"),
        ("X-Mizan-Token", "x.y.z"),
    ] {
        for route in [&routes[0], &routes[2], &routes[4]] {
            let request = route.clone().header(name, value);
            support::check(client, value, &request, &error(401, "UNAUTHORIZED"));
        }
    }
}

cases! {
    "hostile", CALL =>
        only_json_is_taken
        private_functions_cannot_be_told_from_unknown_ones
        other_headers_change_nothing;
}

//! Requests that nobody sends by accident: every one gets its error, and nothing else happens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mizan_conformance::client::{Client, Connection, Request};
use mizan_conformance::server::Server;
use mizan_conformance::vectors::Allowed;
use mizan_faults::random::Random;
use serde_json::json;

use crate::support::{self, MOUNT, app, context, data, deep, error, fields, send};

fn bad_request() -> Allowed {
    error(400, "BAD_REQUEST")
}

/// A member that is missing may be named itself, or by the object that it is missing in.
fn missing_member() -> Allowed {
    let among = ["body.b", "body.b.c"].map(str::to_owned);
    Allowed { fields_among: Some(among.into()), ..error(422, "VALIDATION_ERROR") }
}

#[track_caller]
fn check(client: &mut Client, title: &str, body: impl Into<Vec<u8>>, expected: &Allowed) {
    support::check(client, title, &Request::call(body), expected);
}

/// The server is there, and does what it did before.
#[track_caller]
fn check_alive(server: &Server) {
    check(
        &mut server.client(),
        "alive",
        r#"{"fn":"echo","args":{"text":"a"}}"#,
        &data(json!({ "result": { "message": "a" } })),
    );
}

#[test]
fn broken_bodies_are_bad_requests() {
    let server = app();
    let client = &mut server.client();
    let bodies: &[(&str, &[u8])] = &[
        ("empty", b""),
        ("blank", b"  \r\n\t "),
        ("brace", b"{"),
        ("cut", br#"{"fn":"echo","args":{"text":"a"#),
        ("comma at the end", br#"{"fn":"no_args",}"#),
        ("two values", br#"{"fn":"no_args"}{"fn":"no_args"}"#),
        ("text behind", br#"{"fn":"no_args"} x"#),
        ("single quotes", b"{'fn':'no_args'}"),
        ("comment", b"{\"fn\":\"no_args\"} // x"),
        ("bare word", b"no_args"),
        ("NaN", b"NaN"),
        ("null", b"null"),
        ("true", b"true"),
        ("number", b"5"),
        ("huge number", &[b'9'; 5_000]),
        ("text", br#""echo""#),
        ("list", b"[]"),
        ("list of two", br#"["no_args",{}]"#),
        ("list of calls", br#"[{"fn":"no_args"}]"#),
        ("no fn", b"{}"),
        ("fn null", br#"{"fn":null}"#),
        ("fn list", br#"{"fn":["no_args"]}"#),
        ("fn object", br#"{"fn":{"no_args":1}}"#),
        ("fn true", br#"{"fn":true}"#),
        ("FN", br#"{"FN":"no_args"}"#),
        ("args number", br#"{"fn":"no_args","args":1}"#),
        ("args text", br#"{"fn":"no_args","args":"{}"}"#),
        ("args list", br#"{"fn":"no_args","args":[]}"#),
        ("args true", br#"{"fn":"no_args","args":true}"#),
        ("NUL", b"\0"),
        ("NUL behind", b"{\"fn\":\"no_args\"}\0"),
        ("NUL in text", b"{\"fn\":\"echo\",\"args\":{\"text\":\"a\0b\"}}"),
        ("line break in text", b"{\"fn\":\"echo\",\"args\":{\"text\":\"a\nb\"}}"),
        ("not UTF-8", b"\xff\xfe"),
        ("not UTF-8 in text", b"{\"fn\":\"echo\",\"args\":{\"text\":\"\xff\"}}"),
        ("overlong UTF-8", b"{\"fn\":\"echo\",\"args\":{\"text\":\"\xc0\xaf\"}}"),
        ("surrogate in UTF-8", b"{\"fn\":\"echo\",\"args\":{\"text\":\"\xed\xa0\x80\"}}"),
        ("not UTF-8 in a name", b"{\"fn\":\"no_args\",\"\xff\":1}"),
        ("UTF-16", b"\xff\xfe{\0\"\0f\0n\0\"\0:\0\"\0n\0o\0\"\0}\0"),
        ("fn twice", br#"{"fn":"no_args","fn":"no_args"}"#),
        ("args twice", br#"{"fn":"no_args","args":{},"args":{}}"#),
        ("argument twice", br#"{"fn":"echo","args":{"text":"a","text":"b"}}"#),
        ("argument twice, escaped", br#"{"fn":"echo","args":{"text":"a","te\u0078t":"b"}}"#),
        ("unknown argument twice", br#"{"fn":"no_args","args":{"x":1,"x":1}}"#),
        ("lone surrogate as fn", br#"{"fn":"\ud800"}"#),
        ("lone surrogate in a name", br#"{"fn":"no_args","args":{"\ud800":1}}"#),
        ("escape of a letter", br#"{"fn":"\q"}"#),
    ];
    for (title, body) in bodies {
        check(client, title, *body, &bad_request());
    }
    check_alive(&server);
}

#[test]
fn nesting_is_bounded_before_anything_is_read() {
    let server = app();
    let client = &mut server.client();
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{}{}", open.repeat(levels), close.repeat(levels))
    };
    for (title, nested) in [
        ("lists", deep("[", "]", 20_000)),
        ("open lists", deep("[", "", 20_000)),
        ("objects", deep("{\"a\":", "}", 20_000)),
        ("65 lists", deep("[", "]", 65)),
    ] {
        check(client, title, nested.as_bytes(), &bad_request());
        for name in ["no_args", "echo", "nested", "tags"] {
            for argument in ["text", "body", "tags", "x"] {
                let body = format!(r#"{{"fn":"{name}","args":{{"{argument}":{nested}}}}}"#);
                check(client, title, body, &bad_request());
            }
        }
        let beside = format!(r#"{{"fn":"no_args","later":{nested}}}"#);
        check(client, title, beside, &bad_request());
    }
    // Brackets in a text do not nest.
    let text = "[{".repeat(10_000);
    let body = format!(r#"{{"fn":"echo","args":{{"text":"{text}"}}}}"#);
    check(client, "brackets in a text", body, &data(json!({ "result": { "message": text } })));
    check_alive(&server);
}

#[test]
fn huge_numbers_are_wrong_values_and_not_more() {
    let server = app();
    let client = &mut server.client();
    let digits = "7".repeat(5_000);
    let call = |name: &str, argument: &str, value: &str| {
        format!(r#"{{"fn":"{name}","args":{{"{argument}":{value}}}}}"#)
    };
    for value in [
        digits.clone(),
        format!("-{digits}"),
        "9223372036854775808".into(),
        "-9223372036854775809".into(),
        "1e400".into(),
        "1.5".into(),
        "1e-1".into(),
    ] {
        check(client, &value, call("add", "a", &value), &fields(["a"]));
        check(client, &value, call("echo", "text", &value), &fields(["text"]));
    }
    for value in [digits.clone(), "1e400".into(), "-1e400".into()] {
        // A number that no JSON reader can hold may be a fault of the whole text.
        let body = Request::call(call("ratio", "x", &value));
        let answer = send(client, &value, &body);
        let allowed = [fields(["x"]), bad_request()];
        assert!(
            allowed.iter().any(|allowed| support::judge(&answer, allowed).is_ok()),
            "{value}: {}",
            support::shown(&answer)
        );
    }
    let unknown = Request::call(call("no_args", "x", &digits));
    let answer = send(client, "unknown argument", &unknown);
    assert!([200, 400].contains(&answer.status), "{}", answer.text());

    let user = |value: &str| context(&format!("user/?user_id={value}"));
    for value in [&digits, "9223372036854775808", "1e3", "1.0", "0x10", "1_000", "--1", "%2B-1"] {
        support::check(client, value, &user(value), &fields(["user_id"]));
    }
    // A number whose tenfold is too large is refused by the function, which never panics.
    let answer = send(client, "large", &user("9223372036854775807"));
    assert!([422, 500].contains(&answer.status), "{}", answer.text());
    check_alive(&server);
}

#[test]
fn wrong_types_name_their_argument() {
    let server = app();
    let client = &mut server.client();
    for (body, expected) in [
        (r#"{"fn":"echo","args":{"text":5}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":null}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":["a"]}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":"\ud800"}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":"\udc00\ud800"}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"Text":"a"}}"#, fields(["text"])),
        (r#"{"fn":"add","args":{"a":"1"}}"#, fields(["a"])),
        (r#"{"fn":"add","args":{"a":true}}"#, fields(["a"])),
        (r#"{"fn":"add","args":{"a":1,"b":"2"}}"#, fields(["b"])),
        (r#"{"fn":"add","args":{"a":1,"b":null}}"#, fields(["b"])),
        (r#"{"fn":"add","args":{"b":"2"}}"#, fields(["a", "b"])),
        (r#"{"fn":"many"}"#, fields(["a", "b", "c"])),
        (r#"{"fn":"many","args":{"a":"x","b":{},"c":1}}"#, fields(["a", "b", "c"])),
        (r#"{"fn":"flag","args":{"on":1}}"#, fields(["on"])),
        (r#"{"fn":"flag","args":{"on":"true"}}"#, fields(["on"])),
        (r#"{"fn":"ratio","args":{"x":"1.5"}}"#, fields(["x"])),
        (r#"{"fn":"opt","args":{"x":"5"}}"#, fields(["x"])),
        (r#"{"fn":"tags","args":{"tags":"a"}}"#, fields(["tags"])),
        (r#"{"fn":"tags","args":{"tags":["a",1]}}"#, fields(["tags.1"])),
        (r#"{"fn":"tags","args":{"tags":{"0":"a"}}}"#, fields(["tags"])),
        (r#"{"fn":"nested","args":{"body":{"a":1,"b":{"c":5}}}}"#, fields(["body.b.c"])),
        (r#"{"fn":"nested","args":{"body":{"a":1,"b":{}}}}"#, missing_member()),
        (r#"{"fn":"nested","args":{"body":"{}"}}"#, fields(["body"])),
        (r#"{"fn":"update_profile","args":{"user_id":true,"name":"x"}}"#, fields(["user_id"])),
        (r#"{"fn":"nope","args":{"text":"a"}}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"","args":{}}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"constructor"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"__proto__"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"echo ","args":{"text":"a"}}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"ECHO","args":{"text":"a"}}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"no_args\u0000"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"contact.schema"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"opt","args":{"x":null}}"#, data(json!({ "result": { "x": null } }))),
        (r#"{"fn":"opt"}"#, data(json!({ "result": { "x": null } }))),
        (r#"{"fn":"no_args","args":null}"#, data(json!({ "result": "ok" }))),
        (r#"{"fn":"no_args","args":{"__proto__":{"x":1}}}"#, data(json!({ "result": "ok" }))),
        (r#"{"fn":"no_args","later":{"x":[1]}}"#, data(json!({ "result": "ok" }))),
        (r#"{"fn":"ratio","args":{"x":1}}"#, data(json!({ "result": 1.0 }))),
        (r#"{"fn":"\u006eo_args"}"#, data(json!({ "result": "ok" }))),
    ] {
        check(client, body, body, &expected);
    }
    check_alive(&server);
}

#[test]
fn queries_are_bounded_and_read_strictly() {
    let server = app();
    let client = &mut server.client();
    let orders =
        |org: &str| data(json!({ "org_orders": [{ "id": org.chars().count(), "page": 1 }] }));
    let many = |count: usize| {
        let others: String = (1..count).map(|at| format!("&x{at}=1")).collect();
        format!("orders/?org=ab{others}")
    };
    let long = |length: usize| {
        let fixed = format!("{MOUNT}/ctx/orders/org=").len();
        format!("orders/?org={}", "a".repeat(length - fixed))
    };
    for (query, expected) in [
        ("orders/?org=a%00b".into(), orders("a\0b")),
        ("orders/?org=%E2%82%AC".into(), orders("€")),
        ("orders/?org=a+b%20c".into(), orders("a b c")),
        ("orders/?org=".into(), orders("")),
        ("orders/?org".into(), orders("")),
        ("orders/?org=a=b".into(), orders("a=b")),
        ("orders/?org=ab&&&".into(), orders("ab")),
        ("orders/?org=ab&%FF=1".into(), orders("ab")),
        ("orders/?org=ab&unknown=%FF".into(), orders("ab")),
        ("orders/?o%72g=ab".into(), orders("ab")),
        (many(100), orders("ab")),
        (many(101), bad_request()),
        (many(500), bad_request()),
        (long(8 << 10), Allowed { json: None, ..orders("") }),
        (long((8 << 10) + 1), bad_request()),
        (long(20_000), bad_request()),
        ("orders/".into(), fields(["org"])),
        ("orders/?ORG=ab".into(), fields(["org"])),
        ("orders/?org=%FF".into(), fields(["org"])),
        ("orders/?org=%C0%AF".into(), fields(["org"])),
        ("orders/?org=%ED%A0%80".into(), fields(["org"])),
        ("orders/?org=%".into(), fields(["org"])),
        ("orders/?org=%4".into(), fields(["org"])),
        ("orders/?org=%zz".into(), fields(["org"])),
        ("orders/?org=a&org=a".into(), fields(["org"])),
        ("orders/?org=a&o%72g=a".into(), fields(["org"])),
        ("orders/?page=x".into(), fields(["org", "page"])),
        ("orders/?org=a&page=1&page=2".into(), fields(["page"])),
        ("orders/?org=a&page=%00".into(), fields(["page"])),
        ("orders/?org=a&page=1%002".into(), fields(["page"])),
        ("orders/?org=a&page=null".into(), fields(["page"])),
        ("orders/?org=a&page=".into(), fields(["page"])),
        ("orders/?org=a&page=%EF%BC%91".into(), fields(["page"])),
    ] {
        support::check(client, &query, &context(&query), &expected);
    }
    check_alive(&server);
}

/// What the HTTP parser refuses it answers itself, without an envelope; the server goes on.
#[test]
fn broken_requests_end_their_connection_only() {
    let server = app();
    let huge = "a".repeat(300_000);
    let heads: Vec<Vec<u8>> = vec![
        b"GET /api/mizan/ctx/\xff/ HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET /api/mizan/ctx/orders/?org=\xff HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET /api/mizan/ctx/us\0er/ HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET /api/mizan/ctx/user /x HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        b"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}".to_vec(),
        b"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}".to_vec(),
        b"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}".to_vec(),
        b"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n".to_vec(),
        b"GET /api/mizan/ctx/global/ HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n".to_vec(),
        b"GET /api/mizan/ctx/global/ HTTP/9.9\r\nHost: x\r\n\r\n".to_vec(),
        format!("GET /api/mizan/ctx/orders/?org={huge} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes(),
        format!("GET /api/mizan/ctx/global/ HTTP/1.1\r\nHost: x\r\nX: {huge}\r\n\r\n").into_bytes(),
        format!("GET /api/mizan/ctx/global/ HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: a\r\n".repeat(5_000)).into_bytes(),
    ];
    for head in heads {
        let title = String::from_utf8_lossy(&head[..head.len().min(150)]).into_owned();
        let mut connection = Connection::open(server.address()).unwrap();
        drop(connection.send(&head));
        drop(connection.half_close());
        if let Ok(answer) = connection.receive(false) {
            assert!((400..500).contains(&answer.status), "{title}: {}", support::shown(&answer));
        }
        check_alive(&server);
    }
}

#[test]
fn a_large_body_is_refused_without_reading_on() {
    let server = app();
    let client = &mut server.client();
    let too_large = error(413, "PAYLOAD_TOO_LARGE");
    let limit = 1 << 20;
    let body_of = |length: usize| {
        let frame = r#"{"fn":"echo","args":{"text":""}}"#.len();
        let text = "a".repeat(length - frame);
        format!(r#"{{"fn":"echo","args":{{"text":"{text}"}}}}"#)
    };
    let fits = support::check(
        client,
        "exactly the limit",
        &Request::call(body_of(limit)),
        &Allowed { status: 200, ..Allowed::default() },
    );
    assert!(fits.body.len() > limit - 100);
    for length in [limit + 1, 4 * limit] {
        check(client, "one more", body_of(length), &too_large);
    }
    // Only declared: the answer comes although nothing of the body does.
    for declared in ["1048577", "99999999999", "18446744073709551615"] {
        let mut connection = Connection::open(server.address()).unwrap();
        let request = Request::call("").header("Content-Length", declared);
        let answer = connection.exchange(&request, server.address()).unwrap();
        support::judge(&answer, &too_large).unwrap();
    }
    // Not declared: refused as soon as it is too large, while more would come.
    let mut connection = Connection::open(server.address()).unwrap();
    let head = Request::call("").header("Transfer-Encoding", "chunked");
    connection.send(&head.bytes(server.address())).unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    let mut sent = 0;
    while sent < 64 && connection.send(&chunk).is_ok() {
        sent += 1;
    }
    let answer = connection.receive(false).unwrap();
    support::judge(&answer, &too_large).unwrap();

    // Chunked and small enough is as good as declared.
    let mut connection = Connection::open(server.address()).unwrap();
    let body = "b\r\n{\"fn\":\"no_a\r\n5\r\nrgs\"}\r\n0\r\n\r\n";
    let request = Request::call(body).header("Transfer-Encoding", "chunked");
    let answer = connection.exchange(&request, server.address()).unwrap();
    support::judge(&answer, &data(json!({ "result": "ok" }))).unwrap();
    check_alive(&server);
}

/// A body that is refused unread is not taken for the next request.
#[test]
fn an_unread_body_is_not_a_request() {
    let server = app();
    let address = server.address();
    let hidden = Request::call(r#"{"fn":"echo","args":{"text":"smuggled"}}"#).bytes(address);
    let next = context("global/").bytes(address);
    let text = |name: &str| Request::call("").header("X", name);
    for (title, request) in [
        ("no such path", Request::new("POST", format!("{MOUNT}/nowhere/"))),
        ("method", Request::new("POST", format!("{MOUNT}/ctx/global/"))),
        ("type", Request::new("POST", format!("{MOUNT}/call/"))),
        ("read", context("global/")),
        ("call", text("a")),
        ("cookie", text("a").header("Cookie", "a=b")),
        ("bad token", text("a").header("X-Mizan-Token", "a")),
        ("another site", text("a").header("Sec-Fetch-Site", "cross-site")),
    ] {
        for blanks in [0, 70_000, 3 << 20] {
            let body = [&vec![b' '; blanks][..], &hidden].concat();
            let mut connection = Connection::open(address).unwrap();
            let request = request.clone().body(body).bytes(address);
            drop(connection.send(&request));
            drop(connection.send(&next));
            drop(connection.half_close());
            let mut answers = 0;
            while let Ok(answer) = connection.receive(false) {
                answers += 1;
                assert!(!answer.text().contains("smuggled"), "{title}, {blanks}");
            }
            assert!((1..=2).contains(&answers), "{title}, {blanks}: {answers}");
        }
    }
    check_alive(&server);
}

#[test]
fn a_body_that_breaks_off_runs_nothing() {
    let server = app();
    let body = r#"{"fn":"update_profile","args":{"user_id":5,"name":"x"}}"#;
    for sent in 0..body.len() {
        let mut connection = Connection::open(server.address()).unwrap();
        let request = Request::call(&body[..sent]).header("Content-Length", body.len().to_string());
        connection.send(&request.bytes(server.address())).unwrap();
        connection.half_close().unwrap();
        if let Ok(answer) = connection.receive(false) {
            support::well_formed(&answer).unwrap();
            support::judge(&answer, &bad_request()).unwrap();
        }
    }
    check_alive(&server);
}

/// Nothing that a form of another site can send reaches a function.
#[test]
fn only_json_is_taken() {
    let server = app();
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
#[test]
fn private_functions_cannot_be_told_from_unknown_ones() {
    let server = app();
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

/// Nothing but what a function declares reaches its answer.
#[test]
fn other_headers_change_nothing() {
    let server = app();
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

/// Statuses that no body can earn here: none of the functions that fail is called by its name.
fn may_be(status: u16) -> bool {
    matches!(status, 200 | 302 | 400 | 401 | 403 | 404 | 413 | 415 | 422)
}

#[test]
fn random_bodies_are_answered_in_form() {
    const SEED: u64 = 0xf022;
    let rounds = 6_000 * deep();
    let server = app();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = &mut server.client();
                loop {
                    let round = next.fetch_add(1, Ordering::Relaxed);
                    if round >= rounds {
                        break;
                    }
                    let mut random = Random::seeded(SEED + round as u64);
                    let body = match round % 4 {
                        0 => {
                            let length = random.below(300);
                            random.bytes(length)
                        }
                        1 => mutated(&mut random),
                        2 => tokens(&mut random),
                        _ => format!(
                            r#"{{"fn":"{}","args":{{"{}":{}}}}}"#,
                            random.pick(&["echo", "add", "many", "tags", "nested", "opt"]).unwrap(),
                            random.pick(&["text", "a", "tags", "body", "x", "b"]).unwrap(),
                            value(&mut random, 0)
                        )
                        .into_bytes(),
                    };
                    let title = format!("round {round}: {}", String::from_utf8_lossy(&body));
                    let answer = send(client, &title, &Request::call(body));
                    assert!(may_be(answer.status), "{title}: {}", support::shown(&answer));
                }
            });
        }
    });
    check_alive(&server);
}

#[test]
fn random_queries_are_answered_in_form() {
    const SEED: u64 = 0xf0a7;
    const SIGNS: &[&str] = &[
        "user_id",
        "page",
        "org",
        "mizan.only",
        "=",
        "&",
        "=",
        "&",
        "%",
        "%00",
        "%FF",
        "+",
        "1",
        "-",
        ".",
        "e",
        "user_orders",
        "null",
        "true",
        "[",
        "]",
        ";",
        "?",
        "/",
        "5",
        " %20",
        "%E2%82%AC",
        "%22",
    ];
    let server = app();
    let client = &mut server.client();
    for round in 0..2_000 * deep() as u64 {
        let mut random = Random::seeded(SEED + round);
        let length = random.below(14);
        let query: String = (0..length).map(|_| *random.pick(SIGNS).unwrap()).collect();
        let query = query.replace(' ', "");
        let name = random.pick(&["user", "orders", "global", "revved"]).unwrap();
        let answer = send(client, &query, &context(&format!("{name}/?{query}")));
        assert!(
            matches!(answer.status, 200 | 400 | 404 | 422),
            "{name}/?{query}: {}",
            support::shown(&answer)
        );
    }
    check_alive(&server);
}

/// A good body with a few of its bytes changed.
fn mutated(random: &mut Random) -> Vec<u8> {
    const BODIES: &[&str] = &[
        r#"{"fn":"echo","args":{"text":"h\u00e9\ud83d\ude00"}}"#,
        r#"{"fn":"nested","args":{"body":{"a":1,"b":{"c":"x"}}}}"#,
        r#"{"fn":"touch_many","args":{"user_id":-5,"org":"a b"}}"#,
        r#"{"fn":"ratio","args":{"x":-1.5e-7}}"#,
        r#"{"fn":"tags","args":{"tags":["a","b","c"]}}"#,
        r#"{"fn":"update_profile_view","args":{"user_id":5}}"#,
    ];
    let mut body = random.pick(BODIES).unwrap().as_bytes().to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(body.len());
        match random.below(4) {
            0 => body[at] = random.bits().to_le_bytes()[0],
            1 => body.insert(at, *random.pick(b"{}[]\",:\\0eE+-.\0u").unwrap()),
            2 => drop(body.remove(at)),
            _ => {
                let to = (at + random.below(12)).min(body.len());
                let again = body[at..to].to_vec();
                body.splice(at..at, again);
            }
        }
        if body.is_empty() {
            break;
        }
    }
    body
}

/// The words of JSON in any order.
fn tokens(random: &mut Random) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"fn\"",
        "\"args\"",
        "\"echo\"",
        "\"text\"",
        "null",
        "true",
        "1",
        "-",
        "1e9",
        "\"\\u\"",
        "\"\\ud800\"",
        " ",
        "\n",
        "\"no_args\"",
        "0.5",
        "\"",
        "\\",
    ];
    let length = random.below(24);
    let text: String = (0..length).map(|_| *random.pick(WORDS).unwrap()).collect();
    match random.below(2) {
        0 => text.into_bytes(),
        _ => format!(r#"{{"fn":"echo","args":{text}}}"#).into_bytes(),
    }
}

/// Any JSON value, as text.
fn value(random: &mut Random, depth: usize) -> String {
    let scalar = match random.below(9) {
        0 => "null".into(),
        1 => "true".into(),
        // Inside of what a number of JavaScript holds: a result outside of it is a 500.
        2 => (random.bits() as i64 >> 11).to_string(),
        3 => format!("{:e}", f64::from_bits(random.bits())).replace("inf", "1").replace("NaN", "0"),
        4 => "\"\\u0000\\ud83d\\ude00\"".into(),
        5 => "\"\"".into(),
        6 => "-0".into(),
        _ => String::new(),
    };
    if !scalar.is_empty() {
        return scalar;
    }
    if depth > 8 {
        return "[]".into();
    }
    let count = random.below(4);
    let items: Vec<String> = (0..count).map(|_| value(random, depth + 1)).collect();
    match random.below(2) {
        0 => format!("[{}]", items.join(",")),
        _ => {
            let members: Vec<String> =
                items.iter().enumerate().map(|(at, item)| format!(r#""k{at}":{item}"#)).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

//! Requests that are broken as HTTP, too large, or never finished: only their connection ends.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::{Connection, Request};
use crate::vectors::Allowed;
use serde_json::json;

use super::{bad_request, check, check_alive};
use crate::suite::support::{self, MOUNT, app, context, data, error};

/// What the HTTP parser refuses it answers itself, without an envelope; the server goes on.
fn broken_requests_end_their_connection_only(backend: &Backend) {
    let server = app(backend);
    let huge = "a".repeat(300_000);
    let heads: Vec<Vec<u8>> = vec![
        b"GET /api/mizan/ctx/\xff/ HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET /api/mizan/ctx/orders/?org=\xff HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET /api/mizan/ctx/us\0er/ HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET /api/mizan/ctx/user /x HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        b"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}".to_vec(),
        b"POST /api/mizan/call/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 18446744073709551615\r\n\r\n{}".to_vec(),
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

fn a_large_body_is_refused_without_reading_on(backend: &Backend) {
    let server = app(backend);
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
    // Only declared: the response comes although nothing of the body does.
    for declared in ["1048577", "99999999999", "18446744073709551613", "18446744073709551615"] {
        let mut connection = Connection::open(server.address()).unwrap();
        let request = Request::call("").header("Content-Length", declared);
        let answer = connection.exchange(&request, server.address()).unwrap();
        // hyper has no length for the last two numbers of 64 bits: it refuses the head itself, and closes.
        let of_parser = declared == "18446744073709551615" && answer.status == 431;
        if of_parser {
            assert_eq!((answer.header("connection"), answer.body.len()), (Some("close"), 0));
            continue;
        }
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
fn an_unread_body_is_not_a_request(backend: &Backend) {
    let server = app(backend);
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

fn a_body_that_breaks_off_runs_nothing(backend: &Backend) {
    let server = app(backend);
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

cases! {
    "hostile", ERRORS =>
        broken_requests_end_their_connection_only
        a_large_body_is_refused_without_reading_on
        an_unread_body_is_not_a_request
        a_body_that_breaks_off_runs_nothing;
}

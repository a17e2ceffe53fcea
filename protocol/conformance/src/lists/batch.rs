//! Several reads in one request, by a query and by a body.

use serde_json::{Value, json};

use super::support::{BATCH, app, batch, call, cursor, encoded, entry, lines, posted, read};
use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;

/// Entries, and the query of the same read alone.
fn entries() -> Vec<(String, String)> {
    let end = cursor(7, 28);
    let good = |context: &str, params: &[(&str, &str)]| {
        let query: Vec<_> =
            params.iter().map(|(name, text)| format!("{name}={}", encoded(text))).collect();
        (entry(context, params), format!("{context}/?{}", query.join("&")))
    };
    vec![
        good("orders", &[("stall_id", "1")]),
        good("orders", &[("stall_id", "1"), ("after", &end), ("limit", "3")]),
        good("orders", &[("stall_id", "1"), ("limit", "0")]),
        good("orders", &[]),
        good("total", &[("stall_id", "2")]),
        good("total", &[("stall_id", " 02 ")]),
        good("total", &[("stall_id", "two")]),
        good("mine", &[]),
        good("missing", &[("id", "5")]),
        good("nowhere", &[]),
        good("total", &[("stall_id", "2"), ("unknown", "x")]),
        good("total", &[("stall_id", "2")]),
    ]
}

fn each_entry_is_answered_as_its_own_get(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    for user in [None, Some("7")] {
        let dressed = |request: Request| match user {
            Some(user) => request.header("X-User", user),
            None => request,
        };
        let entries = entries();
        let names: Vec<String> = entries.iter().map(|(entry, _)| entry.clone()).collect();
        let lines = lines(&client.send(&dressed(batch(&names))).unwrap());
        assert_eq!(lines.len(), entries.len());
        for (line, (entry, query)) in lines.iter().zip(&entries) {
            let alone = client.send(&dressed(read(query))).unwrap();
            let body = alone.json().unwrap();
            if alone.status == 200 {
                assert_eq!(line["data"], body, "{entry}");
                assert_eq!(line.get("status"), None, "{entry}");
            } else {
                assert_eq!(line["status"], alone.status, "{entry}");
                assert_eq!(line["error"], body["error"], "{entry}");
                assert_eq!(line.get("data"), None, "{entry}");
            }
        }
    }
}

fn a_batch_fills_the_cache_and_reads_it(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let one = [entry("total", &[("stall_id", "1")])];
    let first = lines(&client.send(&batch(&one)).unwrap());
    assert_eq!(first, [json!({ "e": 0, "data": { "total": 50 }, "cache": "MISS" })]);
    let alone = client.send(&read("total/?stall_id=1")).unwrap();
    assert_eq!(alone.header("x-mizan-cache"), Some("HIT"));
    let again = lines(&client.send(&batch(&one)).unwrap());
    assert_eq!(again, [json!({ "e": 0, "data": { "total": 50 }, "cache": "HIT" })]);
    call(client, "add_order", &json!({ "stall_id": 1 }), &json!([]));
    let stale = lines(&client.send(&batch(&one)).unwrap());
    assert_eq!(stale[0]["data"], json!({ "total": 51 }));
    assert_ne!(stale[0]["cache"], "HIT");
}

fn an_entry_that_is_there_twice_has_two_lines(backend: &Backend) {
    let server = app(backend);
    let one = entry("total", &[("stall_id", "1")]);
    let lines = lines(&server.client().send(&batch(&vec![one; 64])).unwrap());
    assert_eq!(lines.len(), 64);
    assert!(lines.iter().all(|line| line["data"] == json!({ "total": 50 })));
}

fn a_batch_has_bounds(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let total = |id: usize| entry("total", &[("stall_id", &id.to_string())]);
    let all: Vec<String> = (0..65).map(total).collect();
    assert_eq!(lines(&client.send(&batch(&all[..64])).unwrap()).len(), 64);
    let long = vec![entry("total", &[("stall_id", &"5".repeat(200))]); 60];
    for refused in [batch(&all), batch(&long), read(""), read("?"), read("?f=total")] {
        let response = client.send(&refused).unwrap();
        assert_eq!(response.status, 400, "{}", response.seen());
        assert_eq!(response.json().unwrap()["error"]["code"], "BAD_REQUEST");
    }
    let other = client.send(&Request::new("DELETE", BATCH)).unwrap();
    assert_eq!((other.status, other.header("allow")), (405, Some("GET, POST")));
    let broken = ["total;stall_id".to_owned(), "total, total".to_owned(), String::new()];
    for line in lines(&client.send(&batch(&broken)).unwrap()) {
        assert!(line["status"].as_u64().unwrap() >= 400, "{line}");
    }
}

fn what_sees_the_whole_request_is_read_alone(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let entries = [entry("raw", &[("id", "1")]), entry("total", &[("stall_id", "1")])];
    let lines = lines(&client.send(&batch(&entries)).unwrap());
    assert_eq!(
        (&lines[0]["status"], &lines[0]["error"]["code"]),
        (&json!(400), &json!("BAD_REQUEST"))
    );
    assert_eq!(lines[1]["data"], json!({ "total": 50 }));
    let alone = client.send(&read("raw/?id=1")).unwrap();
    assert_eq!(alone.json(), Some(json!({ "raw": "1 by /api/mizan/ctx/raw/" })));
}

fn what_does_not_fit_a_url_is_read_by_a_body(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let sum = |count: usize| json!({ "context": "sum", "params": { "numbers": vec![1; count] } });
    let entries = json!([
        sum(9_000),
        sum(10_000),
        sum(10_001),
        { "context": "total", "params": { "stall_id": 1 } },
        { "context": "total", "params": { "stall_id": "1" } },
        { "context": "total", "params": [1] },
        { "context": "raw", "params": { "id": 1 } },
        { "context": "orders", "params": { "stall_id": 1, "limit": 1 } },
    ]);
    let lines = lines(&client.send(&posted(&entries)).unwrap());
    assert_eq!(lines[0]["data"], json!({ "sum": 9_000 }));
    assert_eq!(lines[1]["data"], json!({ "sum": 10_000 }));
    assert_eq!(lines[3]["data"], json!({ "total": 50 }));
    assert_eq!(lines[7]["data"]["orders"]["items"][0]["id"], 96);
    for (at, status) in [(2, 422), (4, 422), (5, 400), (6, 400)] {
        assert_eq!(lines[at]["status"], status, "{}", lines[at]);
    }
    let alone = client.send(&read("total/?stall_id=1")).unwrap();
    assert_eq!(alone.header("x-mizan-cache"), Some("HIT"), "one key, however it is read");
}

fn a_body_is_json_of_this_site(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let total = json!([{ "context": "total", "params": { "stall_id": 1 } }]);
    let many = Value::from(vec![total[0].clone(); 65]);
    for (title, request, status) in [
        ("good", posted(&total), 200),
        // It changes nothing, so it needs no token.
        ("cookie", posted(&total).header("Cookie", "mizan_session=1"), 200),
        ("this site", posted(&total).header("Sec-Fetch-Site", "same-origin"), 200),
        ("another site", posted(&total).header("Sec-Fetch-Site", "cross-site"), 403),
        ("no type", Request::new("POST", BATCH).body("{}"), 415),
        ("no JSON", posted(&total).body("{"), 400),
        ("no entries", posted(&json!([])), 400),
        ("no list", posted(&json!({})), 400),
        ("too many", posted(&many), 400),
    ] {
        let response = client.send(&request).unwrap();
        assert_eq!(response.status, status, "{title}: {}", response.seen());
    }
}

cases! {
    "batch", BATCH =>
        each_entry_is_answered_as_its_own_get
        a_batch_fills_the_cache_and_reads_it
        an_entry_that_is_there_twice_has_two_lines
        a_batch_has_bounds
        what_sees_the_whole_request_is_read_alone
        what_does_not_fit_a_url_is_read_by_a_body
        a_body_is_json_of_this_site;
}

//! What a call brings with it of what the page holds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::support::{app, call, called, read};
use crate::backend::Backend;
use crate::case::cases;

fn held(context: &str, params: &Value) -> Value {
    json!({ "context": context, "params": params })
}

/// The fresh bundles by their position in `mounted`.
#[track_caller]
fn brought(response: &Value) -> BTreeMap<u64, Value> {
    let list = response.get("refresh").map_or(&[][..], |list| list.as_array().unwrap());
    let one = |item: &Value| (item["at"].as_u64().unwrap(), item["data"].clone());
    let brought: BTreeMap<_, _> = list.iter().map(one).collect();
    assert_eq!(brought.len(), list.len(), "each once: {response}");
    brought
}

fn a_call_brings_what_it_made_stale(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let mounted = json!([
        held("total", &json!({ "stall_id": 2 })),
        held("total", &json!({ "stall_id": 1 })),
        held("sum", &json!({ "numbers": [1, 2] })),
        held("orders", &json!({ "stall_id": 1, "limit": 3 })),
        held("orders", &json!({ "stall_id": 1 })),
    ]);
    let response = call(client, "add_order", &json!({ "stall_id": 1 }), &mounted);
    let brought = brought(&response);
    assert_eq!(brought.keys().copied().collect::<Vec<_>>(), [1, 3, 4], "{response}");
    for (at, query) in
        [(1, "total/?stall_id=1"), (3, "orders/?stall_id=1&limit=3"), (4, "orders/?stall_id=1")]
    {
        let now = client.send(&read(query)).unwrap().json().unwrap();
        assert_eq!(brought[&at], now, "{query}");
    }
    assert_eq!(brought[&1], json!({ "total": 51 }));
    let added = &response["result"]["id"];
    assert_eq!(brought[&3]["orders"]["items"][0]["id"], *added, "it is read after the change");
    assert!(response["invalidate"].as_array().unwrap().len() >= 2, "{response}");
}

fn who_holds_nothing_is_brought_nothing(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    for mounted in [json!([]), json!([held("total", &json!({ "stall_id": 2 }))])] {
        let response = call(client, "add_order", &json!({ "stall_id": 1 }), &mounted);
        assert_eq!(response.get("refresh"), None, "{response}");
    }
    let mounted = json!([held("total", &json!({ "stall_id": 1 }))]);
    assert_eq!(call(client, "ping", &json!({}), &mounted), json!({ "result": "pong" }));
    let failed = called("add_and_fail", &json!({ "stall_id": 1 }), &mounted);
    let failed = client.send(&failed).unwrap();
    let body = failed.json().unwrap();
    assert_eq!((failed.status, body.get("refresh")), (400, None));
    assert!(body["invalidate"].is_array(), "what it may have changed is named: {body}");
}

fn what_may_not_be_read_is_left_out(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let mounted = json!([
        held("mine", &json!({})),
        held("total", &json!({ "stall_id": 1 })),
        held("total", &json!({ "stall_id": "1" })),
        held("total", &json!({})),
        held("nowhere", &json!({})),
        { "context": 5 },
        "total",
    ]);
    let args = json!({ "stall_id": 1 });
    let of_stranger = call(client, "add_order", &args, &mounted);
    let keys = |response: &Value| brought(response).into_keys().collect::<Vec<_>>();
    assert_eq!(keys(&of_stranger), [1], "{of_stranger}");
    let request = called("add_order", &args, &mounted).header("X-User", "7");
    let of_user = client.send(&request).unwrap().json().unwrap();
    assert_eq!(keys(&of_user), [0, 1], "{of_user}");
    assert_eq!(brought(&of_user)[&0], json!({ "mine": "7: 52" }));
}

fn a_list_that_is_too_long_is_ignored_whole(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let args = json!({ "stall_id": 1 });
    let one = held("total", &json!({ "stall_id": 1 }));
    let fits = Value::from(vec![one.clone(); 64]);
    assert_eq!(brought(&call(client, "add_order", &args, &fits)).len(), 64);
    let mut long = vec![one.clone()];
    long.extend((0..50).map(|_| held("total", &json!({ "stall_id": 1, "x": "y".repeat(200) }))));
    let longer = call(client, "add_order", &args, &Value::from(long));
    assert_eq!(longer.get("refresh"), None, "{longer}");
    assert!(longer["invalidate"].is_array(), "{longer}");
    for other in [json!({}), json!("total"), json!(null), json!(7)] {
        let response = call(client, "add_order", &args, &other);
        assert_eq!(response.get("refresh"), None, "{other}");
    }
}

cases! {
    "refresh", CALL =>
        a_call_brings_what_it_made_stale
        who_holds_nothing_is_brought_nothing
        what_may_not_be_read_is_left_out
        a_list_that_is_too_long_is_ignored_whole;
}

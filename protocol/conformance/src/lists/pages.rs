//! Pages and windows of a list, and the cursors between them.

use serde_json::json;

use super::support::{app, call, cursor, orders, read, text};
use crate::backend::Backend;
use crate::case::cases;

fn pages_hold_every_item_once_and_in_order(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let (whole, end) = orders(client, "stall_id=1&limit=200");
    assert_eq!((whole.len(), end), (50, None));
    // Two at each moment, the newest moment first.
    assert_eq!(whole[..4], [96, 98, 92, 94]);
    for limit in [1, 2, 7, 20, 49, 50, 51] {
        let (mut after, mut ids) = (String::new(), Vec::<i64>::new());
        loop {
            let (page, next) = orders(client, &format!("stall_id=1&limit={limit}{after}"));
            ids.extend_from_slice(&page);
            let Some(next) = next else { break };
            assert_eq!(page.len(), limit, "only the last page is shorter");
            after = format!("&after={next}");
        }
        assert_eq!(ids, whole, "{limit}");
    }
    let (page, _) = orders(client, "stall_id=2");
    assert_eq!(page.len(), 20, "the default");
}

fn a_window_reaches_to_its_end(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let (whole, _) = orders(client, "stall_id=1&limit=200");
    let (first, end) = orders(client, "stall_id=1&limit=20");
    let end = end.unwrap();
    // All up to the cursor and the item at it; the list goes on after the cursor.
    let window = orders(client, &format!("stall_id=1&until={end}&limit=500"));
    assert_eq!(window, (first.clone(), Some(end.clone())));
    // A window that is too small goes on after its own last item.
    let (part, next) = orders(client, &format!("stall_id=1&until={end}&limit=5"));
    assert_eq!(part, whole[..5]);
    let query = format!("stall_id=1&after={}&until={end}&limit=500", next.unwrap());
    assert_eq!(orders(client, &query), (whole[5..20].to_vec(), Some(end.clone())));
    let (rest, next) = orders(client, &format!("stall_id=1&after={end}&limit=200"));
    assert_eq!((rest, next), (whole[20..].to_vec(), None));
    // Nothing is before what comes first.
    let before = cursor(1_000, 0);
    let (none, next) = orders(client, &format!("stall_id=1&until={before}"));
    assert_eq!((none.len(), next), (0, Some(before)));
}

fn a_cursor_is_the_documented_text_of_a_key(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let (whole, _) = orders(client, "stall_id=1&limit=200");
    let mut cursors = Vec::new();
    for id in &whole[..49] {
        let expected = cursor(id / 4, *id);
        let after = cursors.last().map(|last| format!("&after={last}")).unwrap_or_default();
        let (_, next) = orders(client, &format!("stall_id=1&limit=1{after}"));
        assert_eq!(next.as_deref(), Some(&*expected), "{id}");
        cursors.push(expected);
    }
    assert!(cursors.is_sorted(), "their order is that of the list: {cursors:?}");
}

fn limits_have_bounds(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let end = cursor(0, 0);
    for (query, is_read) in [
        ("limit=1".to_owned(), true),
        ("limit=500".to_owned(), true),
        ("limit=0".to_owned(), false),
        ("limit=501".to_owned(), false),
        ("limit=-1".to_owned(), false),
        ("limit=1.5".to_owned(), false),
        ("limit=many".to_owned(), false),
        (format!("after={end}&limit=200"), true),
        (format!("after={end}&limit=201"), false),
        (format!("until={end}&limit=500"), true),
        (format!("until={end}&limit=501"), false),
        (format!("after={end}&until={end}&limit=500"), true),
    ] {
        let response = client.send(&read(&format!("orders/?stall_id=1&{query}"))).unwrap();
        assert_eq!(response.status, if is_read { 200 } else { 422 }, "{query}");
        if !is_read {
            let fields = &response.json().unwrap()["error"]["details"]["fields"];
            assert!(fields["limit"][0].is_string(), "{query}: {}", response.text());
        }
    }
}

fn a_cursor_that_does_not_fit_is_a_wrong_value(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let good = cursor(7, 28);
    let (head, last) = good.split_at(good.len() - 1);
    let wrong = [
        "x".to_owned(),
        "0".to_owned(),
        "%20".to_owned(),
        head.to_owned(),
        format!("{good}-"),
        format!("{good}%3D"),
        format!("{head}~"),
        format!("%20{good}"),
        // The filling of the last character is not zeros.
        format!("{head}{}", if last == "z" { 'y' } else { 'z' }),
        "z".repeat(257),
        // Half of a key, and a key of another list.
        text(&7_u64.to_be_bytes()),
        text(&[0; 17]),
    ];
    for name in ["after", "until"] {
        for cursor in &wrong {
            let request = read(&format!("orders/?stall_id=1&{name}={cursor}"));
            let response = client.send(&request).unwrap();
            assert_eq!(response.status, 422, "{name}={cursor}: {}", response.seen());
            let fields = &response.json().unwrap()["error"]["details"]["fields"];
            assert!(fields[name][0].is_string(), "{name}={cursor}: {}", response.text());
        }
    }
}

fn a_cursor_outlives_its_item(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let (first, end) = orders(client, "stall_id=1&limit=20");
    let end = end.unwrap();
    let (second, _) = orders(client, &format!("stall_id=1&limit=20&after={end}"));
    call(client, "remove_order", &json!({ "id": first[19] }), &json!([]));
    let (again, _) = orders(client, &format!("stall_id=1&limit=20&after={end}"));
    assert_eq!(again, second);
    let (window, next) = orders(client, &format!("stall_id=1&limit=500&until={end}"));
    assert_eq!((window, next), (first[..19].to_vec(), Some(end)));
}

fn a_call_makes_every_part_of_a_list_stale(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let end = orders(client, "stall_id=1&limit=20").1.unwrap();
    let parts = [
        "stall_id=1".to_owned(),
        "stall_id=1&limit=30".to_owned(),
        format!("stall_id=1&after={end}"),
        format!("stall_id=1&until={end}&limit=500"),
    ];
    let cache = |client: &mut crate::client::Client, query: &str| {
        let response = client.send(&read(&format!("orders/?{query}"))).unwrap();
        assert_eq!(response.status, 200, "{}", response.seen());
        response.header("x-mizan-cache").unwrap().to_owned()
    };
    for query in parts.iter().map(String::as_str).chain(["stall_id=2"]) {
        orders(client, query);
        assert_eq!(cache(client, query), "HIT", "{query}");
    }
    let called = call(client, "add_order", &json!({ "stall_id": 1 }), &json!([]));
    let of_list = json!({ "context": "orders", "params": { "stall_id": 1 } });
    assert!(called["invalidate"].as_array().unwrap().contains(&of_list), "{called}");
    for query in &parts {
        assert_ne!(cache(client, query), "HIT", "{query}");
    }
    assert_eq!(cache(client, "stall_id=2"), "HIT", "another list stays");
    let added = called["result"]["id"].as_i64().unwrap();
    assert_eq!(orders(client, "stall_id=1&limit=1").0, [added]);
}

cases! {
    "lists", LISTS =>
        pages_hold_every_item_once_and_in_order
        a_window_reaches_to_its_end
        a_cursor_is_the_documented_text_of_a_key
        limits_have_bounds
        a_cursor_that_does_not_fit_is_a_wrong_value
        a_cursor_outlives_its_item
        a_call_makes_every_part_of_a_list_stale;
}

//! What a request costs Redis, counted by MONITOR.

use std::thread;
use std::time::Duration;

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use serde_json::{Value, json};

use crate::cache::support::{App, By, Store, World, call, soon};

/// Runs something, and gives the commands that crossed the network, after it is clear that none of
/// those which ran in a script looked through keys.
#[track_caller]
fn commands(world: &World, work: impl FnOnce()) -> Vec<Vec<String>> {
    let (all, sent) = (world.redis().monitor().unwrap(), world.redis().monitor().unwrap());
    work();
    let names = |command: &Vec<String>| command[0].to_ascii_uppercase();
    for command in all.stop().unwrap() {
        assert!(!["SCAN", "KEYS"].contains(&&*names(&command)), "{command:?}");
    }
    let sent = sent.stop_clients().unwrap();
    // What the monitors do themselves.
    sent.into_iter().filter(|command| !["ECHO", "MONITOR"].contains(&&*names(command))).collect()
}

/// A program that has connected on every thread and stored one entry; nothing is under way.
fn quiet(world: &World) -> App {
    let mut app = world.app();
    app.warm("user_id=5", 0);
    for value in 1..=20 {
        app.rename(5, value);
        app.warm("user_id=5", value);
    }
    thread::sleep(Duration::from_millis(50));
    app
}

fn a_hit_is_one_command_and_a_mutation_two(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut app = quiet(&world);
    let hits = commands(&world, || {
        (0..10).for_each(|_| assert_eq!(app.value("user_id=5"), (By::Hit, 20)));
    });
    assert_eq!(hits.len(), 10, "{hits:?}");
    assert!(hits.iter().all(|command| command[0] == "MGET" && command.len() == 4), "{hits:?}");
    let mutations = commands(&world, || (0..10).for_each(|value| app.rename(5, value)));
    assert_eq!(mutations.len(), 20, "{mutations:?}");
    assert!(mutations.iter().all(|command| command[0] == "EVALSHA"), "{mutations:?}");
    // One that narrows by nothing costs the same.
    let args = json!({ "item": 1, "value": 1 });
    let broad = commands(&world, || drop(app.call("change_mine", args)));
    assert_eq!(broad.len(), 2, "{broad:?}");
    // So does one whose context holds a thousand entries.
    for page in 0..1_000 {
        app.value(&format!("user_id=9&page={page}"));
    }
    thread::sleep(Duration::from_millis(50));
    let large = commands(&world, || app.rename(9, 1));
    assert_eq!(large.len(), 2, "{large:?}");
    assert_eq!(app.value("user_id=9&page=999"), (By::Miss, 1));
}

/// The hits of a batch, and the lines in all.
#[track_caller]
fn batch(app: &mut App, entries: &[String]) -> (usize, Vec<Value>) {
    let query: Vec<String> =
        entries.iter().map(|entry| format!("e={}", entry.replace(';', "%3B"))).collect();
    let response = app.read(&format!("?{}", query.join("&")));
    assert_eq!(response.status, 200, "{}", response.text());
    let mut lines: Vec<Value> =
        response.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.pop(), Some(json!({ "end": entries.len() })));
    lines.sort_by_key(|line| line["e"].as_u64());
    (lines.iter().filter(|line| line["cache"] == "HIT").count(), lines)
}

fn a_batch_is_one_command_for_each_context(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut app = quiet(&world);
    let users: Vec<String> = (0..12).map(|id| format!("user;user_id={id}")).collect();
    let more = [&users[..], &["mine;item=1".into(), "mine;item=2".into()]].concat();
    // Cold: one lookup, and then what each miss creates and stores.
    let cold = commands(&world, || assert_eq!(batch(&mut app, &more[..]).1.len(), 14));
    assert_eq!(cold.iter().filter(|command| command[0] == "MGET").count(), 2, "{cold:?}");
    soon("all are stored", || batch(&mut app, &more).0 == 14);
    thread::sleep(Duration::from_millis(50));
    let hits = commands(&world, || assert_eq!(batch(&mut app, &users).0, 12));
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!((&*hits[0][0], hits[0].len()), ("MGET", 1 + 12 * 3));
    let two = commands(&world, || assert_eq!(batch(&mut app, &more).0, 14));
    assert_eq!(two.len(), 2, "{two:?}");
    // What another process changes is not served, and the rest is.
    world.app().rename(5, 77);
    let (hits, lines) = batch(&mut app, &users);
    assert_eq!((hits, &lines[5]["data"]["profile"]["value"]), (11, &json!(77)));
}

fn a_thousand_refused_calls_write_nothing(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut app = quiet(&world);
    let good = json!({ "user_id": 5, "value": 7 });
    let rename = |args: Value| call("rename", args);
    let refusals: Vec<(u16, Request)> = vec![
        (403, rename(good.clone()).header("Cookie", "session=1")),
        (403, rename(good.clone()).header("Origin", "https://example.org")),
        (403, rename(good.clone()).header("Sec-Fetch-Site", "cross-site")),
        (422, rename(json!({ "user_id": 5 }))),
        (422, rename(json!({ "user_id": "five", "value": 7 }))),
        (422, rename(json!({ "user_id": 5, "value": 7, "ending": "nowhere" }))),
        (401, call("staff_rename", good.clone())),
        (403, call("staff_rename", good.clone()).header("X-User", "7")),
        (404, call("no_such_function", good)),
        (400, Request::call("{")),
    ];
    let commands = commands(&world, || {
        for round in 0..1_000 {
            let (status, request) = &refusals[round % refusals.len()];
            let answer = app.send(request);
            assert_eq!(answer.status, *status, "{request:?} {}", answer.text());
            assert_eq!(answer.header("x-mizan-invalidate"), None);
        }
    });
    assert_eq!(commands, Vec::<Vec<String>>::new());
    assert_eq!(app.value("user_id=5"), (By::Hit, 20));
}

cases! {
    "cache", READ, Redis =>
        a_hit_is_one_command_and_a_mutation_two
        a_batch_is_one_command_for_each_context
        a_thousand_refused_calls_write_nothing;
}

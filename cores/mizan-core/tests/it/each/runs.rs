//! How often a function with `Each` runs, and for which keys.

use std::time::{Duration, Instant};

use mizan_core::{
    Builder, Context, Each, EachKey, Error, Found, Identity, Limits, client, functions,
};
use serde_json::json;

use super::{Ran, builder, cached, card_of, cards, read};
use crate::batch::{batch, entry, lines, sorted};
use crate::support::get;

#[tokio::test]
async fn twelve_entries_are_one_run() {
    for has_cache in [true, false] {
        let ran = Ran::new();
        let mizan = if has_cache { cached(&ran) } else { builder(&ran).build().unwrap() };
        let found = read(&mizan, cards(1..=12)).await;
        assert_eq!(found, (1..=12).map(card_of).collect::<Vec<_>>());
        assert_eq!(ran.keys(), [(1..=12).collect::<Vec<_>>()], "{has_cache}");
    }
}

#[tokio::test]
async fn sixty_four_entries_are_one_run() {
    let ran = Ran::new();
    let found = read(&cached(&ran), cards(1..=64)).await;
    assert_eq!(found, (1..=64).map(card_of).collect::<Vec<_>>());
    assert_eq!(ran.keys(), [(1..=64).collect::<Vec<_>>()]);
}

#[tokio::test]
async fn only_what_is_not_in_the_cache_is_a_key() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    read(&mizan, cards((1..=12).filter(|id| *id != 7))).await;
    ran.keys();
    let response = cards(1..=12).send(&mizan).await;
    assert_eq!(ran.keys(), [[7]]);
    for (at, line) in sorted(&response).iter().enumerate() {
        assert_eq!(line["cache"], if at == 6 { "MISS" } else { "HIT" });
        assert_eq!(line["data"], card_of(at as i64 + 1));
    }
}

#[tokio::test]
async fn another_argument_is_another_run() {
    let ran = Ran::new();
    let entries: Vec<String> = (0..8)
        .map(|at| {
            let locale = if at % 2 == 0 { "de" } else { "fr" };
            entry("card", &[("locale", locale), ("stall_id", &at.to_string())])
        })
        .collect();
    let found = read(&cached(&ran), batch(&entries)).await;
    assert_eq!((&found[2], &found[3]), (&json!({ "card": "2 de" }), &json!({ "card": "3 fr" })));
    let mut runs = ran.runs.lock().unwrap().clone();
    runs.sort_by_key(|(_, locale)| locale.clone());
    let expected = [([0, 2, 4, 6].into(), "de".to_owned()), ([1, 3, 5, 7].into(), "fr".to_owned())];
    assert_eq!(runs, expected);
}

#[tokio::test]
async fn a_key_without_a_value_is_a_404_of_its_entry() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    assert_eq!(read(&mizan, cards([1, 404, 2])).await, [card_of(1), json!(404), card_of(2)]);
    assert_eq!(ran.keys().len(), 1);
    let alone = get("/api/mizan/ctx/card/", "stall_id=404").send(&mizan).await;
    assert_eq!((alone.status(), &*alone.code()), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn one_key_may_hold_an_error() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    let lines = sorted(&cards([1, 403, 2]).send(&mizan).await);
    assert_eq!((&lines[0]["data"], &lines[2]["data"]), (&card_of(1), &card_of(2)));
    assert_eq!(lines[1]["status"], 403);
    assert_eq!(lines[1]["error"], json!({ "code": "FORBIDDEN", "message": "not this one" }));
    assert_eq!(ran.keys().len(), 1);
}

/// Those of another run, and of another context, are as they would be alone.
#[tokio::test]
async fn a_run_that_fails_or_panics_fails_its_entries_alone() {
    for (broken, status) in [(500, 500), (502, 503)] {
        let ran = Ran::new();
        let mizan = cached(&ran);
        let card = |id: i64, locale: &str| {
            entry("card", &[("locale", locale), ("stall_id", &id.to_string())])
        };
        let pair = entry("pair", &[("page", "1"), ("stall_id", "1"), ("user_id", "2")]);
        let entries = [card(1, "de"), card(broken, "de"), card(2, "fr"), pair];
        let response = batch(&entries).send(&mizan).await;
        assert!(!String::from_utf8_lossy(response.body()).contains("secret"));
        let lines = sorted(&response);
        assert_eq!((&lines[0]["status"], &lines[1]["status"]), (&json!(status), &json!(status)));
        assert_eq!(lines[2]["data"], json!({ "card": "2 fr" }));
        assert_eq!(lines[3]["data"]["pair_sum"], 4);
        // Nothing of it was stored.
        assert_eq!(read(&mizan, batch(&entries[..1])).await, [json!({ "card": "1 de" })]);
    }
}

#[tokio::test]
async fn a_run_that_hangs_holds_back_no_other() {
    let ran = Ran::new();
    let limits = Limits { call_timeout: Duration::from_millis(300), ..Limits::default() };
    let builder = builder(&ran).cache(mizan_core::MemoryCache::default()).limits(limits);
    let mizan = builder.build().unwrap();
    let card =
        |id: i64, locale: &str| entry("card", &[("locale", locale), ("stall_id", &id.to_string())]);
    let entries = [card(501, "de"), card(1, "de"), card(2, "fr")];
    let response = batch(&entries).send(&mizan).await;
    let lines = lines(&response);
    assert_eq!((&lines[0]["e"], &lines[0]["data"]), (&json!(2), &json!({ "card": "2 fr" })));
    for line in &lines[1..] {
        assert_eq!(line["status"], 503);
    }
    // What it held back is read again by the next request.
    assert_eq!(read(&mizan, batch(&entries[1..2])).await, [json!({ "card": "1 de" })]);
}

#[tokio::test]
async fn an_entry_whose_guard_refuses_is_not_a_key() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    let entries: Vec<String> =
        (1..=12).map(|id| entry("mine", &[("id", &id.to_string())])).collect();
    let all: Vec<i64> = (1..=12).collect();
    for (user, runs) in [(None, vec![]), (Some("9"), vec![]), (Some("7"), vec![all])] {
        let request = batch(&entries);
        let request = match user {
            Some(user) => request.as_user(Identity::new(user)),
            None => request,
        };
        let found = read(&mizan, request).await;
        assert_eq!(ran.keys(), runs, "{user:?}");
        let expected = |id: i64| match user {
            Some("7") => json!({ "mine": format!("7 {id}") }),
            _ => json!(403),
        };
        assert_eq!(found, (1..=12).map(expected).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn each_caller_has_a_run() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    let entries = [entry("mine", &[("id", "1")]), entry("mine", &[("id", "2")])];
    for user in ["7", "8"] {
        let found = read(&mizan, batch(&entries).as_user(Identity::new(user))).await;
        assert_eq!(found[1], json!({ "mine": format!("{user} 2") }));
    }
    assert_eq!(ran.keys(), [[1, 2], [1, 2]]);
}

#[tokio::test]
async fn a_single_read_has_one_key() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    let alone = get("/api/mizan/ctx/card/", "stall_id=5").send(&mizan).await;
    assert_eq!((alone.status(), alone.json()), (200, card_of(5)));
    let only = get("/api/mizan/ctx/pair/", "page=1&stall_id=5&user_id=2&mizan.only=pair_sum");
    assert_eq!(only.send(&mizan).await.json(), json!({ "pair_sum": 8 }));
    assert_eq!(ran.keys(), [[5], [5]]);
}

/// The other member reads its own parameters, and runs for each entry.
#[tokio::test]
async fn one_member_of_several_takes_each() {
    let ran = Ran::new();
    let mizan = cached(&ran);
    let pair = |stall: i64, user: i64, note: i64| {
        let texts = [stall, user, note].map(|number| number.to_string());
        let params = [("note", &*texts[2]), ("page", "1"), ("stall_id", &texts[0])];
        entry("pair", &[&params[..], &[("user_id", &texts[1])]].concat())
    };
    // Two of them have one key, since only the other member reads `note`.
    let mut entries: Vec<String> = (0..20).map(|id| pair(id, 10 * id, 1)).collect();
    entries.extend((0..20).map(|id| pair(id, 10 * id, 2)));
    let found = read(&mizan, batch(&entries)).await;
    for (at, data) in found.iter().enumerate() {
        let (id, note) = (at as i64 % 20, at / 20 + 1);
        assert_eq!(*data, json!({ "pair_sum": 11 * id + 1, "pair_note": format!("{id} {note}") }));
    }
    assert_eq!(ran.keys(), [(0..20).collect::<Vec<_>>()]);
}

/// Each leads what the other waits for, and both come to an end.
#[tokio::test]
async fn batches_that_overlap_run_each_key_once() {
    let ran = Ran::gated();
    let mizan = cached(&ran);
    let start = |ids: Vec<i64>| {
        let mizan = mizan.clone();
        tokio::spawn(async move { read(&mizan, cards(ids)).await })
    };
    let first = start((1..=8).collect());
    until(|| ran.runs.lock().unwrap().len() == 1).await;
    let second = start((5..=12).rev().collect());
    until(|| ran.runs.lock().unwrap().len() == 2).await;
    let alone = mizan.clone();
    let third = tokio::spawn(async move {
        let ids = (1..=12).map(|id| entry("card", &[("stall_id", &id.to_string())]));
        read(&alone, batch(&ids.collect::<Vec<_>>())).await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ran.keys(), [vec![1, 2, 3, 4, 5, 6, 7, 8], vec![9, 10, 11, 12]]);
    ran.gate.as_ref().unwrap().add_permits(2);
    assert_eq!(first.await.unwrap(), (1..=8).map(card_of).collect::<Vec<_>>());
    assert_eq!(second.await.unwrap(), (5..=12).rev().map(card_of).collect::<Vec<_>>());
    assert_eq!(third.await.unwrap(), (1..=12).map(card_of).collect::<Vec<_>>());
    assert_eq!(ran.keys(), Vec::<Vec<i64>>::new());
}

/// A request that waited for a batch that is gone reads all of it in one run.
#[tokio::test]
async fn a_batch_takes_over_from_one_that_is_gone() {
    let ran = Ran::gated();
    let mizan = cached(&ran);
    let start = || {
        let mizan = mizan.clone();
        tokio::spawn(async move { read(&mizan, cards(1..=12)).await })
    };
    let first = start();
    until(|| ran.runs.lock().unwrap().len() == 1).await;
    let second = start();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ran.keys().len(), 1);
    first.abort();
    until(|| !ran.runs.lock().unwrap().is_empty()).await;
    ran.gate.as_ref().unwrap().add_permits(2);
    assert_eq!(second.await.unwrap(), (1..=12).map(card_of).collect::<Vec<_>>());
    assert_eq!(ran.keys(), [(1..=12).collect::<Vec<_>>()]);
}

async fn until(is: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !is() {
        assert!(Instant::now() < end, "it does not happen");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A key with a rule of its own, which no one checks.
#[derive(EachKey, Clone, PartialEq, Eq, Hash, garde::Validate)]
struct Shelf {
    #[garde(range(min = 1))]
    stall_id: i64,
}

#[derive(Context)]
struct ShelfContext;

#[client(context = ShelfContext)]
async fn shelf(shelf: Each<Shelf>) -> Found<Shelf, i64> {
    let mut found = Found::default();
    for key in shelf {
        let value = if key.stall_id == 0 {
            Err(Error::field("stall_id", "starts at 1"))
        } else {
            Ok(key.stall_id)
        };
        found.insert(key, value);
    }
    found
}

#[tokio::test]
async fn the_function_checks_its_keys_and_refuses_each_alone() {
    let mizan = Builder::empty().functions(functions![shelf]).build().unwrap();
    let entries = ["0", "-1", "2"].map(|id| entry("shelf", &[("stall_id", id)]));
    let lines = sorted(&batch(&entries).send(&mizan).await);
    assert_eq!(lines[0]["status"], 422);
    assert_eq!(lines[0]["error"]["details"]["fields"], json!({ "stall_id": ["starts at 1"] }));
    // The rule on the field refuses nothing.
    assert_eq!(
        [&lines[1]["data"], &lines[2]["data"]],
        [&json!({"shelf": -1}), &json!({"shelf": 2})]
    );
}

//! The definition of a call names what the call makes stale, for the case that its response is lost.

use mizan_generate::{Options, generate};
use serde_json::{Value, json};

/// The definition of the one call of a document, in one line.
fn definition(call: Value) -> String {
    let mut call = call;
    call["kind"] = "call".into();
    call["params"] = json!([]);
    call["result"] = json!({ "type": "null" });
    let context = |_| json!({ "functions": [], "params": [] });
    let document = json!({
        "mizan": mizan_schema::VERSION,
        "$defs": {},
        "channels": {},
        "contexts": { "basket": context(0), "profile": context(1), "stall": context(2) },
        "functions": { "act": call },
    });
    let document = serde_json::from_value(document).unwrap();
    let client = generate(&document, &Options::default()).unwrap();
    let calls = client.files.iter().find(|file| file.path.ends_with("calls.ts")).unwrap();
    let text: String = calls.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = text.find("({").unwrap();
    let end = text[start..].find("})").unwrap();
    text[start..start + end + 2].replace(",]", "]").replace(", })", " })")
}

#[test]
fn a_call_names_the_contexts_and_the_members_that_it_affects() {
    let affects = json!([
        { "context": "basket" },
        { "context": "profile", "function": "name", "params": ["user_id"] },
    ]);
    assert_eq!(
        definition(json!({ "affects": affects })),
        r#"({ name: "act", affects: ["basket", "profile.name"] })"#
    );
}

#[test]
fn a_context_stands_for_its_members_and_each_is_named_once() {
    let affects = json!([
        { "context": "profile", "function": "name" },
        { "context": "basket", "params": ["id"] },
        { "context": "profile" },
        { "context": "basket" },
    ]);
    assert_eq!(
        definition(json!({ "affects": affects })),
        r#"({ name: "act", affects: ["profile", "basket"] })"#
    );
}

#[test]
fn what_is_merged_is_affected_too() {
    let affects = json!([{ "context": "stall", "function": "stock" }]);
    assert_eq!(
        definition(json!({ "affects": affects, "merge": ["stall", "basket"] })),
        r#"({ name: "act", affects: ["stall", "basket"] })"#
    );
}

#[test]
fn a_call_that_declares_nothing_names_nothing() {
    assert_eq!(definition(json!({})), r#"({ name: "act" })"#);
}

#[test]
fn an_idempotent_call_carries_the_code_that_sends_it_again() {
    assert_eq!(definition(json!({ "idempotent": true })), r#"({ name: "act", idempotent })"#);
    assert_eq!(definition(json!({})), r#"({ name: "act" })"#);
}

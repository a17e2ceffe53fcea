//! What is exported: the schema document of attributed functions.

use mizan_core::{Builder, Context, RawRequest, State, UserRequest, client, functions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Everything about a stall.
#[derive(Context)]
struct StallContext;

#[derive(Context)]
struct LogContext;

/// Named by text, and first by name: the doc of the type is found all the same.
#[client(context = "stall")]
async fn a_stall_note(stall_id: i64) -> i64 {
    stall_id
}

#[client(context = LogContext)]
async fn log_lines() -> Vec<String> {
    Vec::new()
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Stall {
    id: i64,
    #[serde(default)]
    note: String,
}

/// One stall.
///
/// With two paragraphs.
#[client(context = StallContext, rev = 2, cache = 60)]
async fn stall_info(
    _: &UserRequest,
    _: State<u8>,
    stall_id: i64,
    #[default = "en"] language: String,
) -> mizan_core::Result<Stall> {
    Ok(Stall { id: stall_id, note: language })
}

/// Saves a stall.
#[client(affects = [stall_info, LogContext], name = "stall_save")]
async fn save(stall: Stall, #[default = 3] stall_id: i64) -> Stall {
    let _ = stall_id;
    stall
}

#[test]
fn the_document_says_what_was_declared() {
    let mizan = Builder::empty()
        .functions(functions![stall_info, save, log_lines, a_stall_note])
        .state(1u8)
        .build()
        .unwrap();
    let document = json!(mizan.document());
    assert_eq!(document["contexts"]["stall"]["doc"], "Everything about a stall.");
    assert_eq!(document["contexts"]["stall"]["functions"], json!(["a_stall_note", "stall_info"]));
    let info = &document["functions"]["stall_info"];
    assert_eq!(info["doc"], "One stall.\n\nWith two paragraphs.");
    assert_eq!(info["kind"], "read");
    assert_eq!(
        info["params"],
        json!([
            {"name": "stall_id", "schema": {"type": "integer", "format": "int64"}, "required": true},
            {"name": "language", "schema": {"type": "string"}, "required": false, "default": "en"},
        ])
    );
    assert_eq!(info["result"], json!({"$ref": "#/$defs/Stall"}));
    let save = &document["functions"]["stall_save"];
    assert_eq!(
        save["affects"],
        json!([{"context": "stall", "function": "stall_info", "params": ["stall_id"]}, {"context": "log"}])
    );
    // Reading fills a default in, writing always has the field: two types.
    assert_eq!(save["params"][0]["schema"], json!({"$ref": "#/$defs/StallInput"}));
    assert_eq!(document["$defs"]["Stall"]["required"], json!(["id", "note"]));
    assert_eq!(document["$defs"]["StallInput"]["required"], json!(["id"]));
}

#[client(context = "whole_request")]
async fn seen_whole(_: &RawRequest) -> usize {
    0
}

#[test]
fn a_context_that_sees_the_whole_request_is_marked_as_not_batched() {
    let mizan = Builder::empty().functions(functions![log_lines, seen_whole]).build().unwrap();
    let contexts = json!(mizan.document().contexts);
    assert_eq!(contexts["whole_request"]["batch"], false);
    assert!(contexts["log"].get("batch").is_none());
}

#[test]
fn the_manifest_says_how_long_each_function_is_kept() {
    let mizan = Builder::empty()
        .functions(functions![stall_info, save, log_lines, a_stall_note])
        .state(1u8)
        .build()
        .unwrap();
    let functions = json!(mizan.manifest().contexts["stall"].functions);
    let of = |name: &str| {
        let function = functions.as_array().unwrap().iter().find(|own| own["name"] == name);
        function.unwrap().clone()
    };
    assert_eq!(
        of("stall_info"),
        json!({"name": "stall_info", "path": "rpc", "rev": 2, "cache": 60})
    );
    assert!(of("a_stall_note").get("rev").is_none() && of("a_stall_note").get("cache").is_none());
    let uncached = crate::support::function("uncached", &[]).context("c").cache(0);
    let manifest = json!(crate::support::build([uncached]).manifest());
    assert_eq!(manifest["contexts"]["c"]["functions"][0]["cache"], false);
}

#[test]
fn a_function_that_is_linked_and_listed_counts_once() {
    let linked = mizan_core::Mizan::builder().state(1u8).functions(functions![save]);
    // Other modules of this binary declare graphs that are wrong on purpose.
    let report = linked.build().unwrap_err().to_string();
    assert!(!report.contains("two functions are called `stall_save`"), "{report}");
}

#[test]
fn the_graph_of_a_test_binary_can_be_checked() {
    let report = mizan_core::testing::check_graph().unwrap_err().to_string();
    assert!(report.contains("`unattributed`"), "{report}");
    // States are given by the binary, so none is missing here.
    assert!(!report.contains("State<"), "{report}");
}

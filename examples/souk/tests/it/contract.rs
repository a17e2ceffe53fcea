//! The graph, and the documents of it that are committed.

use std::process::Command;

use serde_json::Value;

#[test]
fn the_graph_is_sound() {
    // Named, so that the linker keeps what the library declares.
    let _ = souk::build;
    mizan_core::testing::check_graph().unwrap();
}

#[test]
fn the_committed_documents_are_those_of_the_binary() {
    for document in ["schema", "manifest"] {
        let mut server = Command::new(env!("CARGO_BIN_EXE_souk"));
        let output = server.args(["mizan", document]).output().unwrap();
        let path = format!("{}/{document}.json", env!("CARGO_MANIFEST_DIR"));
        let known = std::fs::read_to_string(path).unwrap();
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let printed = parsed(&String::from_utf8(output.stdout).unwrap());
        assert!(parsed(&known) == printed, "{document}.json is stale: `cargo xtask codegen`");
    }
}

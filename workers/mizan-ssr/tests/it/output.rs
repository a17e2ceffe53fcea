//! What components write, in their own name or in that of others.

use mizan_ssr::WorkerCommand;
use serde_json::json;

use crate::support::{html, load, on_both, start, until};

on_both!(
    a_flood_stalls_no_render,
    forged_lines_are_those_of_no_one,
    what_workers_write_can_be_read
);

async fn a_flood_stalls_no_render(command: WorkerCommand) {
    let renderer = start(command, |builder| builder).await;
    let tally = load(&renderer, 4, 100, |number| {
        ("Flood", json!({ "text": format!("number {number}"), "bytes": 1_000_000 }))
    })
    .await;
    tally.all_are_pages("with 100 MB on stderr", 100);
    let output = renderer.output();
    assert!(output.len() <= 200 && output.iter().map(String::len).sum::<usize>() <= 64 << 10);
}

async fn forged_lines_are_those_of_no_one(command: WorkerCommand) {
    let renderer = start(command, |builder| builder).await;
    let tally = load(&renderer, 8, 1_000, |number| {
        let component = if number % 2 == 0 { "Forge" } else { "Echo" };
        (component, json!({ "text": format!("number {number}") }))
    })
    .await;
    tally.all_are_pages("next to forged ones", 1_000);
    assert!(renderer.output().iter().any(|line| line.contains("forged")));
}

async fn what_workers_write_can_be_read(command: WorkerCommand) {
    let renderer = start(command, |builder| builder.workers(1)).await;
    html(&renderer, "Say", json!({ "text": "the first line\nthe second" })).await;
    html(&renderer, "Echo", json!({ "text": "x" })).await;
    until("both lines are there", || {
        renderer.output().ends_with(&["the first line".to_owned(), "the second".to_owned()])
    })
    .await;
}

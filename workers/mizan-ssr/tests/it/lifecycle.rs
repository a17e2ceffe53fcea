//! Start, swap and end, and too much of everything.

use std::time::{Duration, Instant};

use mizan_ssr::{RenderError, Renderer, WorkerCommand};
use serde_json::json;

use crate::support::{
    any_is_alive, echo, html, load, on_both, percentile, pid, render, start, until,
};

on_both!(
    a_swap_under_load_loses_no_render,
    a_swap_to_a_broken_bundle_says_why_and_changes_nothing,
    a_drain_under_load_finishes_what_was_accepted,
    a_broken_bundle_costs_no_one_time,
    ten_times_too_much_is_refused_and_the_rest_rendered,
);

async fn a_swap_under_load_loses_no_render(command: WorkerCommand) {
    let renderer = start(command.clone().env("TEST_VERSION", "0"), |builder| builder).await;
    let busy = tokio::spawn({
        let renderer = renderer.clone();
        async move { load(&renderer, 8, 4_000, echo).await }
    });
    for version in 1..=5 {
        let version = version.to_string();
        renderer.swap(command.clone().env("TEST_VERSION", &version)).await.unwrap();
        for _ in 0..10 {
            assert_eq!(html(&renderer, "Version", json!({})).await, version);
        }
    }
    busy.await.unwrap().all_are_pages("during five swaps", 4_000);
    let counts = renderer.counts();
    assert_eq!((counts.died, counts.recycled), (0, 10));
}

async fn a_swap_to_a_broken_bundle_says_why_and_changes_nothing(command: WorkerCommand) {
    let renderer = start(command.clone(), |builder| builder).await;
    let error = renderer.swap(command.env("TEST_MODE", "broken")).await.unwrap_err();
    assert!(error.to_string().contains("SyntaxError: this bundle is broken"), "{error}");
    load(&renderer, 4, 100, echo).await.all_are_pages("after it", 100);
    until("both are ready", || renderer.counts().ready == 2).await;
    assert_eq!(renderer.counts().died, 0);
}

async fn a_drain_under_load_finishes_what_was_accepted(command: WorkerCommand) {
    for _ in 0..3 {
        let renderer = start(command.clone(), |builder| builder).await;
        let workers = [pid(&renderer).await, pid(&renderer).await];
        let busy = tokio::spawn({
            let renderer = renderer.clone();
            async move { load(&renderer, 16, 3_000, echo).await }
        });
        until("it is under load", || renderer.counts().rendered > 500).await;
        renderer.drain().await;
        assert!(!any_is_alive(&workers));
        assert!(!renderer.is_ready());
        let tally = busy.await.unwrap();
        let stopped =
            tally.errors.get(&RenderError::Stopped.to_string()).copied().unwrap_or_default();
        assert_eq!((tally.crossed, tally.errors.len()), (0, 1), "{:?}", tally.errors);
        let counts = renderer.counts();
        assert_eq!(
            (counts.rendered - 2, counts.stopped, tally.pages + stopped),
            (tally.pages, stopped, 3_000)
        );
    }
}

async fn a_broken_bundle_costs_no_one_time(command: WorkerCommand) {
    let command = command.env("TEST_MODE", "broken");
    let renderer = Renderer::builder(command).workers(2).start().unwrap();
    let error = renderer.ready().await.unwrap_err();
    assert!(error.to_string().contains("SyntaxError: this bundle is broken"), "{error}");
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < Duration::from_secs(5) {
        let asked = Instant::now();
        let error = render(&renderer, "Echo", json!({ "text": "x" })).await.unwrap_err();
        assert_eq!(error, RenderError::Unavailable);
        times.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let counts = renderer.counts();
    println!("5 s of a broken bundle: {} starts, {} renders refused", counts.spawned, times.len());
    assert!(counts.spawned <= 8 && counts.open, "{counts:?}");
    assert!(percentile(&mut times, 99) < Duration::from_millis(20));
}

async fn ten_times_too_much_is_refused_and_the_rest_rendered(command: WorkerCommand) {
    // A component that waits, so that the figures do not depend on what else the machine does.
    const TAKES: u64 = 20;
    let renderer =
        start(command, |builder| builder.in_flight(1).deadline(Duration::from_secs(1))).await;
    until("both are ready", || renderer.counts().ready == 2).await;
    let page = |number: u64| ("Wait", json!({ "text": format!("number {number}"), "ms": TAKES }));
    // As many callers as workers and one that waits for each.
    let begin = Instant::now();
    load(&renderer, 4, 100, page).await.all_are_pages("as much as is possible", 100);
    let possible = begin.elapsed() / 100;
    let (begin, before) = (Instant::now(), renderer.counts().rendered);
    let mut renders = tokio::task::JoinSet::new();
    let mut asked = 0;
    while begin.elapsed() < Duration::from_secs(5) {
        while begin.elapsed() > possible / 10 * asked {
            let renderer = renderer.clone();
            let (component, props) = page(u64::from(asked));
            renders.spawn(async move { render(&renderer, component, props).await.map(drop) });
            asked += 1;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        let counts = renderer.counts();
        assert!(counts.queued <= 128 && counts.in_flight <= 2, "{counts:?}");
    }
    let rendered = renderer.counts().rendered - before;
    while let Some(outcome) = renders.join_next().await {
        let outcome = outcome.unwrap();
        assert!(matches!(outcome, Ok(()) | Err(RenderError::Busy)), "{outcome:?}");
    }
    let capacity = Duration::from_secs(5).as_secs_f64() / possible.as_secs_f64();
    println!("{asked} asked for in 5 s, where {capacity:.0} are possible: {rendered} rendered");
    assert!(rendered as f64 >= capacity * 0.8);
    assert_eq!(renderer.counts().died, 0);
}

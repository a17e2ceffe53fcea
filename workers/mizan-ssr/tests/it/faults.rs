//! Workers that are killed, hang, die of an input or grow.

use std::time::{Duration, Instant};

use mizan_ssr::{RenderError, WorkerCommand};
use serde_json::json;

use crate::support::{
    any_is_alive, echo, html, kill, load, number, on_both, percentile, pid, render, start, until,
};

on_both!(
    fifty_kills_lose_no_render,
    a_kill_is_over_within_300_ms,
    twenty_hangs_delay_no_one,
    twenty_poison_inputs_cost_no_good_render,
    a_leak_is_recycled_without_a_failure,
    a_worker_goes_with_all_that_it_has_started,
    a_render_that_its_caller_gave_up_makes_room,
);

async fn fifty_kills_lose_no_render(command: WorkerCommand) {
    const KILLS: u64 = 50;
    const RENDERS: u64 = 5_000;
    let renderer = start(command, |builder| builder).await;
    let killer = tokio::spawn({
        let renderer = renderer.clone();
        async move {
            for killed in 0..KILLS {
                until("both are ready", || renderer.counts().ready == 2).await;
                // What the last one had is rendered by then: a render that meets two kills is a page no more.
                let due = renderer.counts().rendered + RENDERS / KILLS;
                until("some renders later", || renderer.counts().rendered >= due).await;
                kill(pid(&renderer).await);
                until("the death is noticed", || renderer.counts().died > killed).await;
            }
        }
    });
    let mut renders = 0;
    while renders < RENDERS || !killer.is_finished() {
        let tally = load(&renderer, 8, 500, |number| {
            ("Wait", json!({ "text": format!("number {number}"), "ms": 2 }))
        })
        .await;
        tally.all_are_pages("between kills", 500);
        renders += 500;
    }
    killer.await.unwrap();
    let counts = renderer.counts();
    assert_eq!((counts.rendered, counts.died), (renders + KILLS, KILLS));
    assert_eq!((counts.opened, counts.refused_inputs), (0, 0));
    println!("{KILLS} kills in {renders} renders: 0 lost, 0 crossed, {} moved", counts.moved);
}

async fn a_kill_is_over_within_300_ms(command: WorkerCommand) {
    let renderer = start(command, |builder| builder).await;
    let (mut pages, mut full) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        until("both are ready", || renderer.counts().ready == 2).await;
        let (victim, died) = (pid(&renderer).await, renderer.counts().died);
        let start = Instant::now();
        kill(victim);
        until("the death is noticed", || renderer.counts().died > died).await;
        html(&renderer, "Echo", json!({ "text": "x" })).await;
        pages.push(start.elapsed());
        until("both are ready again", || renderer.counts().ready == 2).await;
        full.push(start.elapsed());
        // Ten renders make up for the death, so that each kill is the first one.
        load(&renderer, 1, 12, echo).await.all_are_pages("between two kills", 12);
    }
    let p99 = percentile(&mut pages, 99);
    println!("after a kill: a page p50 {:?}, p99 {p99:?}", percentile(&mut pages, 50));
    let (p50, p99_full) = (percentile(&mut full, 50), percentile(&mut full, 99));
    println!("after a kill: all workers p50 {p50:?}, p99 {p99_full:?}");
    assert!(p99 < Duration::from_millis(300), "{p99:?}");
}

async fn twenty_hangs_delay_no_one(command: WorkerCommand) {
    const DEADLINE: Duration = Duration::from_secs(1);
    const LATEST: Duration = Duration::from_millis(1_150);
    let renderer = start(command, |builder| builder.workers(4).deadline(DEADLINE)).await;
    let hangs = tokio::spawn({
        let renderer = renderer.clone();
        async move {
            for round in 0..10 {
                until("all are ready", || renderer.counts().ready == 4).await;
                let begin = Instant::now();
                let hang = |component| render(&renderer, component, json!({ "round": round }));
                // One of them ignores the request to end.
                let outcomes = tokio::join!(hang("Block"), hang("Stubborn"));
                let late = Err(RenderError::Deadline);
                assert_eq!(outcomes, (late.clone(), late));
                assert!(begin.elapsed() < LATEST, "{:?}", begin.elapsed());
                until("both are killed", || renderer.counts().killed == (round + 1) * 2).await;
            }
        }
    });
    let (mut renders, mut pages, mut slowest) = (0, 0, Duration::ZERO);
    while !hangs.is_finished() {
        let mut tally = load(&renderer, 4, 40, echo).await;
        assert_eq!((tally.times.len(), tally.crossed), (40, 0));
        pages += tally.pages;
        slowest = slowest.max(percentile(&mut tally.times, 100));
        renders += 40;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    hangs.await.unwrap();
    println!("20 hangs next to {renders} renders: {pages} pages, the slowest after {slowest:?}");
    assert!(slowest < LATEST, "{slowest:?}");
    // Two loops leave little of a small machine that is busy: then a few are refused.
    assert!(pages * 100 >= renders * 99, "{pages} of {renders}");
    let counts = renderer.counts();
    assert_eq!((counts.killed, counts.opened), (20, 0));
}

async fn twenty_poison_inputs_cost_no_good_render(command: WorkerCommand) {
    const RENDERS: u64 = 2_000;
    let renderer = start(command, |builder| builder.workers(3)).await;
    let tally = load(&renderer, 8, RENDERS, |number| {
        let text = format!("number {number}");
        if number % 100 == 50 { ("Die", json!({ "text": text })) } else { echo(number) }
    })
    .await;
    let errors: Vec<_> =
        tally.errors.iter().map(|(error, count)| (error.as_str(), *count)).collect();
    let crashed = RenderError::Crashed.to_string();
    assert_eq!(
        (tally.pages, tally.crossed, errors),
        (RENDERS - 20, 0, vec![(crashed.as_str(), 20)])
    );
    let counts = renderer.counts();
    assert_eq!((counts.died, counts.refused_inputs), (40, 20));
    // Now each is refused before it reaches a worker.
    let tally = load(&renderer, 8, 20, |number| {
        ("Die", json!({ "text": format!("number {}", number * 100 + 50) }))
    })
    .await;
    assert_eq!(tally.errors[&RenderError::Quarantined.to_string()], 20);
    assert_eq!(renderer.counts().died, 40);
}

async fn a_leak_is_recycled_without_a_failure(command: WorkerCommand) {
    let renderer = start(command, |builder| builder.recycle_above(200 << 20)).await;
    let tally = load(&renderer, 4, 1_500, |number| {
        ("Leak", json!({ "text": format!("number {number}"), "bytes": 1 << 20 }))
    })
    .await;
    tally.all_are_pages("of a component that leaks", 1_500);
    let counts = renderer.counts();
    println!("1,500 MiB leaked: {} workers replaced", counts.recycled);
    assert!(counts.recycled >= 3 && counts.died == 0, "{counts:?}");
}

async fn a_worker_goes_with_all_that_it_has_started(command: WorkerCommand) {
    let renderer =
        start(command, |builder| builder.workers(1).deadline(Duration::from_millis(500))).await;
    let worker = pid(&renderer).await;
    let child = number(&html(&renderer, "Child", json!({})).await);
    assert!(any_is_alive(&[worker]) && any_is_alive(&[child]));
    assert_eq!(render(&renderer, "Stubborn", json!({})).await, Err(RenderError::Deadline));
    until("both are gone", || !any_is_alive(&[worker, child])).await;
    until("another one is ready", || renderer.is_ready()).await;
    // The same where the handle is dropped, and at once.
    let worker = pid(&renderer).await;
    let child = number(&html(&renderer, "Child", json!({})).await);
    drop(renderer);
    assert!(!any_is_alive(&[worker]));
    until("the child is gone", || !any_is_alive(&[child])).await;
}

async fn a_render_that_its_caller_gave_up_makes_room(command: WorkerCommand) {
    let renderer = start(command, |builder| builder.workers(1).in_flight(1).queue(1)).await;
    let wait = || render(&renderer, "Wait", json!({ "text": "x", "ms": 50 }));
    for _ in 0..20 {
        let given_up = tokio::time::timeout(Duration::from_millis(5), async {
            tokio::join!(wait(), wait(), wait())
        });
        assert!(given_up.await.is_err());
    }
    assert_eq!(html(&renderer, "Echo", json!({ "text": "x" })).await, "<p>x</p>");
    let counts = renderer.counts();
    assert_eq!((counts.queued, counts.in_flight, counts.died), (0, 0, 0));
    assert_eq!(counts.cancelled + counts.busy, 60);
}

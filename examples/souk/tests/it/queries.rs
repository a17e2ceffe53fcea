//! How many statements a request costs.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use mizan_core::testing::TestRequest;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::Id;
use tracing::{Event, Instrument, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::support::{Market, on_both};

on_both!(twelve_cards_are_one_request_and_one_query);

/// By span, the statements that ran in it.
static STATEMENTS: Mutex<Option<HashMap<u64, Vec<String>>>> = Mutex::new(None);

static WATCHED: LazyLock<()> = LazyLock::new(|| {
    let watched = tracing_subscriber::registry().with(Statements);
    tracing::subscriber::set_global_default(watched).unwrap();
});

/// Keeps what sqlx reports, on whichever thread.
struct Statements;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Statements {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "sqlx::query" || metadata.name() == "counted"
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else { return };
        let mut summary = Summary::default();
        event.record(&mut summary);
        let mut statements = STATEMENTS.lock().unwrap();
        let of_span = statements.get_or_insert_default().entry(span.id().into_u64());
        of_span.or_default().push(summary.0);
    }
}

#[derive(Default)]
struct Summary(String);

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.0 = format!("{value:?}");
        }
    }
}

/// The statements of a request, and what came back.
async fn counted<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    LazyLock::force(&WATCHED);
    let span = tracing::info_span!("counted");
    let id = span.id().as_ref().map(Id::into_u64).unwrap();
    let result = work.instrument(span).await;
    let statements = STATEMENTS.lock().unwrap().as_mut().and_then(|all| all.remove(&id));
    (result, statements.unwrap_or_default())
}

/// A batch of the cards that the hall shows.
fn cards() -> TestRequest {
    let entry = |id: i64| format!("e=stall_card%3Bstall_id%3D{id}%3Buser_id%3D{id}");
    let entries: Vec<String> = (1..=12).map(entry).collect();
    TestRequest::new("GET", "/api/mizan/ctx/").query(&entries.join("&"))
}

async fn twelve_cards_are_one_request_and_one_query(market: &Market) {
    // The connection is there, and has been greeted.
    market.number("SELECT COUNT(*) FROM stalls").await;
    let (response, statements) = counted(market.send(&cards())).await;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[12]["end"]), (13, &12.into()), "{text}");
    for line in &lines[..12] {
        let id = line["e"].as_i64().unwrap() + 1;
        assert_eq!(line["data"]["stall_card_info"]["stall_id"], id, "{line}");
    }
    assert_eq!(statements.len(), 1, "{statements:?}");
    // They are entries of the cache now, where there is one.
    let (_, statements) = counted(market.send(&cards())).await;
    assert_eq!(statements.len(), if market.db.is_file() { 0 } else { 1 }, "{statements:?}");
}

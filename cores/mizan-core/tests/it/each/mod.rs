//! `Each`: one run of a read for all entries that are read together, and each with a result of its own.

mod redis_and_refresh;
mod runs;
mod shapes;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mizan_core::testing::TestRequest;
use mizan_core::{
    Builder, Context, Each, EachKey, Error, Found, MemoryCache, Mizan, RawRequest, Result, State,
    UserRequest, client, functions,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::batch::{batch, entry, sorted};

/// The keys of a run, and what else it was given.
type Run = (BTreeSet<i64>, String);

/// What has happened, and what holds runs back.
#[derive(Clone)]
struct Ran {
    /// The keys of each run, with what else it was given.
    runs: Arc<Mutex<Vec<Run>>>,
    /// A run waits for a permit where one has to be given.
    gate: Option<Arc<Semaphore>>,
}

impl Ran {
    fn new() -> Self {
        Self { runs: Arc::default(), gate: None }
    }

    fn gated() -> Self {
        Self { gate: Some(Arc::new(Semaphore::new(0))), ..Self::new() }
    }

    async fn run(&self, keys: impl IntoIterator<Item = i64>, other: impl Into<String>) {
        self.runs.lock().unwrap().push((keys.into_iter().collect(), other.into()));
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
    }

    /// The keys of each run since the last look.
    fn keys(&self) -> Vec<Vec<i64>> {
        let runs = std::mem::take(&mut *self.runs.lock().unwrap());
        runs.into_iter().map(|(keys, _)| keys.into_iter().collect()).collect()
    }
}

#[derive(Context)]
struct CardContext;

/// 404 has no card, 403 may not be seen, 500 breaks the run, 501 hangs.
#[client(context = CardContext)]
async fn card(
    ran: State<Ran>,
    stall_id: Each<i64>,
    locale: Option<String>,
) -> Result<Found<i64, String>> {
    ran.run(stall_id.iter().copied(), locale.clone().unwrap_or_default()).await;
    if stall_id.contains(&500) {
        panic!("secret");
    }
    if stall_id.contains(&501) {
        std::future::pending::<()>().await;
    }
    if stall_id.contains(&502) {
        return Err(Error::unavailable("no database"));
    }
    let locale = locale.unwrap_or_else(|| "en".into());
    let found = stall_id.into_iter().filter(|id| *id != 404).map(|id| {
        let found = match id {
            403 => Err(Error::forbidden("not this one")),
            id => Ok(format!("{id} {locale}")),
        };
        (id, found)
    });
    Ok(found.collect())
}

#[derive(Context)]
struct PairContext;

#[derive(EachKey, Debug, Clone, PartialEq, Eq, Hash)]
struct Pair {
    stall_id: i64,
    user_id: i64,
}

/// One of two members; the other one takes its parameters one by one.
#[client(context = PairContext)]
async fn pair_sum(ran: State<Ran>, page: i64, pair: Each<Pair>) -> Found<Pair, i64> {
    ran.run(pair.iter().map(|pair| pair.stall_id), page.to_string()).await;
    pair.into_iter().map(|pair| (pair.clone(), pair.stall_id + pair.user_id + page)).collect()
}

#[client(context = PairContext)]
async fn pair_note(stall_id: i64, #[default = 1] note: i64) -> String {
    format!("{stall_id} {note}")
}

#[derive(Context)]
struct MineContext;

async fn is_open(request: &UserRequest) -> bool {
    // It is not known at once.
    tokio::time::sleep(Duration::from_millis(1)).await;
    request.user().is_some_and(|user| user.subject() != "9")
}

#[client(context = MineContext, auth = is_open)]
fn mine(request: &UserRequest, ran: State<Ran>, id: Each<i64>) -> Result<Found<i64, String>> {
    let user = request.identity()?.subject().to_owned();
    ran.runs.lock().unwrap().push((id.iter().copied().collect(), user.clone()));
    Ok(id.into_iter().map(|id| (id, format!("{user} {id}"))).collect())
}

#[derive(Context)]
struct HeadedContext;

fn has_header(request: &RawRequest) -> bool {
    request.header("x-own") == Some("yes")
}

/// Its guard sees the whole request, and it does not.
#[client(context = HeadedContext, auth = has_header)]
async fn headed(ran: State<Ran>, id: Each<i64>) -> Found<i64, i64> {
    ran.run(id.iter().copied(), "").await;
    id.into_iter().map(|id| (id, id)).collect()
}

#[derive(Context)]
struct RawContext;

/// It sees a request of each entry's own.
#[client(context = RawContext)]
async fn raw(request: &RawRequest, ran: State<Ran>, id: Each<i64>) -> Found<i64, String> {
    ran.run(id.iter().copied(), "").await;
    id.into_iter().map(|id| (id, request.parts().query.clone())).collect()
}

#[client(affects = [HeadedContext, RawContext], scope = none)]
async fn paint_others() {}

#[client(affects = CardContext)]
async fn paint(stall_id: i64) -> i64 {
    stall_id
}

#[client(affects = CardContext, scope = none)]
async fn paint_all() {}

fn builder(ran: &Ran) -> Builder {
    let functions =
        functions![card, pair_sum, pair_note, mine, headed, raw, paint, paint_all, paint_others];
    Builder::empty().functions(functions).state(ran.clone())
}

fn cached(ran: &Ran) -> Mizan {
    builder(ran).cache(MemoryCache::default()).build().unwrap()
}

fn cards(ids: impl IntoIterator<Item = i64>) -> TestRequest {
    let entry = |id: i64| entry("card", &[("stall_id", &id.to_string())]);
    batch(&ids.into_iter().map(entry).collect::<Vec<_>>())
}

/// The data of each entry, or its status.
async fn read(mizan: &Mizan, request: TestRequest) -> Vec<Value> {
    let lines = sorted(&request.send(mizan).await);
    let shown = |line: Value| match line.get("data") {
        Some(data) => data.clone(),
        None => json!(line["status"]),
    };
    lines.into_iter().map(shown).collect()
}

fn card_of(id: i64) -> Value {
    json!({ "card": format!("{id} en") })
}

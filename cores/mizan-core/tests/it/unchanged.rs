//! Refusals before any change: they make nothing stale but what the function named at run time.

use std::sync::{Arc, Mutex};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, CacheStatus, ClientError, Context, Error, ErrorCode, MemoryCache, Mizan, Request,
    Result, State, Target, View, client, functions,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

#[derive(Context)]
struct SeatsContext;

#[derive(Context)]
struct HallsContext;

#[client(context = SeatsContext)]
async fn seats(row_id: i64) -> i64 {
    row_id
}

#[client(context = HallsContext)]
async fn halls(hall_id: i64) -> i64 {
    hall_id
}

/// An error of an application that has a client error among its sources.
#[derive(Debug)]
struct Taken(ClientError);

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("taken")
    }
}

impl std::error::Error for Taken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// An error of an application that becomes a client error.
enum Refusal {
    Closed,
    Half,
}

impl From<Refusal> for ClientError {
    fn from(refusal: Refusal) -> Self {
        let error = Self::new(ErrorCode::Forbidden, "the hall is closed");
        match refusal {
            Refusal::Closed => error.unchanged(),
            Refusal::Half => error,
        }
    }
}

fn taken() -> ClientError {
    ClientError::new(ErrorCode::ValidationError, "this seat is taken")
}

fn hall(id: i64) -> [Target; 1] {
    [HallsContext::target().with("hall_id", id)]
}

#[client(affects = [SeatsContext, HallsContext])]
async fn take(request: &Request, row_id: i64, how: String) -> Result<i64> {
    match how.as_str() {
        "field" => Err(Error::field("row_id", "this row is full").unchanged()),
        "forbidden" => Err(Error::forbidden("not yours").unchanged()),
        "internal" => Err(Error::internal("nothing was written").unchanged()),
        "source" => Err(Taken(taken().unchanged()))?,
        "io" => Err(std::io::Error::other(taken().unchanged()))?,
        "said" => {
            request.invalidate(hall(3)).await?;
            Err(Error::forbidden("the hall is closed now").unchanged())
        }
        "narrowed" => {
            request.narrow_to([SeatsContext::target().with("row_id", row_id)]).await?;
            Err(Error::forbidden("not yours").unchanged())
        }
        "half" => Err(Error::field("row_id", "this row is full")),
        "half source" => Err(Taken(taken()))?,
        _ => Ok(row_id),
    }
}

#[client(affects = SeatsContext)]
async fn close(row_id: i64, half: bool) -> Result<(), Refusal> {
    let _ = row_id;
    Err(if half { Refusal::Half } else { Refusal::Closed })
}

#[client(merge = SeatsContext)]
async fn swap(row_id: i64) -> Result<i64> {
    let _ = row_id;
    Err(Error::forbidden("not yours").unchanged())
}

/// A form that is shown again with its faults, or that fails.
#[client(affects = SeatsContext, route = "/rows/<row_id>/")]
async fn book(row_id: i64, how: String) -> Result<View> {
    let _ = row_id;
    match how.as_str() {
        "shown" => Ok(View::html("<p>say who you are").with_status(422).unchanged()),
        "loud" => Ok(View::empty(422).with_invalidation_on_error().unchanged()),
        "fails" => Err(Error::field("name", "say who you are").unchanged()),
        _ => Ok(View::see_other("/rows/")),
    }
}

/// What a machine calls.
#[client(affects = SeatsContext, scope = none, private, route = "/paid/")]
async fn paid(row_id: i64, known: bool) -> Result<View> {
    let _ = row_id;
    if known {
        Ok(View::empty(204))
    } else {
        Err(Error::not_found("there is no such payment").unchanged())
    }
}

/// Waits, and then refuses.
#[client(affects = SeatsContext)]
async fn ponder(gate: State<Arc<Gate>>, row_id: i64) -> Result<()> {
    let _ = row_id;
    gate.begun.add_permits(1);
    drop(gate.go.acquire().await);
    Err(Error::forbidden("not yours").unchanged())
}

struct Gate {
    begun: Semaphore,
    go: Semaphore,
}

/// Everything that observers were notified of.
type Told = Arc<Mutex<Vec<Vec<Target>>>>;

fn build() -> (Mizan, Told) {
    build_with(Arc::new(Gate { begun: Semaphore::new(0), go: Semaphore::new(0) }))
}

fn build_with(gate: Arc<Gate>) -> (Mizan, Told) {
    let told = Told::default();
    let tells = Arc::clone(&told);
    let functions = functions![seats, halls, take, close, swap, book, paid, ponder];
    let mizan = Builder::empty()
        .functions(functions)
        .state(gate)
        .on_invalidation(move |targets| tells.lock().unwrap().push(targets.to_vec()))
        .cache(MemoryCache::default())
        .build()
        .unwrap();
    (mizan, told)
}

async fn seat(mizan: &Mizan, row: i64) -> CacheStatus {
    let read = TestRequest::read::<SeatsContext>().param("row_id", row);
    read.send(mizan).await.cache_status().unwrap()
}

async fn hall_status(mizan: &Mizan, id: i64) -> CacheStatus {
    let read = TestRequest::read::<HallsContext>().param("hall_id", id);
    read.send(mizan).await.cache_status().unwrap()
}

async fn warm(mizan: &Mizan) {
    for id in [3, 5] {
        seat(mizan, id).await;
        hall_status(mizan, id).await;
        assert_eq!((seat(mizan, id).await, hall_status(mizan, id).await), (HIT, HIT));
    }
}

const HIT: CacheStatus = CacheStatus::Hit;
const MISS: CacheStatus = CacheStatus::Miss;

/// What a response says is stale, by its body and by its header.
fn said(response: &TestResponse) -> (Value, Option<&str>) {
    let body = serde_json::from_slice::<Value>(response.body()).unwrap_or_default();
    (body["invalidate"].clone(), response.header("x-mizan-invalidate"))
}

#[tokio::test]
async fn a_refusal_that_changed_nothing_makes_nothing_stale() {
    let (mizan, told) = build();
    warm(&mizan).await;
    for (how, status) in [
        ("field", 422),
        ("forbidden", 403),
        ("internal", 500),
        ("source", 422),
        ("io", 422),
        ("narrowed", 403),
    ] {
        let call = TestRequest::call(take).arg("row_id", 5).arg("how", how);
        let response = call.send(&mizan).await;
        assert_eq!((response.status(), said(&response)), (status, (Value::Null, None)), "{how}");
        assert_eq!((seat(&mizan, 5).await, hall_status(&mizan, 5).await), (HIT, HIT), "{how}");
    }
    let refused = TestRequest::call(close).arg("row_id", 5).arg("half", false).send(&mizan).await;
    assert_eq!((refused.status(), said(&refused)), (403, (Value::Null, None)));
    let refused = TestRequest::call(swap).arg("row_id", 5).send(&mizan).await;
    assert_eq!((refused.status(), said(&refused)), (403, (Value::Null, None)));
    assert_eq!(refused.json()["merge"], Value::Null);
    assert_eq!(seat(&mizan, 5).await, HIT);
    assert_eq!(*told.lock().unwrap(), Vec::<Vec<Target>>::new(), "observers were notified");
}

#[tokio::test]
async fn an_ordinary_error_makes_stale_what_is_declared() {
    let (mizan, told) = build();
    for how in ["half", "half source"] {
        warm(&mizan).await;
        let call = TestRequest::call(take).arg("row_id", 5).arg("how", how);
        let response = call.send(&mizan).await;
        let targets = json!([{ "context": "seats", "params": { "row_id": 5 } }, "halls"]);
        assert_eq!(said(&response), (targets, Some("seats;row_id=5, halls")), "{how}");
        assert_eq!((seat(&mizan, 5).await, hall_status(&mizan, 5).await), (MISS, MISS), "{how}");
        assert_eq!(seat(&mizan, 3).await, HIT);
    }
    let refused = TestRequest::call(close).arg("row_id", 5).arg("half", true).send(&mizan).await;
    assert_eq!(said(&refused).1, Some("seats;row_id=5"));
    assert_eq!(seat(&mizan, 5).await, MISS);
    assert_eq!(told.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn what_the_function_said_itself_stands() {
    let (mizan, told) = build();
    warm(&mizan).await;
    let response = TestRequest::call(take).arg("row_id", 5).arg("how", "said").send(&mizan).await;
    // Its caller does not know which hall it is.
    assert_eq!(said(&response), (json!(["halls"]), Some("halls")));
    assert_eq!(seat(&mizan, 5).await, HIT);
    assert_eq!(hall_status(&mizan, 3).await, MISS);
    assert_eq!(*told.lock().unwrap(), [hall(3).to_vec()]);
}

#[tokio::test]
async fn views_and_webhooks_refuse_without_a_change_too() {
    let (mizan, _) = build();
    warm(&mizan).await;
    let form = |how: &'static str| TestRequest::new("POST", "/rows/5/").form(&[("how", how)]);
    for how in ["shown", "loud", "fails"] {
        let response = form(how).send(&mizan).await;
        assert_eq!((response.status(), said(&response)), (422, (Value::Null, None)), "{how}");
        assert_eq!(seat(&mizan, 5).await, HIT, "{how}");
    }
    let hook = |known: &'static str| {
        TestRequest::new("POST", "/paid/").form(&[("row_id", "5"), ("known", known)])
    };
    let response = hook("false").send(&mizan).await;
    assert_eq!((response.status(), said(&response)), (404, (Value::Null, None)));
    assert_eq!((seat(&mizan, 5).await, seat(&mizan, 3).await), (HIT, HIT));
    let response = form("done").send(&mizan).await;
    assert_eq!((response.status(), said(&response).1), (303, Some("seats;row_id=5")));
    assert_eq!((seat(&mizan, 5).await, seat(&mizan, 3).await), (MISS, HIT));
    assert_eq!(hook("true").send(&mizan).await.status(), 204);
    assert_eq!((seat(&mizan, 5).await, seat(&mizan, 3).await), (MISS, MISS));
}

/// While the call runs no one can know how it ends, so nothing that it may change is given out.
#[tokio::test]
async fn a_call_that_will_refuse_is_read_past_while_it_runs() {
    let gate = Arc::new(Gate { begun: Semaphore::new(0), go: Semaphore::new(0) });
    let (mizan, _) = build_with(Arc::clone(&gate));
    warm(&mizan).await;
    let calling = mizan.clone();
    let call =
        tokio::spawn(
            async move { TestRequest::call(ponder).arg("row_id", 5).send(&calling).await },
        );
    drop(gate.begun.acquire().await);
    assert_eq!((seat(&mizan, 5).await, seat(&mizan, 3).await), (CacheStatus::Bypass, HIT));
    gate.go.add_permits(1);
    assert_eq!(call.await.unwrap().status(), 403);
    assert_eq!(seat(&mizan, 5).await, HIT, "what was kept before the call is still good");
}

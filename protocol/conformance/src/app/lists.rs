//! Lists that come in pages, several reads in one request, and calls that bring what the page holds.
//!
//! `LISTS_ORDERS` is how many orders each of two stalls has at start.

use std::sync::{Arc, Mutex, PoisonError};

use mizan_core::{
    Authenticator, Builder, Context, Desc, Error, Identity, IdentityFuture, Mizan, Page, Range,
    RawRequest, RequestParts, Result, State, UserRequest, client, functions,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::Fault;

/// The orders of a stall, in pages.
#[derive(Context)]
struct OrdersContext;

/// How many there are.
#[derive(Context)]
struct TotalContext;

/// What is the caller's own.
#[derive(Context)]
struct MineContext;

/// What the head of the request decides.
#[derive(Context)]
struct RawContext;

/// What is never there.
#[derive(Context)]
struct MissingContext;

/// Numbers that come as a list.
#[derive(Context)]
struct SumContext;

/// An order.
#[derive(Clone, Copy, Serialize, JsonSchema)]
struct Order {
    id: i64,
    stall_id: i64,
    at: i64,
}

/// The newest first, and those of one moment by their ids.
type Key = (Desc<i64>, i64);

fn key(order: &Order) -> Key {
    (Desc(order.at), order.id)
}

/// All orders.
#[derive(Clone)]
struct Orders(Arc<Mutex<Vec<Order>>>);

impl Orders {
    /// Orders of two stalls, two at each moment.
    fn of(count: i64) -> Self {
        let order = |id| Order { id, stall_id: 1 + id % 2, at: id / 4 };
        Self(Arc::new(Mutex::new((0..2 * count).map(order).collect())))
    }

    fn rows(&self, stall_id: i64) -> Vec<Order> {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        rows.retain(|order| order.stall_id == stall_id);
        rows.sort_by_key(key);
        rows
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Order>)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The orders of a stall.
#[client(context = OrdersContext)]
async fn orders(db: State<Orders>, stall_id: i64, range: Range<Key>) -> Result<Page<Order>> {
    let mut rows = db.rows(stall_id);
    rows.retain(|order| {
        let key = key(order);
        range.after().is_none_or(|after| key > *after)
            && range.until().is_none_or(|until| key <= *until)
    });
    rows.truncate(range.limit() as usize + 1);
    Ok(range.page(rows, key))
}

/// How many orders a stall has.
#[client(context = TotalContext)]
async fn total(db: State<Orders>, stall_id: i64) -> usize {
    db.rows(stall_id).len()
}

/// Who is calling.
#[client(context = MineContext, auth)]
async fn mine(caller: &UserRequest, db: State<Orders>) -> Result<String> {
    Ok(format!("{}: {}", caller.identity()?.subject(), db.rows(1).len()))
}

/// The path of the request.
#[client(context = RawContext)]
async fn raw(request: &RawRequest, id: i64) -> String {
    format!("{id} by {}", request.parts().path)
}

/// Fails.
#[client(context = MissingContext)]
async fn missing(id: i64) -> Result<i64> {
    Err(Error::not_found(format!("no {id}")))
}

/// The sum of a list.
#[client(context = SumContext)]
async fn sum(numbers: Vec<i64>) -> i64 {
    numbers.iter().sum()
}

/// Adds an order after all others.
#[client(affects = [OrdersContext, TotalContext, MineContext])]
async fn add_order(db: State<Orders>, stall_id: i64) -> Order {
    let mut added = Order { id: 0, stall_id, at: 0 };
    db.change(|orders| {
        added.id = orders.iter().map(|order| order.id).max().unwrap_or(-1) + 1;
        added.at = orders.iter().map(|order| order.at).max().unwrap_or(0) + 1;
        orders.push(added);
    });
    added
}

/// Removes an order.
#[client(affects = [OrdersContext, TotalContext, MineContext], scope = none)]
async fn remove_order(db: State<Orders>, id: i64) {
    db.change(|orders| orders.retain(|order| order.id != id));
}

/// Adds an order and fails.
#[client(affects = [OrdersContext, TotalContext])]
async fn add_and_fail(db: State<Orders>, stall_id: i64) -> Result<()> {
    db.change(|orders| orders.push(Order { id: 1_000_000, stall_id, at: 1_000_000 }));
    Err(Error::bad_request("added, then failed"))
}

/// Changes nothing.
#[client]
async fn ping() -> &'static str {
    "pong"
}

/// Believes `X-User`.
struct Callers;

impl Authenticator for Callers {
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a> {
        let caller = parts.headers.get("x-user").map(Identity::new);
        Box::pin(std::future::ready(Ok(caller)))
    }
}

pub(super) fn build() -> std::result::Result<Mizan, Fault> {
    let builder = Builder::empty()
        .functions(functions![
            orders,
            total,
            mine,
            raw,
            missing,
            sum,
            add_order,
            remove_order,
            add_and_fail,
            ping,
        ])
        .handle_cli()?;
    let count = std::env::var("LISTS_ORDERS").map_or(Ok(50), |count| count.parse())?;
    Ok(builder.authenticator(Callers).state(Orders::of(count)).build()?)
}

//! Calls that are sent again with one `Idempotency-Key`: one effect, and one response for its caller alone.

mod effects;
mod keys;
#[cfg(feature = "redis")]
mod redis;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mizan_core::testing::TestRequest;
use mizan_core::{
    Builder, Context, Error, Identity, Limits, Mizan, Request, Result, State, Target, UserRequest,
    client, functions,
};
use tokio::sync::Semaphore;

/// What the calls of a test have done, and how they end.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) effects: Arc<AtomicUsize>,
    /// A call that is to wait takes one of these.
    pub(super) gate: Arc<Semaphore>,
}

impl Default for Shop {
    fn default() -> Self {
        Self { effects: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }
}

#[derive(Context)]
struct OrdersContext;

#[client(context = OrdersContext)]
async fn orders(shop: State<Shop>, user_id: i64) -> (i64, usize) {
    (user_id, shop.effects.load(Ordering::SeqCst))
}

/// Gives the number of the payment, which is its effect.
#[client(affects = OrdersContext, idempotent, rate = "100000/min")]
async fn pay(shop: State<Shop>, user_id: i64, how: Option<String>) -> Result<usize> {
    let _ = user_id;
    let how = how.unwrap_or_default();
    if how == "waits" {
        let _ = shop.gate.acquire().await.map(|permit| permit.forget());
    }
    if how == "refuses" {
        return Err(Error::validation("the shop is closed").unchanged());
    }
    let number = shop.effects.fetch_add(1, Ordering::SeqCst) + 1;
    tokio::task::yield_now().await;
    match how.as_str() {
        "fails" => Err(Error::internal("the printer is out of paper")),
        "panics" => panic!("the printer burns"),
        "busy" => Err(Error::unavailable("the printer is busy")),
        _ => Ok(number),
    }
}

/// Names what it changes at run time, and declares nothing.
#[client(idempotent)]
async fn pay_for(request: &Request, shop: State<Shop>, target: i64) -> Result<usize> {
    request.invalidate([Target::context("orders").with("user_id", target)]).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(shop.effects.fetch_add(1, Ordering::SeqCst) + 1)
}

#[client(auth, idempotent)]
async fn pay_signed_in(request: &UserRequest, shop: State<Shop>) -> Result<(String, usize)> {
    let number = shop.effects.fetch_add(1, Ordering::SeqCst) + 1;
    Ok((request.identity()?.subject().to_owned(), number))
}

#[client(idempotent, rate = "2/h")]
async fn pay_seldom(shop: State<Shop>) -> usize {
    shop.effects.fetch_add(1, Ordering::SeqCst) + 1
}

#[client(idempotent)]
async fn print_all(shop: State<Shop>, letters: usize) -> String {
    shop.effects.fetch_add(1, Ordering::SeqCst);
    "x".repeat(letters)
}

#[client(affects = OrdersContext)]
async fn pay_twice(shop: State<Shop>, user_id: i64) -> usize {
    let _ = user_id;
    shop.effects.fetch_add(1, Ordering::SeqCst) + 1
}

pub(super) fn builder(shop: &Shop) -> Builder {
    let all = functions![orders, pay, pay_for, pay_signed_in, pay_seldom, print_all, pay_twice];
    let limits = Limits { call_timeout: Duration::from_secs(20), ..Limits::default() };
    Builder::empty().functions(all).state(shop.clone()).limits(limits)
}

pub(super) fn server() -> (Mizan, Shop) {
    let shop = Shop::default();
    (builder(&shop).build().unwrap(), shop)
}

/// A payment of user 7 with a key.
pub(super) fn payment(key: &str, how: &str) -> TestRequest {
    let call = TestRequest::call(pay).arg("user_id", 7).arg("how", how);
    call.as_user(Identity::new("7")).header("idempotency-key", key)
}

pub(super) fn effects(shop: &Shop) -> usize {
    shop.effects.load(Ordering::SeqCst)
}

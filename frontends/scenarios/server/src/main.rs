//! The application of the scenario table: two contexts of users, a list, and what a session shows.

mod db;

use std::error::Error;

use db::Db;
use mizan_core::{
    Context, Desc, Mizan, Page, Range, RawRequest, Result, State, UserRequest, client,
};
use schemars::JsonSchema;
use serde::Serialize;

/// One user: two members in one bundle.
#[derive(Context)]
pub struct UserContext;

/// The badge of a user: what a rename returns.
#[derive(Context)]
pub struct BadgeContext;

/// The orders of a stall, in pages.
#[derive(Context)]
pub struct OrdersContext;

/// How many orders a stall has.
#[derive(Context)]
pub struct TotalContext;

/// What only the caller may see.
#[derive(Context)]
pub struct SecretContext;

/// A user.
#[derive(Serialize, JsonSchema)]
pub struct Profile {
    id: i64,
    name: String,
}

/// What a badge shows.
#[derive(Serialize, JsonSchema)]
pub struct Badge {
    text: String,
}

/// An order.
#[derive(Clone, Copy, Serialize, JsonSchema)]
pub struct Order {
    id: i64,
    stall_id: i64,
}

/// The profile of a user.
#[client(context = UserContext)]
async fn profile(db: State<Db>, user_id: i64) -> Result<Profile> {
    db.profile(user_id)
}

/// What a user has posted.
#[client(context = UserContext)]
async fn posts(db: State<Db>, user_id: i64) -> Vec<String> {
    db.posts(user_id)
}

/// The badge of a user.
#[client(context = BadgeContext)]
async fn badge(db: State<Db>, user_id: i64) -> Result<Badge> {
    Ok(Badge { text: db.profile(user_id)?.name })
}

/// The orders of a stall, the newest first.
#[client(context = OrdersContext)]
async fn orders(db: State<Db>, stall_id: i64, range: Range<Desc<i64>>) -> Result<Page<Order>> {
    Ok(range.page(db.orders(stall_id, &range), |order| Desc(order.id)))
}

/// How many orders a stall has.
#[client(context = TotalContext)]
async fn total(db: State<Db>, stall_id: i64) -> usize {
    db.count(stall_id)
}

/// A text of the user who is signed in; nothing without one.
#[client(context = SecretContext)]
async fn secret(request: &UserRequest) -> Option<String> {
    request.user().map(|user| format!("a secret of {}", user.subject()))
}

/// Gives a user another name.
#[client(affects = UserContext)]
async fn rename(db: State<Db>, user_id: i64, name: String) -> Result<()> {
    db.rename(user_id, name).map(drop)
}

/// Gives a user another name, and returns their badge.
#[client(merge = BadgeContext)]
async fn engrave(db: State<Db>, user_id: i64, name: String) -> Result<Badge> {
    Ok(Badge { text: db.rename(user_id, name)?.name })
}

/// Posts a text.
#[client(affects = posts)]
async fn post(db: State<Db>, user_id: i64, text: String) {
    db.post(user_id, text);
}

/// Adds orders to a stall.
#[client(affects = [OrdersContext, TotalContext])]
async fn add_orders(db: State<Db>, stall_id: i64, count: u32) {
    db.add_orders(stall_id, count.min(100));
}

/// Signs in the user that is named.
#[client]
async fn sign_in(request: &RawRequest, name: String) -> Result<()> {
    request.session().sign_in(&name, "a browser of the table").await
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    mizan_core::handle_cli()?;
    mizan_actix::block_on(async {
        let db = Db::default();
        let mizan = Mizan::builder().users(db.clone()).state(db).build()?;
        Ok(mizan_actix::run(mizan, "127.0.0.1:8090").await?)
    })
}

//! The reads. Each counts its runs.

use std::time::Duration;

use crate::data::Data;
use mizan_core::{Error, RawRequest, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use super::contexts::{
    BriefContext, DeskContext, FailingContext, FreshContext, GateContext, MineContext, Order,
    RawContext, UserContext,
};

/// A user.
#[derive(Serialize, JsonSchema)]
pub(super) struct Profile {
    user_id: i64,
    value: i64,
}

/// The profile of a user. Between its read of the database and its response it may be held up, and it
/// is slow if the database contains that setting.
#[client(context = UserContext)]
pub(super) async fn profile(data: State<Data>, user_id: i64) -> Result<Profile> {
    data.count(&format!("profile-{user_id}"))?;
    let value = data.number(&format!("user-{user_id}"))?;
    data.pass(&format!("read-{user_id}")).await?;
    let pause = u64::try_from(data.number("slow")?).map_err(Error::internal)?;
    tokio::time::sleep(Duration::from_millis(pause)).await;
    Ok(Profile { user_id, value })
}

/// The orders on a page.
#[client(context = UserContext)]
pub(super) async fn orders(
    data: State<Data>,
    user_id: i64,
    #[default = 1] page: i64,
) -> Result<Vec<Order>> {
    let value = data.number(&format!("order-{user_id}-{page}"))?;
    Ok(vec![Order { id: page, page, value }])
}

/// A member that another build has.
#[client(context = UserContext)]
pub(super) async fn badge(data: State<Data>, user_id: i64) -> Result<i64> {
    Ok(data.number(&format!("user-{user_id}"))?)
}

/// An item as its reader sees it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Mine {
    user: Option<String>,
    staff: bool,
    value: i64,
}

/// An item, with who asks for it and what that caller may do.
#[client(context = MineContext)]
pub(super) async fn mine(request: &UserRequest, data: State<Data>, item: i64) -> Result<Mine> {
    data.count("mine")?;
    let user = request.user();
    Ok(Mine {
        user: user.map(|user| user.subject().to_owned()),
        staff: user.is_some_and(|user| user.is_staff()),
        value: data.number(&format!("mine-{item}"))?,
    })
}

/// An item for staff.
#[client(context = DeskContext, auth = "staff")]
pub(super) async fn desk(data: State<Data>, item: i64) -> Result<i64> {
    data.count("desk")?;
    Ok(item)
}

/// Lets everybody through while the gate is open. Asked often, so it counts too.
async fn gate(_: &UserRequest) -> Result<bool> {
    let data = Data::of_environment()?;
    data.count("gate")?;
    tokio::task::yield_now().await;
    Ok(data.number("closed")? == 0)
}

/// What is behind the gate.
#[client(context = GateContext, auth = gate)]
pub(super) async fn gated(data: State<Data>, item: i64) -> Result<i64> {
    data.count("gated")?;
    Ok(item)
}

/// Kept for a second.
#[client(context = BriefContext, cache = 1)]
pub(super) async fn brief(data: State<Data>, item: i64) -> Result<i64> {
    data.count("brief")?;
    Ok(item)
}

/// Never kept.
#[client(context = FreshContext, cache = false)]
pub(super) async fn fresh(data: State<Data>, item: i64) -> Result<i64> {
    data.count("fresh")?;
    Ok(item)
}

/// A header of the request.
#[client(context = RawContext)]
pub(super) async fn raw(request: &RawRequest, data: State<Data>) -> Result<Option<String>> {
    data.count("raw")?;
    Ok(request.header("x-color").map(str::to_owned))
}

/// Fails with the status that the database says.
#[client(context = FailingContext)]
pub(super) async fn failing(data: State<Data>, item: i64) -> Result<i64> {
    data.count("failing")?;
    match data.number(&format!("failing-{item}"))? {
        0 => Ok(item),
        404 => Err(Error::not_found("not yet")),
        status => Err(Error::internal(format!("{status}"))),
    }
}

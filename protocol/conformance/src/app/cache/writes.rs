//! The mutations: every way to say what becomes old, and one that does not say it.

use crate::data::Data;
use mizan_core::{Context, Error, Request, Result, State, Target, client};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Registry;
use super::contexts::{MineContext, Order, UserContext};

/// How a call ends that has changed something.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    /// With an error for the client.
    Refuse,
    /// With an error that is not for the client.
    Fail,
    /// With a panic.
    Panic,
}

/// Changes a user. It may be held up before its commit and after it.
#[client(affects = UserContext)]
#[expect(clippy::panic, reason = "what is tested")]
pub(super) async fn rename(
    data: State<Data>,
    user_id: i64,
    value: i64,
    ending: Option<Ending>,
) -> Result<i64> {
    data.count("rename")?;
    data.pass(&format!("before-{user_id}")).await?;
    set(&data, user_id, value)?;
    data.pass(&format!("after-{user_id}")).await?;
    match ending {
        None => Ok(value),
        Some(Ending::Refuse) => Err(Error::bad_request("changed, then refused")),
        Some(Ending::Fail) => Err(Error::internal("changed, then failed")),
        Some(Ending::Panic) => panic!("changed, then panicked"),
    }
}

/// The same for staff.
#[client(affects = UserContext, auth = "staff")]
pub(super) async fn staff_rename(data: State<Data>, user_id: i64, value: i64) -> Result<()> {
    set(&data, user_id, value)
}

/// Changes one page of a user, in a build that narrows so far.
#[client(affects = UserContext, scope = [user_id, page])]
pub(super) async fn change_page(
    data: State<Data>,
    user_id: i64,
    #[default = 1] page: i64,
    value: i64,
) -> Result<()> {
    Ok(data.set(&format!("order-{user_id}-{page}"), value)?)
}

/// Changes the first page, and gives clients the new order.
#[client(merge = UserContext, key = "id")]
pub(super) async fn add_order(data: State<Data>, user_id: i64, value: i64) -> Result<Order> {
    data.set(&format!("order-{user_id}-1"), value)?;
    Ok(Order { id: 1, page: 1, value })
}

/// Changes what many callers see.
#[client(affects = MineContext)]
pub(super) async fn change_mine(data: State<Data>, item: i64, value: i64) -> Result<()> {
    Ok(data.set(&format!("mine-{item}"), value)?)
}

/// Changes a user and declares it nowhere.
#[client]
pub(super) async fn write_behind(data: State<Data>, user_id: i64, value: i64) -> Result<()> {
    set(&data, user_id, value)
}

/// Changes a user whose id no argument is named after, and names it before the change.
#[client(affects = UserContext)]
pub(super) async fn hook(
    request: &Request,
    data: State<Data>,
    about: i64,
    value: i64,
) -> Result<()> {
    request.narrow_to([user(about)]).await?;
    data.pass(&format!("hook-{about}")).await?;
    set(&data, about, value)
}

/// Declares nothing and says what it changes.
#[client]
pub(super) async fn touch(
    request: &Request,
    data: State<Data>,
    about: i64,
    value: i64,
) -> Result<()> {
    request.invalidate([user(about)]).await?;
    data.pass(&format!("touch-{about}")).await?;
    set(&data, about, value)
}

/// Refuses before it changes the user. Another one may be changed by then, which it says.
#[client(affects = UserContext)]
pub(super) async fn refuse(
    request: &Request,
    data: State<Data>,
    user_id: i64,
    other: Option<i64>,
) -> Result<()> {
    data.pass(&format!("refuse-{user_id}")).await?;
    if let Some(other) = other {
        request.invalidate([user(other)]).await?;
        set(&data, other, 1)?;
    }
    Err(Error::forbidden("not yours").unchanged())
}

/// Changes a user by work that the registry is asked to watch.
#[client]
pub(super) async fn load(
    data: State<Data>,
    registry: State<Registry>,
    about: i64,
    value: i64,
) -> Result<()> {
    let mizan = registry.get().ok_or_else(|| Error::internal("not built"))?;
    let work = async move {
        data.pass(&format!("load-{about}")).await?;
        set(&data, about, value)
    };
    mizan.mutate([user(about)], work).await?
}

/// Changes a user and tells the registry after that.
#[client]
pub(super) async fn tell(
    data: State<Data>,
    registry: State<Registry>,
    about: i64,
    value: i64,
) -> Result<()> {
    set(&data, about, value)?;
    let mizan = registry.get().ok_or_else(|| Error::internal("not built"))?;
    mizan.invalidate([user(about)]).await
}

/// What the cache of this process has done.
#[derive(Serialize, JsonSchema)]
pub(super) struct Counts {
    hits: u64,
    joined: u64,
    refused: u64,
    unmarked: u64,
    degraded: u64,
    audited: u64,
    inconsistent: u64,
}

/// The counters of the cache.
#[client]
pub(super) async fn counts(registry: State<Registry>) -> Option<Counts> {
    let counts = registry.get()?.cache_counts()?;
    Some(Counts {
        hits: counts.hits,
        joined: counts.joined,
        refused: counts.refused,
        unmarked: counts.unmarked,
        degraded: counts.degraded,
        audited: counts.audited,
        inconsistent: counts.inconsistent,
    })
}

fn set(data: &Data, user_id: i64, value: i64) -> Result<()> {
    Ok(data.set(&format!("user-{user_id}"), value)?)
}

fn user(id: i64) -> Target {
    UserContext::target().with("user_id", id)
}

//! Reads that everybody may do.

use mizan_core::{Error, Result, UserRequest, View, client};
use schemars::JsonSchema;
use serde::Serialize;

use super::contexts::{
    BadContext, GlobalContext, MixedContext, Order, OrdersContext, RevvedContext, UserContext,
};

/// Who is calling.
#[derive(Serialize, JsonSchema)]
pub(super) struct CurrentUser {
    id: Option<String>,
    staff: bool,
}

/// Who is calling.
#[client(context = GlobalContext)]
pub(super) async fn current_user(request: &UserRequest) -> CurrentUser {
    let user = request.user();
    CurrentUser {
        id: user.map(|user| user.subject().to_owned()),
        staff: user.is_some_and(|user| user.is_staff()),
    }
}

/// What everybody may see of a user.
#[derive(Serialize, JsonSchema)]
pub(super) struct Profile {
    user_id: i64,
    name: String,
}

/// The profile of a user.
#[client(context = UserContext)]
pub(super) async fn user_profile(user_id: i64) -> Profile {
    Profile { user_id, name: format!("u{user_id}") }
}

/// Two orders of a user.
#[client(context = UserContext)]
pub(super) async fn user_orders(user_id: i64, #[default = 1] page: i64) -> Result<Vec<Order>> {
    let first = user_id.checked_mul(10);
    let first = first.ok_or_else(|| Error::field("user_id", "the number is out of range"))?;
    Ok(vec![Order { id: first, page }, Order { id: first.saturating_add(1), page }])
}

/// One order of an organisation.
#[client(context = OrdersContext)]
pub(super) async fn org_orders(org: String, #[default = 1] page: i64) -> Result<Vec<Order>> {
    let id = i64::try_from(org.chars().count())?;
    Ok(vec![Order { id, page }])
}

/// An item that is computed in its fourth way.
#[client(context = RevvedContext, rev = 4, cache = 30)]
pub(super) async fn rev_get(item_id: i64) -> i64 {
    item_id
}

/// The data of a page.
#[client(context = MixedContext)]
pub(super) async fn mixed_data(slug: String) -> String {
    slug
}

/// The page itself.
#[client(context = MixedContext, route = "/mixed/<slug>/")]
pub(super) async fn mixed_page(slug: String) -> View {
    let _ = slug;
    View::html("<!doctype html><title>mixed</title>")
}

/// The member that works.
#[client(context = BadContext)]
pub(super) async fn bad_ok() -> String {
    "fine".into()
}

/// The member that fails.
#[client(context = BadContext)]
pub(super) async fn bad_boom() -> Result<String> {
    Err(Error::internal("the secret text of bad_boom"))
}

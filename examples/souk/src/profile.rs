//! What users say about themselves: the form that is saved whole, and the name that is edited in
//! place.

use mizan_core::{Error, GlobalContext, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::db::Db;
use crate::identity;
use crate::rules::{address, characters};
use crate::{OrdersContext, ProfileContext, StaffContext, StallCardContext, StallContext};

/// A user as their profile says it.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct ProfileDetails {
    id: i64,
    pub(crate) name: String,
    pub(crate) city: String,
    pub(crate) bio: String,
    pub(crate) email: String,
}

/// How a user wants to be called.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct DisplayName {
    display_name: String,
}

/// The profile of a user, which holds their address: only they see it.
#[client(context = ProfileContext, auth)]
pub async fn profile_details(
    request: &UserRequest,
    db: State<Db>,
    user_id: i64,
) -> Result<ProfileDetails> {
    identity::only(request, user_id)?;
    details(&db, user_id).await
}

/// How a user wants to be called.
#[client(context = ProfileContext)]
pub async fn profile_display_name(db: State<Db>, user_id: i64) -> Result<DisplayName> {
    sqlx::query_as("SELECT display_name FROM users WHERE id = $1")
        .bind(user_id)
        .fetch_optional(db.pool())
        .await?
        .ok_or_else(no_user)
}

/// Saves the whole profile. `stall_id` is the stall that the user keeps: its page shows the keeper's
/// name, and by this argument exactly that page is read again.
#[client(
    auth,
    affects = [ProfileContext, GlobalContext, StallCardContext, StallContext, OrdersContext, StaffContext]
)]
#[allow(clippy::too_many_arguments)]
pub async fn save_profile(
    request: &UserRequest,
    db: State<Db>,
    user_id: i64,
    #[garde(custom(characters(1, 60)))] name: String,
    #[garde(custom(characters(0, 60)))] city: String,
    #[garde(custom(characters(0, 400)))] bio: String,
    #[garde(custom(characters(0, 120)), custom(address))] email: String,
    #[allow(unused_variables)] stall_id: Option<i64>,
) -> Result<ProfileDetails> {
    identity::only(request, user_id)?;
    save(&db, user_id, &name, &city, &bio, &email).await
}

/// Gives a user another display name.
#[client(auth, affects = [profile_display_name, GlobalContext, StaffContext])]
pub async fn set_display_name(
    request: &UserRequest,
    db: State<Db>,
    user_id: i64,
    #[garde(custom(characters(1, 40)))] display_name: String,
) -> Result<DisplayName> {
    identity::only(request, user_id)?;
    let display_name = display_name.trim().to_owned();
    sqlx::query("UPDATE users SET display_name = $1 WHERE id = $2")
        .bind(display_name.as_str())
        .bind(user_id)
        .execute(db.pool())
        .await?;
    Ok(DisplayName { display_name })
}

/// The profile of a user.
pub(crate) async fn details(db: &Db, user_id: i64) -> Result<ProfileDetails> {
    sqlx::query_as("SELECT id, name, city, bio, email FROM users WHERE id = $1")
        .bind(user_id)
        .fetch_optional(db.pool())
        .await?
        .ok_or_else(no_user)
}

/// Writes the profile of a user.
pub(crate) async fn save(
    db: &Db,
    user_id: i64,
    name: &str,
    city: &str,
    bio: &str,
    email: &str,
) -> Result<ProfileDetails> {
    let details = ProfileDetails {
        id: user_id,
        name: name.trim().into(),
        city: city.trim().into(),
        bio: bio.trim().into(),
        email: email.trim().into(),
    };
    sqlx::query("UPDATE users SET name = $1, city = $2, bio = $3, email = $4 WHERE id = $5")
        .bind(details.name.as_str())
        .bind(details.city.as_str())
        .bind(details.bio.as_str())
        .bind(details.email.as_str())
        .bind(user_id)
        .execute(db.pool())
        .await?;
    Ok(details)
}

fn no_user() -> Error {
    Error::not_found("no such user")
}

//! Signing in and out, and who is signed in.

use std::time::Instant;

use mizan_core::{Error, ErrorCode, GlobalContext, RawRequest, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::DevicesContext;
use crate::attempts::Attempts;
use crate::db::Db;
use crate::rules::characters;
use crate::{device, identity, password};

/// The caller, as the head of every page shows them.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct Me {
    id: i64,
    name: String,
    display_name: String,
    city: String,
    /// The stall that the caller keeps.
    stall_id: Option<i64>,
}

/// Who is signed in; null for a visitor.
#[client(context = GlobalContext)]
pub async fn current_user(request: &UserRequest, db: State<Db>) -> Result<Option<Me>> {
    if request.user().is_none() {
        return Ok(None);
    }
    let id = identity::caller(request)?;
    let me = sqlx::query_as(
        "SELECT u.id, u.name, u.display_name, u.city, s.id AS stall_id FROM users u \
         LEFT JOIN stalls s ON s.user_id = u.id WHERE u.id = $1",
    );
    Ok(me.bind(id).fetch_optional(db.pool()).await?)
}

/// What a password is compared with.
#[derive(sqlx::FromRow)]
struct Account {
    user_id: i64,
    password_hash: String,
}

/// Signs in by name and password. A name that nobody has and a password that is wrong are one answer,
/// after the same work.
#[client(affects = DevicesContext)]
pub async fn sign_in(
    request: &RawRequest,
    db: State<Db>,
    attempts: State<Attempts>,
    #[garde(custom(characters(1, 60)))] name: String,
    #[garde(custom(characters(1, 200)))] password: String,
) -> Result<()> {
    enter(request, &db, &attempts, &name, password).await.map(drop)
}

/// Signs in, and says who that is.
pub(crate) async fn enter(
    request: &RawRequest,
    db: &Db,
    attempts: &Attempts,
    name: &str,
    password: String,
) -> Result<i64> {
    let name = name.trim().to_lowercase();
    if !attempts.begin(&name, Instant::now()) {
        let message = "too many attempts for this name: wait five minutes";
        return Err(Error::new(ErrorCode::TooManyRequests, message).unchanged());
    }
    let account: Option<Account> =
        sqlx::query_as("SELECT user_id, password_hash FROM accounts WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(db.pool())
            .await?;
    let (user_id, hash) = account.map(|it| (it.user_id, it.password_hash)).unzip();
    let is_right = password::is_right(password, hash).await?;
    let Some(user_id) = user_id.filter(|_| is_right) else {
        return Err(Error::unauthorized("the name or the password is wrong").unchanged());
    };
    attempts.succeeded(&name);
    let label = device::label(request.header("user-agent").unwrap_or_default());
    request.session().sign_in(&user_id.to_string(), &label).await?;
    Ok(user_id)
}

/// Ends the session of this browser.
#[client(affects = DevicesContext)]
pub async fn sign_out(request: &RawRequest) -> Result<()> {
    request.session().sign_out().await
}

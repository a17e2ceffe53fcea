//! Signing in and out, and who is signed in.

use mizan_core::{Error, GlobalContext, RawRequest, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DevicesContext;
use crate::db::{Db, Flag};
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
    /// Whether the caller may see the board of the staff.
    #[sqlx(try_from = "Flag")]
    staff: bool,
}

/// Who is signed in; null for a visitor.
#[client(context = GlobalContext)]
pub async fn current_user(request: &UserRequest, db: State<Db>) -> Result<Option<Me>> {
    if request.user().is_none() {
        return Ok(None);
    }
    let id = identity::caller(request)?;
    let me = sqlx::query_as(
        "SELECT u.id, u.name, u.display_name, u.city, s.id AS stall_id, \
         COALESCE(a.staff, 0) AS staff FROM users u LEFT JOIN stalls s ON s.user_id = u.id \
         LEFT JOIN accounts a ON a.user_id = u.id WHERE u.id = $1",
    );
    Ok(me.bind(id).fetch_optional(db.pool()).await?)
}

/// What a password is compared with.
#[derive(sqlx::FromRow)]
struct Account {
    user_id: i64,
    password_hash: String,
}

/// The name of an account in the form in which it is compared: attempts are counted by it, so every spelling is one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String")]
#[schemars(with = "String")]
pub struct AccountName(String);

impl From<String> for AccountName {
    fn from(text: String) -> Self {
        Self(text.trim().to_lowercase())
    }
}

impl AsRef<str> for AccountName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// From 1 to 60 characters.
fn is_account_name(name: &AccountName, unit: &()) -> garde::Result {
    characters(1, 60)(name.as_ref(), unit)
}

/// Signs in by name and password. A name that nobody has and a password that is wrong are one answer,
/// after the same work.
///
/// Attempts are counted for each name, whether it exists or not. Who knows a name can thereby keep its owner out
/// for some minutes. Counting by address instead would keep out a whole office.
#[client(affects = DevicesContext, rate = "10/5min by name")]
pub async fn sign_in(
    request: &RawRequest,
    db: State<Db>,
    #[garde(custom(is_account_name))] name: AccountName,
    #[garde(custom(characters(1, 200)))] password: String,
) -> Result<()> {
    enter(request, &db, &name, password).await.map(drop)
}

/// Signs in, and says who that is.
pub(crate) async fn enter(
    request: &RawRequest,
    db: &Db,
    name: &AccountName,
    password: String,
) -> Result<i64> {
    let account: Option<Account> =
        sqlx::query_as("SELECT user_id, password_hash FROM accounts WHERE name = $1")
            .bind(name.as_ref())
            .fetch_optional(db.pool())
            .await?;
    let (user_id, hash) = account.map(|it| (it.user_id, it.password_hash)).unzip();
    let is_right = password::is_right(password, hash).await?;
    let Some(user_id) = user_id.filter(|_| is_right) else {
        return Err(Error::unauthorized("the name or the password is wrong").unchanged());
    };
    let label = device::label(request.header("user-agent").unwrap_or_default());
    request.session().sign_in(&user_id.to_string(), &label).await?;
    Ok(user_id)
}

/// Ends the session of this browser.
#[client(affects = DevicesContext)]
pub async fn sign_out(request: &RawRequest) -> Result<()> {
    request.session().sign_out().await
}

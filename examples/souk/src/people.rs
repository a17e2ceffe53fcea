//! Who is in the market, and who of them is calling.

use mizan_core::{GlobalContext, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::PeopleContext;
use crate::db::Db;
use crate::identity;

/// The caller, as the head of every page shows them.
#[derive(Serialize, JsonSchema)]
pub struct Me {
    id: i64,
    name: String,
    display_name: String,
    city: String,
    /// The stall that the caller keeps.
    stall_id: Option<i64>,
}

/// Somebody in the market.
#[derive(Serialize, JsonSchema)]
pub struct Person {
    id: i64,
    name: String,
    display_name: String,
    /// The stall that this person keeps.
    stall_id: Option<i64>,
}

/// Who is calling; null for a visitor without a name.
#[client(context = GlobalContext)]
pub async fn current_user(request: &UserRequest, db: State<Db>) -> Result<Option<Me>> {
    let Some(id) = identity::caller(request) else {
        return Ok(None);
    };
    let row: Option<(String, String, String, Option<i64>)> = sqlx::query_as(
        "SELECT u.name, u.display_name, u.city, s.id FROM users u \
         LEFT JOIN stalls s ON s.user_id = u.id WHERE u.id = $1",
    )
    .bind(id)
    .fetch_optional(db.pool())
    .await?;
    Ok(row.map(|(name, display_name, city, stall_id)| Me {
        id,
        name,
        display_name,
        city,
        stall_id,
    }))
}

/// Everybody, by id.
#[client(context = PeopleContext)]
pub async fn people_list(db: State<Db>) -> Result<Vec<Person>> {
    let rows: Vec<(i64, String, String, Option<i64>)> = sqlx::query_as(
        "SELECT u.id, u.name, u.display_name, s.id FROM users u \
         LEFT JOIN stalls s ON s.user_id = u.id ORDER BY u.id",
    )
    .fetch_all(db.pool())
    .await?;
    let person = |(id, name, display_name, stall_id)| Person { id, name, display_name, stall_id };
    Ok(rows.into_iter().map(person).collect())
}

//! The staff board: what is to be sent, and who is in the market.

use jiff::Timestamp;
use mizan_core::{Error, Result, State, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::db::{Db, Flag};
use crate::orders::{self, Order};
use crate::{OrdersContext, StaffContext};

/// Somebody in the market.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct Member {
    id: i64,
    name: String,
    display_name: String,
    /// The stall that this person keeps.
    stall_id: Option<i64>,
    #[sqlx(try_from = "Flag")]
    staff: bool,
}

/// The orders that have not been sent yet, the oldest first.
#[client(context = StaffContext, auth = "staff")]
pub async fn open_orders(db: State<Db>) -> Result<Vec<Order>> {
    orders::open(db.pool()).await
}

/// Everybody, by id.
#[client(context = StaffContext, auth = "staff")]
pub async fn members(db: State<Db>) -> Result<Vec<Member>> {
    let members = sqlx::query_as(
        "SELECT u.id, u.name, u.display_name, s.id AS stall_id, COALESCE(a.staff, 0) AS staff \
         FROM users u LEFT JOIN stalls s ON s.user_id = u.id \
         LEFT JOIN accounts a ON a.user_id = u.id ORDER BY u.id",
    );
    Ok(members.fetch_all(db.pool()).await?)
}

/// Says that an order was sent. It has to be paid, and is sent once.
#[client(auth = "staff", affects = [OrdersContext, StaffContext])]
pub async fn mark_shipped(db: State<Db>, order_id: i64) -> Result<()> {
    let sent = sqlx::query(
        "UPDATE orders SET shipped_at = $1 \
         WHERE id = $2 AND status = 'paid' AND shipped_at IS NULL",
    )
    .bind(Timestamp::now().as_second())
    .bind(order_id)
    .execute(db.pool())
    .await?;
    if sent.rows_affected() == 1 {
        return Ok(());
    }
    let status: Option<String> = sqlx::query_scalar("SELECT status FROM orders WHERE id = $1")
        .bind(order_id)
        .fetch_optional(db.pool())
        .await?;
    match status {
        None => Err(orders::no_order()),
        Some(status) if status == "pending" => Err(Error::validation("this is not paid yet")),
        Some(_) => Err(Error::validation("this was sent already")),
    }
}

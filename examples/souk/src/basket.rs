//! What the caller is about to buy. Nothing is reserved: stock is taken when the order is placed.

use mizan_core::{Error, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::BasketContext;
use crate::db::{Db, Tx};
use crate::identity;

/// One kind of goods in a basket.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct BasketLine {
    good_id: i64,
    good: String,
    /// The stall's name.
    stall: String,
    stall_id: i64,
    unit: String,
    price_cents: i64,
    quantity: i64,
    in_stock: i64,
}

/// What a basket costs, and how many pieces lie in it.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct BasketTotal {
    cents: i64,
    pieces: i64,
}

/// The most pieces of one kind, far above every stock and far below what could overflow a sum.
const MOST: i64 = 10_000;

/// What lies in the basket, stall by stall.
#[client(context = BasketContext, auth)]
pub async fn basket_lines(request: &UserRequest, db: State<Db>) -> Result<Vec<BasketLine>> {
    let user_id = identity::caller(request)?;
    let lines = sqlx::query_as(
        "SELECT b.good_id, g.name AS good, s.name AS stall, g.stall_id, g.unit, g.price_cents, \
         b.quantity, g.in_stock FROM basket_lines b JOIN goods g ON g.id = b.good_id \
         JOIN stalls s ON s.id = g.stall_id WHERE b.user_id = $1 ORDER BY s.id, g.id",
    );
    Ok(lines.bind(user_id).fetch_all(db.pool()).await?)
}

/// What the basket costs.
#[client(context = BasketContext, auth)]
pub async fn basket_total(request: &UserRequest, db: State<Db>) -> Result<BasketTotal> {
    let user_id = identity::caller(request)?;
    total(&mut *db.pool().acquire().await?, user_id).await
}

/// Puts more of a good into the basket.
#[client(auth, affects = BasketContext)]
pub async fn add_to_basket(
    request: &UserRequest,
    db: State<Db>,
    good_id: i64,
    #[default = 1] quantity: i64,
) -> Result<BasketTotal> {
    let user_id = identity::caller(request)?;
    within(quantity, 1)?;
    let mut tx = db.begin().await?;
    let in_stock = in_stock(&mut tx, good_id).await?;
    let wanted = sqlx::query_scalar(
        "INSERT INTO basket_lines (user_id, good_id, quantity) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id, good_id) \
         DO UPDATE SET quantity = basket_lines.quantity + excluded.quantity RETURNING quantity",
    )
    .bind(user_id)
    .bind(good_id)
    .bind(quantity)
    .fetch_one(&mut *tx)
    .await?;
    enough(wanted, in_stock)?;
    let total = total(&mut tx, user_id).await?;
    tx.commit().await?;
    Ok(total)
}

/// Sets how much of a good lies in the basket; 0 takes it out.
#[client(auth, affects = BasketContext)]
pub async fn set_quantity(
    request: &UserRequest,
    db: State<Db>,
    good_id: i64,
    quantity: i64,
) -> Result<BasketTotal> {
    let user_id = identity::caller(request)?;
    within(quantity, 0)?;
    let mut tx = db.begin().await?;
    let in_stock = in_stock(&mut tx, good_id).await?;
    enough(quantity, in_stock)?;
    match quantity {
        0 => sqlx::query("DELETE FROM basket_lines WHERE user_id = $1 AND good_id = $2")
            .bind(user_id)
            .bind(good_id),
        quantity => sqlx::query(
            "INSERT INTO basket_lines (user_id, good_id, quantity) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id, good_id) DO UPDATE SET quantity = excluded.quantity",
        )
        .bind(user_id)
        .bind(good_id)
        .bind(quantity),
    }
    .execute(&mut *tx)
    .await?;
    let total = total(&mut tx, user_id).await?;
    tx.commit().await?;
    Ok(total)
}

/// Sums of whole numbers are of a wider type in PostgreSQL, so they are cast back.
async fn total(connection: &mut sqlx::AnyConnection, user_id: i64) -> Result<BasketTotal> {
    let total = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(b.quantity * g.price_cents), 0) AS BIGINT) AS cents, \
         CAST(COALESCE(SUM(b.quantity), 0) AS BIGINT) AS pieces \
         FROM basket_lines b JOIN goods g ON g.id = b.good_id WHERE b.user_id = $1",
    );
    Ok(total.bind(user_id).fetch_one(connection).await?)
}

async fn in_stock(tx: &mut Tx, good_id: i64) -> Result<i64> {
    sqlx::query_scalar("SELECT in_stock FROM goods WHERE id = $1")
        .bind(good_id)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| Error::not_found("no such good"))
}

fn within(quantity: i64, least: i64) -> Result<()> {
    if (least..=MOST).contains(&quantity) {
        Ok(())
    } else {
        Err(Error::field("quantity", format!("write a number from {least} to {MOST}")))
    }
}

fn enough(wanted: i64, in_stock: i64) -> Result<()> {
    match (wanted <= in_stock, in_stock) {
        (true, _) => Ok(()),
        (false, 0) => Err(Error::field("quantity", "this is sold out")),
        (false, _) => Err(Error::field("quantity", format!("only {in_stock} are in stock"))),
    }
}

//! What the caller has bought, and the one transaction that turns a basket into an order.

use jiff::Timestamp;
use mizan_core::{Desc, Error, Page, Range, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Any, Executor};

use crate::db::{Db, Tx};
use crate::identity;
use crate::{BasketContext, OrdersContext, StaffContext, StallContext};

/// Goods that were bought together.
#[derive(Serialize, JsonSchema)]
pub struct Order {
    id: i64,
    /// The number as people say it.
    number: String,
    /// RFC 3339.
    placed_at: String,
    /// The buyer's name.
    buyer: String,
    status: OrderStatus,
    total_cents: i64,
    lines: Vec<OrderLine>,
}

/// One kind of goods in an order, with the price of that day.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct OrderLine {
    good: String,
    quantity: i64,
    price_cents: i64,
}

/// How far an order has come.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Pending,
    Paid,
    Shipped,
}

impl TryFrom<String> for OrderStatus {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "pending" => Ok(Self::Pending),
            "paid" => Ok(Self::Paid),
            "shipped" => Ok(Self::Shipped),
            _ => Err(format!("`{text}` is not a status of an order")),
        }
    }
}

/// A good that lies in the basket.
#[derive(sqlx::FromRow)]
struct Wanted {
    good_id: i64,
    quantity: i64,
}

/// A good, as far as an order asks about it.
#[derive(sqlx::FromRow)]
struct Good {
    name: String,
    price_cents: i64,
    in_stock: i64,
}

/// A line of an order, next to what the order says of itself.
#[derive(sqlx::FromRow)]
struct Receipt {
    id: i64,
    /// Seconds since 1970.
    placed_at: i64,
    #[sqlx(try_from = "String")]
    status: OrderStatus,
    buyer: String,
    #[sqlx(flatten)]
    line: OrderLine,
}

/// The caller's orders, the newest first.
#[client(context = OrdersContext, auth)]
pub async fn orders_list(
    request: &UserRequest,
    db: State<Db>,
    range: Range<Desc<i64>>,
) -> Result<Page<Order>> {
    let orders = bought(db.pool(), identity::caller(request)?, &range).await?;
    Ok(range.page(orders, |order| Desc(order.id)))
}

/// Turns the basket into an order that waits for the bank. Either everything is there and its stock is
/// taken, or nothing changes. Its response may get lost: sent again, it is one order still.
#[client(auth, affects = [BasketContext, OrdersContext, StallContext, StaffContext], idempotent)]
pub async fn pay(request: &UserRequest, db: State<Db>) -> Result<Order> {
    let user_id = identity::caller(request)?;
    let mut tx = db.begin().await?;
    // The basket is emptied first: of two calls at once, the second waits here and finds it empty.
    let mut basket: Vec<Wanted> =
        sqlx::query_as("DELETE FROM basket_lines WHERE user_id = $1 RETURNING good_id, quantity")
            .bind(user_id)
            .fetch_all(&mut *tx)
            .await?;
    if basket.is_empty() {
        return Err(Error::validation("the basket is empty: put something into it first"));
    }
    // Every order takes goods in the order of their ids, so no two of them wait for each other.
    basket.sort_unstable_by_key(|wanted| wanted.good_id);
    let mut lines = Vec::with_capacity(basket.len());
    for Wanted { good_id, quantity } in basket {
        lines.push((good_id, take(&mut tx, good_id, quantity).await?));
    }
    let id = write(&mut tx, user_id, &lines).await?;
    let newest = Range::new(None, Some(Desc(id)), 1)?;
    let order = bought(&mut *tx, user_id, &newest).await?.pop();
    tx.commit().await?;
    order.ok_or_else(|| Error::internal("an order was written and is not there"))
}

/// Takes pieces of a good out of stock; the line of the order. The condition and the change are one
/// statement, so stock never falls below zero however many ask at once.
async fn take(tx: &mut Tx, good_id: i64, quantity: i64) -> Result<OrderLine> {
    let taken: Option<Good> = sqlx::query_as(
        "UPDATE goods SET in_stock = in_stock - $1 WHERE id = $2 AND in_stock >= $1 \
         RETURNING name, price_cents, in_stock",
    )
    .bind(quantity)
    .bind(good_id)
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(Good { name, price_cents, .. }) = taken {
        return Ok(OrderLine { good: name, quantity, price_cents });
    }
    let Good { name, in_stock, .. } =
        sqlx::query_as("SELECT name, price_cents, in_stock FROM goods WHERE id = $1")
            .bind(good_id)
            .fetch_one(&mut **tx)
            .await?;
    let message = match in_stock {
        0 => format!("{name} is sold out: take it out of the basket"),
        _ => format!("only {in_stock} of {name} are left, and the basket holds {quantity}"),
    };
    Err(Error::validation(message))
}

/// Writes an order and gives its id.
async fn write(tx: &mut Tx, user_id: i64, lines: &[(i64, OrderLine)]) -> Result<i64> {
    let id = sqlx::query_scalar("UPDATE order_counter SET last = last + 1 RETURNING last")
        .fetch_one(&mut **tx)
        .await?;
    sqlx::query(
        "INSERT INTO orders (id, user_id, placed_at, status) VALUES ($1, $2, $3, 'pending')",
    )
    .bind(id)
    .bind(user_id)
    .bind(Timestamp::now().as_second())
    .execute(&mut **tx)
    .await?;
    for (good_id, OrderLine { good, quantity, price_cents }) in lines {
        sqlx::query(
            "INSERT INTO order_lines (order_id, good_id, good, quantity, price_cents) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(*good_id)
        .bind(good.as_str())
        .bind(*quantity)
        .bind(*price_cents)
        .execute(&mut **tx)
        .await?;
    }
    Ok(id)
}

/// Orders of a user, the newest first, and one more than the range asks for. One statement, so that no
/// order is seen without its lines; the limit counts orders, and not the lines that they have.
async fn bought(
    database: impl Executor<'_, Database = Any>,
    user_id: i64,
    range: &Range<Desc<i64>>,
) -> Result<Vec<Order>> {
    let receipts = sqlx::query_as(
        "SELECT id, placed_at, status, buyer, good, quantity, price_cents FROM receipts \
         WHERE id IN (SELECT id FROM orders WHERE user_id = $1 AND id < $2 AND id >= $3 \
         ORDER BY id DESC LIMIT $4) ORDER BY id DESC, good_id",
    );
    let receipts = receipts
        .bind(user_id)
        .bind(range.after().map_or(i64::MAX, |Desc(id)| *id))
        .bind(range.until().map_or(i64::MIN, |Desc(id)| *id))
        .bind(i64::from(range.limit()) + 1);
    orders(receipts.fetch_all(database).await?)
}

/// The orders of everybody that were not sent yet, the oldest first.
pub(crate) async fn open(database: impl Executor<'_, Database = Any>) -> Result<Vec<Order>> {
    let receipts = sqlx::query_as(
        "SELECT id, placed_at, status, buyer, good, quantity, price_cents FROM receipts \
         WHERE status <> 'shipped' ORDER BY id, good_id",
    );
    orders(receipts.fetch_all(database).await?)
}

/// Orders from receipts in which those of one order follow each other.
fn orders(receipts: Vec<Receipt>) -> Result<Vec<Order>> {
    let mut orders: Vec<Order> = Vec::new();
    for Receipt { id, placed_at, status, buyer, line } in receipts {
        if orders.last().is_none_or(|order| order.id != id) {
            let placed_at = Timestamp::from_second(placed_at)?.to_string();
            let (number, total_cents, lines) = (format!("S-{id}"), 0, Vec::new());
            orders.push(Order { id, number, placed_at, buyer, status, total_cents, lines });
        }
        if let Some(order) = orders.last_mut() {
            order.total_cents += line.quantity * line.price_cents;
            order.lines.push(line);
        }
    }
    Ok(orders)
}

pub(crate) fn no_order() -> Error {
    Error::not_found("no such order")
}

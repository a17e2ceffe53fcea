//! The bank: it says by a signed webhook that an order is paid. In this market it is played by a
//! command, `souk bank pay`.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use mizan_core::{RawRequest, Result, State, View, Webhook, client};

use crate::db::{Db, Settings};
use crate::orders::no_order;
use crate::{OrdersContext, StaffContext, secrets};

const ROUTE: &str = "/bank/paid";

/// Deliveries are remembered for a day; a signature is good for minutes.
const REMEMBERED: i64 = 24 * 60 * 60;

/// An order is paid. The bank repeats a delivery until it is answered, so one that is known changes
/// nothing.
#[client(private, webhook, route = "/bank/paid", affects = [OrdersContext, StaffContext])]
pub async fn bank_paid(
    request: &RawRequest,
    webhook: State<Webhook>,
    db: State<Db>,
    order_id: i64,
) -> Result<View> {
    let delivery = webhook.verify(request)?;
    let mut tx = db.begin().await?;
    let now = Timestamp::now().as_second();
    sqlx::query("DELETE FROM bank_deliveries WHERE received_at < $1")
        .bind(now - REMEMBERED)
        .execute(&mut *tx)
        .await?;
    let remembered = sqlx::query(
        "INSERT INTO bank_deliveries (id, received_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
    )
    .bind(delivery)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    if remembered.rows_affected() == 0 {
        return Ok(View::empty(204).unchanged());
    }
    let paid = sqlx::query("UPDATE orders SET status = 'paid' WHERE id = $1")
        .bind(order_id)
        .execute(&mut *tx)
        .await?;
    if paid.rows_affected() == 0 {
        return Err(no_order().unchanged());
    }
    tx.commit().await?;
    Ok(View::empty(204))
}

/// The secret that the bank signs with: `SOUK_BANK_SECRET`, or a file next to the database.
pub fn secret(settings: &Settings) -> io::Result<String> {
    match secrets::given("SOUK_BANK_SECRET") {
        Some(secret) => Ok(secret),
        None => secrets::kept(&settings.file().with_extension("bank-secret")),
    }
}

/// Plays the bank: says to the server at this address that an order is paid. What it answered.
pub fn pay(secret: &str, order_id: i64, address: &str) -> Result<String, String> {
    let webhook = Webhook::new(secret)?;
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (id, timestamp) = (format!("pay-{order_id}-{}", time.as_nanos()), time.as_secs());
    let body = format!("{{\"order_id\":{order_id}}}");
    let signature = webhook.sign(&id, timestamp, body.as_bytes());
    let request = format!(
        "POST {ROUTE} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nWebhook-Id: {id}\r\n\
         Webhook-Timestamp: {timestamp}\r\nWebhook-Signature: {signature}\r\n\r\n{body}",
        body.len(),
    );
    let mut answer = String::new();
    let mut send = || -> io::Result<()> {
        let mut connection = TcpStream::connect(address)?;
        connection.write_all(request.as_bytes())?;
        connection.read_to_string(&mut answer).map(drop)
    };
    send().map_err(|error| format!("no market responds at {address}: {error}"))?;
    let status = answer.lines().next().unwrap_or_default();
    if status.starts_with("HTTP/1.1 204") {
        Ok(format!("order S-{order_id} is paid"))
    } else {
        Err(format!("the market refused: {}", answer.lines().last().unwrap_or(status)))
    }
}

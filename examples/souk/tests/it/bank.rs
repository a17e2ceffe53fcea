//! The webhook of the bank: what is signed counts, and once.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use mizan_core::testing::TestRequest;

use crate::support::{Market, on_both, post};

on_both!(
    a_signed_delivery_pays_an_order,
    a_delivery_that_comes_again_changes_nothing,
    a_delivery_that_comes_many_times_at_once_counts_once,
    what_is_not_signed_is_refused,
    an_order_that_does_not_exist_can_be_paid_later,
    old_deliveries_are_forgotten,
);

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A delivery as the bank sends it.
fn delivery(market: &Market, id: &str, order_id: i64) -> TestRequest {
    let (body, time) = (format!("{{\"order_id\":{order_id}}}"), now());
    let signature = market.bank.sign(id, time, body.as_bytes());
    signed(id, time, &signature, body)
}

fn signed(id: &str, time: u64, signature: &str, body: String) -> TestRequest {
    post("/bank/paid", "application/json", body)
        .header("webhook-id", id)
        .header("webhook-timestamp", time.to_string())
        .header("webhook-signature", signature)
}

/// The status and what the response makes stale.
async fn send(market: &Market, delivery: &TestRequest) -> (u16, String) {
    let reply = market.send(delivery).await;
    (reply.status(), reply.header("x-mizan-invalidate").unwrap_or_default().to_owned())
}

async fn status(market: &Market, order_id: i64) -> String {
    let status = sqlx::query_scalar("SELECT status FROM orders WHERE id = $1").bind(order_id);
    status.fetch_one(market.db.pool()).await.unwrap()
}

async fn a_signed_delivery_pays_an_order(market: &Market) {
    let buyer = market.user(13).await;
    let shown = async || -> Value {
        buyer.read("orders", "").await["orders_list"]["items"][0]["status"].clone()
    };
    assert_eq!(shown().await, "pending");
    let answer = send(market, &delivery(market, "d1", 1010)).await;
    assert_eq!(answer, (204, "orders, staff".into()));
    assert_eq!(shown().await, "paid");
    assert_eq!(status(market, 1009).await, "pending");
}

async fn a_delivery_that_comes_again_changes_nothing(market: &Market) {
    send(market, &delivery(market, "d1", 1010)).await;
    // Another order under the same id would be paid if the delivery was looked at again.
    for order_id in [1010, 1009] {
        let answer = send(market, &delivery(market, "d1", order_id)).await;
        assert_eq!(answer, (204, String::new()));
    }
    assert_eq!(status(market, 1009).await, "pending");
    assert_eq!(market.number("SELECT COUNT(*) FROM bank_deliveries").await, 1);
}

async fn a_delivery_that_comes_many_times_at_once_counts_once(market: &Market) {
    let sent = (0..8).map(|_| {
        let (mizan, delivery) = (market.mizan.clone(), delivery(market, "d1", 1010));
        tokio::spawn(async move { delivery.send(&mizan).await })
    });
    let mut counted = 0;
    for sent in sent.collect::<Vec<_>>() {
        let reply = sent.await.unwrap();
        assert_eq!(reply.status(), 204);
        counted += usize::from(reply.header("x-mizan-invalidate").is_some());
    }
    assert_eq!(counted, 1);
    assert_eq!(market.number("SELECT COUNT(*) FROM bank_deliveries").await, 1);
}

async fn what_is_not_signed_is_refused(market: &Market) {
    let (body, time) = (String::from("{\"order_id\":1010}"), now());
    let good = market.bank.sign("d1", time, body.as_bytes());
    let other = body.replace("1010", "1009");
    for (what, request) in [
        ("no signature", post("/bank/paid", "application/json", body.clone())),
        ("another body", signed("d1", time, &good, other)),
        ("another id", signed("d2", time, &good, body.clone())),
        ("another time", signed("d1", time - 1, &good, body.clone())),
        ("another secret", signed("d1", time, &"v1,".repeat(2), body.clone())),
        ("long ago", {
            let signature = market.bank.sign("d1", time - 600, body.as_bytes());
            signed("d1", time - 600, &signature, body.clone())
        }),
    ] {
        assert_eq!(send(market, &request).await, (401, String::new()), "{what}");
    }
    assert_eq!(status(market, 1010).await, "pending");
    assert_eq!(market.number("SELECT COUNT(*) FROM bank_deliveries").await, 0);
    // By its name it is not there.
    let call =
        market.visitor().await.call("bank_paid", serde_json::json!({ "order_id": 1010 })).await;
    assert_eq!(call.status, 404);
}

async fn an_order_that_does_not_exist_can_be_paid_later(market: &Market) {
    let early = delivery(market, "d1", 1011);
    assert_eq!(send(market, &early).await, (404, String::new()));
    let buyer = market.user(13).await;
    buyer.call("add_to_basket", serde_json::json!({ "good_id": 1 })).await.result();
    buyer.call("pay", serde_json::json!({})).await.result();
    assert_eq!(send(market, &early).await.0, 204);
    assert_eq!(status(market, 1011).await, "paid");
}

async fn old_deliveries_are_forgotten(market: &Market) {
    send(market, &delivery(market, "d1", 1010)).await;
    sqlx::query("UPDATE bank_deliveries SET received_at = received_at - 86401")
        .execute(market.db.pool())
        .await
        .unwrap();
    send(market, &delivery(market, "d2", 1009)).await;
    assert_eq!(market.number("SELECT COUNT(*) FROM bank_deliveries").await, 1);
}

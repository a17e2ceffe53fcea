//! What is let in by a guard: the staff board, and the counter of a keeper.

use serde_json::{Value, json};

use crate::support::{Answer, Market, on_both};

on_both!(
    the_board_is_for_the_staff,
    an_order_is_sent_once_and_when_it_is_paid,
    a_keeper_counts_their_own_goods,
);

async fn the_board_is_for_the_staff(market: &Market) {
    let people = [market.visitor().await, market.user(13).await, market.user(1).await];
    for (browser, status) in people.iter().zip([401, 403, 403]) {
        assert_eq!(browser.get("staff", "").await.0, status);
        let answer = browser.call("mark_shipped", json!({ "order_id": 1001 })).await;
        assert_eq!((answer.status, &*answer.made_old), (status, ""));
    }
    let sent = "SELECT COUNT(*) FROM orders WHERE shipped_at IS NOT NULL";
    assert_eq!(market.number(sent).await, 0);

    let board = market.user(29).await.read("staff", "").await;
    let ids = |list: &Value| -> Vec<i64> {
        list.as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(&board["open_orders"]), Vec::from_iter(1001..=1010));
    assert_eq!(board["open_orders"][9]["buyer"], "Lucía Fernández");
    assert_eq!(ids(&board["members"]), Vec::from_iter(1..=30));
    let keeper = json!({ "id": 7, "name": "Farida Rahimova", "display_name": "Farida opa", "stall_id": 7, "staff": false });
    assert_eq!(board["members"][6], keeper);
    assert_eq!(
        (&board["members"][25]["staff"], &board["members"][25]["stall_id"]),
        (&json!(true), &Value::Null)
    );
}

async fn an_order_is_sent_once_and_when_it_is_paid(market: &Market) {
    let (staff, buyer) = (market.user(26).await, market.user(13).await);
    let send =
        async |order_id: i64| staff.call("mark_shipped", json!({ "order_id": order_id })).await;
    let answer = send(1001).await;
    assert_eq!((answer.status, &*answer.made_old), (200, "orders, staff"));
    let orders = buyer.read("orders", "").await;
    let status = |at: usize| orders["orders_list"]["items"][at]["status"].clone();
    assert_eq!([status(0), status(1), status(2)], ["pending", "paid", "shipped"]);
    assert_eq!(staff.read("staff", "").await["open_orders"][0]["id"], 1002);

    for (order_id, status, message) in [
        (1001, 422, "this was sent already"),
        (1010, 422, "this is not paid yet"),
        (1011, 404, "no such order"),
    ] {
        let answer: Answer = send(order_id).await;
        assert_eq!((answer.status, answer.error().1), (status, message), "{order_id}");
    }
    assert_eq!(market.number("SELECT COUNT(*) FROM orders WHERE shipped_at IS NOT NULL").await, 1);
}

async fn a_keeper_counts_their_own_goods(market: &Market) {
    let args = |stall_id: i64, good_id: i64, in_stock: i64| json!({ "stall_id": stall_id, "good_id": good_id, "in_stock": in_stock });
    let (visitor, buyer, keeper) =
        (market.visitor().await, market.user(13).await, market.user(1).await);
    // Goods 1 to 7 are those of stall 1.
    // Whom the guard refuses has run nothing; a keeper of another stall has, and changed nothing.
    for (browser, stall_id, good_id, status, made_old) in [
        (&visitor, 1, 6, 401, ""),
        (&buyer, 1, 6, 403, ""),
        (&keeper, 2, 8, 403, "stall;stall_id=2"),
        (&keeper, 1, 8, 403, "stall;stall_id=1"),
        (&keeper, 2, 6, 403, "stall;stall_id=2"),
    ] {
        let answer = browser.call("set_stock", args(stall_id, good_id, 99)).await;
        assert_eq!((answer.status, &*answer.made_old), (status, made_old), "{}", answer.body);
    }
    assert_eq!((market.in_stock(6).await, market.in_stock(8).await), (12, 24));
    for in_stock in [-1, 10_001] {
        let answer = keeper.call("set_stock", args(1, 6, in_stock)).await;
        assert!(answer.fields()["in_stock"].is_array());
    }
    let answer = keeper.call("set_stock", args(1, 6, 0)).await;
    assert_eq!((answer.status, &*answer.made_old), (200, "stall;stall_id=1"));
    let stall = visitor.read("stall", "stall_id=1").await;
    assert_eq!(stall["stall_stock"][5]["in_stock"], 0);
}

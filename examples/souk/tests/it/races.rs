//! Many at once: stock never falls below zero, and nobody waits for ever.

use serde_json::{Value, json};

use crate::support::{Answer, Browser, Market, on_both};

on_both!(
    thirty_buyers_want_twelve_pieces,
    two_clicks_are_one_order,
    what_is_added_at_once_is_all_there,
    baskets_with_the_same_goods_do_not_lock_each_other_out,
);

/// Makes one call in each browser, all at the same time.
async fn at_once(browsers: Vec<Browser>, function: &'static str, args: Vec<Value>) -> Vec<Answer> {
    let start = |(browser, args): (Browser, Value)| {
        tokio::spawn(async move { browser.call(function, args).await })
    };
    let tasks: Vec<_> = browsers.into_iter().zip(args).map(start).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

async fn everybody(market: &Market) -> Vec<Browser> {
    let mut browsers = Vec::new();
    for user in 1..=30 {
        browsers.push(market.user(user).await);
    }
    browsers
}

fn orders() -> Vec<Value> {
    vec![json!({}); 30]
}

async fn thirty_buyers_want_twelve_pieces(market: &Market) {
    let browsers = everybody(market).await;
    let wishes = vec![json!({ "good_id": 6, "quantity": 1 }); 30];
    let filled = at_once(browsers.clone(), "set_quantity", wishes).await;
    filled.into_iter().for_each(|answer| drop(answer.result()));

    let answers = at_once(browsers, "pay", orders()).await;
    let (served, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((served.len(), refused.len()), (12, 18));
    for answer in refused {
        let message = "Saffron is sold out: take it out of the basket";
        assert_eq!(answer.error(), ("VALIDATION_ERROR", message));
    }
    assert_eq!(market.in_stock(6).await, 0);
    assert_eq!(market.number("SELECT COUNT(*) FROM basket_lines").await, 18);
    let mut ids: Vec<_> =
        served.iter().map(|answer| answer.body["result"]["id"].as_i64()).collect();
    ids.sort_unstable();
    assert_eq!(ids, Vec::from_iter((1011..=1022).map(Some)), "a number was given twice, or lost");
}

async fn two_clicks_are_one_order(market: &Market) {
    let user = market.user(13).await;
    for round in 0..10 {
        user.call("add_to_basket", json!({ "good_id": 1 })).await.result();
        let answers = at_once(vec![user.clone(); 4], "pay", vec![json!({}); 4]).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(market.in_stock(1).await, 59 - round);
    }
}

async fn what_is_added_at_once_is_all_there(market: &Market) {
    let user = market.user(13).await;
    let args = vec![json!({ "good_id": 8 }); 24];
    let answers = at_once(vec![user.clone(); 24], "add_to_basket", args).await;
    answers.into_iter().for_each(|answer| drop(answer.result()));
    assert_eq!(user.read("basket", "").await["basket_total"]["pieces"], 24);
    let over = user.call("add_to_basket", json!({ "good_id": 8 })).await;
    assert_eq!(over.status, 422);
}

async fn baskets_with_the_same_goods_do_not_lock_each_other_out(market: &Market) {
    let browsers = everybody(market).await;
    // Half of them in one order, half in the other.
    for (user, browser) in (1..).zip(&browsers) {
        let mut goods = [1, 9, 14, 21, 25, 26, 68];
        if user % 2 == 0 {
            goods.reverse();
        }
        for good_id in goods {
            let args = json!({ "good_id": good_id });
            browser.call("add_to_basket", args).await.result();
        }
    }
    let answers = at_once(browsers, "pay", orders()).await;
    answers.into_iter().for_each(|answer| drop(answer.result()));
    assert_eq!(market.in_stock(68).await, 90);
}

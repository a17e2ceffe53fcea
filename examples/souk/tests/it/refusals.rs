//! Who may do what, and which fields are named when something is wrong.

use serde_json::{Value, json};

use crate::support::{Market, on_both};

on_both!(
    everything_of_a_user_is_theirs_alone,
    a_visitor_has_neither_basket_nor_orders,
    an_argument_that_names_somebody_else_is_nothing,
    every_faulty_field_is_named,
    a_display_name_is_neither_empty_nor_endless,
    no_more_than_is_in_stock,
    a_good_that_does_not_exist_is_not_found,
);

/// Calls about one user, as they would succeed.
fn about(user_id: i64) -> [(&'static str, Value); 2] {
    let profile = json!({ "user_id": user_id, "name": "N", "city": "", "bio": "", "email": "a@b" });
    [
        ("save_profile", profile),
        ("set_display_name", json!({ "user_id": user_id, "display_name": "N" })),
    ]
}

/// Calls for the user who is signed in.
fn own() -> [(&'static str, Value); 4] {
    [
        ("add_to_basket", json!({ "good_id": 1 })),
        ("set_quantity", json!({ "good_id": 1, "quantity": 1 })),
        ("pay", json!({})),
        ("end_device", json!({ "id": "x" })),
    ]
}

async fn everything_of_a_user_is_theirs_alone(market: &Market) {
    let (visitor, other) = (market.visitor().await, market.user(14).await);
    for (browser, status, code) in [(&visitor, 401, "UNAUTHORIZED"), (&other, 403, "FORBIDDEN")] {
        let (found, body) = browser.get("profile", "user_id=13").await;
        assert_eq!((found, &body["error"]["code"]), (status, &json!(code)));
        for (function, args) in about(13) {
            let answer = browser.call(function, args).await;
            assert_eq!((answer.status, answer.error().0), (status, code), "{function}");
            assert_eq!(answer.made_old.is_empty(), status == 401, "{function}");
        }
    }
    let name = market.user(13).await.read("global", "").await["current_user"]["name"].clone();
    assert_eq!(name, "Lucía Fernández");
}

async fn a_visitor_has_neither_basket_nor_orders(market: &Market) {
    let visitor = market.visitor().await;
    for context in ["basket", "orders", "devices"] {
        let (status, body) = visitor.get(context, "user_id=13").await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("UNAUTHORIZED")), "{context}");
    }
    for (function, args) in own() {
        let answer = visitor.call(function, args).await;
        assert_eq!((answer.status, answer.error().0), (401, "UNAUTHORIZED"), "{function}");
    }
}

async fn an_argument_that_names_somebody_else_is_nothing(market: &Market) {
    let user = market.user(14).await;
    user.call("add_to_basket", json!({ "user_id": 13, "good_id": 1 })).await.result();
    assert_eq!(user.read("basket", "user_id=13").await["basket_total"]["pieces"], 1);
    assert_eq!(user.read("orders", "user_id=13").await["orders_list"]["items"], json!([]));
    let other = market.user(13).await;
    assert_eq!(other.read("basket", "").await["basket_total"]["pieces"], 0);
}

async fn every_faulty_field_is_named(market: &Market) {
    let user = market.user(13).await;
    let check = async |name: &str, city: &str, bio: &str, email: &str| {
        let args = json!({ "user_id": 13, "name": name, "city": city, "bio": bio, "email": email });
        user.call("save_profile", args).await
    };
    let answer = check("  ", &"x".repeat(61), &"x".repeat(401), "nobody").await;
    let expected = json!({
        "name": ["this is needed"],
        "city": ["write 60 characters at most"],
        "bio": ["write 400 characters at most"],
        "email": ["write an address like name@example.org"],
    });
    assert_eq!(answer.fields(), &expected);
    assert_eq!(answer.made_old, "");

    let long = format!("a@{}", "b".repeat(119));
    for email in ["", "@", "a@", "@b", "a@b@c", "a b", &long] {
        let answer = check("N", "", "", email).await;
        assert!(answer.fields()["email"].is_array(), "{email}: {}", answer.body);
        assert_eq!(answer.fields().as_object().unwrap().len(), 1, "{email}: {}", answer.body);
    }
    // Letters are counted, not bytes, and spaces at the ends are not.
    let name = format!("  {}  ", "é".repeat(60));
    let answer = check(&name, &"ü".repeat(60), &"ß".repeat(400), &long[..120]).await;
    assert_eq!(answer.result()["name"], name.trim());
}

async fn a_display_name_is_neither_empty_nor_endless(market: &Market) {
    let user = market.user(13).await;
    for (name, message) in
        [("\t ", "this is needed"), (&*"x".repeat(41), "write 40 characters at most")]
    {
        let args = json!({ "user_id": 13, "display_name": name });
        let answer = user.call("set_display_name", args).await;
        assert_eq!(answer.fields(), &json!({ "display_name": [message] }));
    }
}

async fn no_more_than_is_in_stock(market: &Market) {
    let user = market.user(13).await;
    sqlx::query("UPDATE goods SET in_stock = 0 WHERE id = 7")
        .execute(market.db.pool())
        .await
        .unwrap();
    let bounds = "write a number from";
    for (function, good_id, quantity, message) in [
        ("set_quantity", 6, 13, "only 12 are in stock".to_owned()),
        ("set_quantity", 7, 1, "this is sold out".to_owned()),
        ("set_quantity", 6, -1, format!("{bounds} 0 to 10000")),
        ("add_to_basket", 6, 13, "only 12 are in stock".to_owned()),
        ("add_to_basket", 6, 0, format!("{bounds} 1 to 10000")),
        ("add_to_basket", 6, 10_001, format!("{bounds} 1 to 10000")),
    ] {
        let args = json!({ "good_id": good_id, "quantity": quantity });
        let answer = user.call(function, args).await;
        assert_eq!(answer.fields(), &json!({ "quantity": [message] }), "{function}");
    }
    let args = json!({ "good_id": 6, "quantity": 7 });
    user.call("add_to_basket", args.clone()).await.result();
    let answer = user.call("add_to_basket", args).await;
    assert_eq!(answer.fields(), &json!({ "quantity": ["only 12 are in stock"] }));
    assert_eq!(user.read("basket", "").await["basket_total"]["pieces"], 7);
}

async fn a_good_that_does_not_exist_is_not_found(market: &Market) {
    let user = market.user(13).await;
    for function in ["add_to_basket", "set_quantity"] {
        let args = json!({ "good_id": 81, "quantity": 1 });
        let answer = user.call(function, args).await;
        assert_eq!((answer.status, answer.error()), (404, ("NOT_FOUND", "no such good")));
    }
}

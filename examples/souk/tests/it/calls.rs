//! Every mutation: its result, exactly what it makes stale, and what is read afterwards.

use serde_json::json;

use crate::support::{Market, on_both};

on_both!(
    a_keeper_saves_a_profile,
    a_buyer_saves_a_profile,
    a_display_name_is_changed_alone,
    a_basket_is_filled_and_emptied,
    an_order_takes_stock,
    an_order_that_cannot_be_served_changes_nothing,
    an_order_keeps_the_price_of_its_day,
);

async fn a_keeper_saves_a_profile(market: &Market) {
    let keeper = market.user(7).await;
    let mut args = json!({
        "user_id": 7, "name": "  Farida Karimova ", "city": "Samarkand", "bio": "", "email": " f@kiln.example ",
        "stall_id": 7,
    });
    let answer = keeper.call("save_profile", args.clone()).await;
    assert_eq!(
        answer.made_old,
        "profile;user_id=7, global, stall_card;stall_id=7;user_id=7, stall;stall_id=7, orders, staff"
    );
    args["name"] = "Farida Karimova".into();
    args["email"] = "f@kiln.example".into();
    let saved = json!({ "id": 7, "name": "Farida Karimova", "city": "Samarkand", "bio": "", "email": "f@kiln.example" });
    assert_eq!(answer.result(), saved);

    assert_eq!(keeper.read("profile", "user_id=7").await["profile_details"], saved);
    let me = keeper.read("global", "").await["current_user"].clone();
    assert_eq!(
        (&me["name"], &me["display_name"]),
        (&json!("Farida Karimova"), &json!("Farida opa"))
    );
    let card = keeper.read("stall_card", "stall_id=7&user_id=7").await;
    assert_eq!(card["stall_card_info"]["keeper"], "Farida Karimova");
    let stall = keeper.read("stall", "stall_id=7").await;
    assert_eq!(stall["stall_info"]["keeper"], "Farida Karimova");
    let staff = market.user(26).await.read("staff", "").await;
    assert_eq!(staff["members"][6]["name"], "Farida Karimova");
}

async fn a_buyer_saves_a_profile(market: &Market) {
    let buyer = market.user(13).await;
    let args =
        json!({ "user_id": 13, "name": "Lucía F.", "city": "Gijón", "bio": "", "email": "l@f" });
    let answer = buyer.call("save_profile", args).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        answer.made_old,
        "profile;user_id=13, global, stall_card;user_id=13, stall, orders, staff"
    );
    let orders = buyer.read("orders", "").await;
    assert_eq!(orders["orders_list"]["items"][0]["buyer"], "Lucía F.");
}

async fn a_display_name_is_changed_alone(market: &Market) {
    let user = market.user(20).await;
    let args = json!({ "user_id": 20, "display_name": " Leila joon " });
    let answer = user.call("set_display_name", args).await;
    // The header speaks to caches, which hold whole contexts; the client gets the member.
    assert_eq!(answer.made_old, "profile;user_id=20, global, staff");
    let name = json!({ "context": "profile", "function": "profile_display_name", "params": { "user_id": 20 } });
    assert_eq!(answer.body["invalidate"], json!([name, "global", "staff"]));
    assert_eq!(answer.result(), json!({ "display_name": "Leila joon" }));
    let profile = user.read("profile", "user_id=20").await;
    assert_eq!(profile["profile_display_name"], json!({ "display_name": "Leila joon" }));
    assert_eq!(profile["profile_details"]["name"], "Leila Moradi");
    assert_eq!(user.read("global", "").await["current_user"]["display_name"], "Leila joon");
}

async fn a_basket_is_filled_and_emptied(market: &Market) {
    let user = market.user(16).await;
    let add = user.call("add_to_basket", json!({ "good_id": 25 })).await;
    assert_eq!(add.made_old, "basket");
    assert_eq!(add.result(), json!({ "cents": 480, "pieces": 1 }));
    let args = json!({ "good_id": 25, "quantity": 3 });
    let more = user.call("add_to_basket", args).await;
    assert_eq!(more.result(), json!({ "cents": 1920, "pieces": 4 }));
    let args = json!({ "good_id": 6, "quantity": 2 });
    let set = user.call("set_quantity", args).await;
    assert_eq!(set.made_old, "basket");
    assert_eq!(set.result(), json!({ "cents": 4220, "pieces": 6 }));

    let lines = json!([
        { "good_id": 6, "good": "Saffron", "stall": "Haddad Spices", "stall_id": 1, "unit": "1 g",
          "price_cents": 1150, "quantity": 2, "in_stock": 12 },
        { "good_id": 25, "good": "Quinoa", "stall": "Valle Alto", "stall_id": 4, "unit": "500 g",
          "price_cents": 480, "quantity": 4, "in_stock": 55 },
    ]);
    let basket = user.read("basket", "").await;
    assert_eq!(basket["basket_lines"], lines);
    assert_eq!(basket["basket_total"], json!({ "cents": 4220, "pieces": 6 }));

    for (good_id, left) in [(25, 2300), (6, 0), (6, 0)] {
        let args = json!({ "good_id": good_id, "quantity": 0 });
        assert_eq!(user.call("set_quantity", args).await.result()["cents"], left);
    }
    assert_eq!(user.read("basket", "").await["basket_lines"], json!([]));
}

async fn an_order_takes_stock(market: &Market) {
    let user = market.user(16).await;
    for (good_id, quantity) in [(38, 18), (1, 2)] {
        let args = json!({ "good_id": good_id, "quantity": quantity });
        user.call("set_quantity", args).await.result();
    }
    let answer = user.call("pay", json!({})).await;
    assert_eq!(answer.made_old, "basket, orders, stall, staff");
    let order = answer.result();
    let placed_at: jiff::Timestamp = order["placed_at"].as_str().unwrap().parse().unwrap();
    assert!((jiff::Timestamp::now().as_second() - placed_at.as_second()).abs() < 60);
    let expected = json!({
        "id": 1011, "number": "S-1011", "placed_at": order["placed_at"], "buyer": "Pierre Lefèvre",
        "status": "pending", "total_cents": 10920,
        "lines": [
            { "good": "Za'atar", "quantity": 2, "price_cents": 420 },
            { "good": "Myzithra", "quantity": 18, "price_cents": 560 },
        ],
    });
    assert_eq!(order, expected);
    assert_eq!(user.read("orders", "").await["orders_list"]["items"], json!([expected]));
    assert_eq!((market.in_stock(38).await, market.in_stock(1).await), (0, 58));
    assert_eq!(user.read("basket", "").await["basket_lines"], json!([]));
}

async fn an_order_that_cannot_be_served_changes_nothing(market: &Market) {
    let (quick, slow) = (market.user(16).await, market.user(17).await);
    let empty = slow.call("pay", json!({})).await;
    assert_eq!(empty.status, 422);
    assert_eq!(
        empty.error(),
        ("VALIDATION_ERROR", "the basket is empty: put something into it first")
    );

    for (user, good_id, quantity) in [(&slow, 1, 5), (&slow, 51, 3), (&quick, 51, 2)] {
        let args = json!({ "good_id": good_id, "quantity": quantity });
        user.call("set_quantity", args).await.result();
    }
    quick.call("pay", json!({})).await.result();
    let short = slow.call("pay", json!({})).await;
    let message = "only 2 of Milking stool are left, and the basket holds 3";
    assert_eq!(short.error(), ("VALIDATION_ERROR", message));
    // It ran, so it may have done something: the page shows what is left now.
    assert_eq!(short.made_old, "basket, orders, stall, staff");
    assert_eq!((market.in_stock(1).await, market.in_stock(51).await), (60, 2));
    assert_eq!(slow.read("basket", "").await["basket_total"]["pieces"], 8);
    assert_eq!(market.number("SELECT last FROM order_counter").await, 1011);

    for (user, quantity) in [(&quick, 2), (&slow, 1)] {
        let args = json!({ "good_id": 51, "quantity": quantity });
        user.call("set_quantity", args).await.result();
    }
    quick.call("pay", json!({})).await.result();
    let none = slow.call("pay", json!({})).await;
    assert_eq!(none.error().1, "Milking stool is sold out: take it out of the basket");
}

async fn an_order_keeps_the_price_of_its_day(market: &Market) {
    let sql = "UPDATE goods SET price_cents = 9900, name = 'Gold' WHERE id = 6";
    sqlx::query(sql).execute(market.db.pool()).await.unwrap();
    let orders = market.user(13).await.read("orders", "").await;
    let line = json!({ "good": "Saffron", "quantity": 1, "price_cents": 1150 });
    assert_eq!(orders["orders_list"]["items"][0]["lines"][0], line);
}

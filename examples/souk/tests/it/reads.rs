//! Every read, by what a page shows of it.

use serde_json::{Value, json};

use crate::support::{Market, on_both};

on_both!(
    the_head_knows_who_is_calling,
    the_hall_lists_stalls_and_categories,
    a_card_is_found_by_stall_and_keeper,
    a_stall_is_read_whole,
    a_profile_is_read_whole,
    an_empty_basket_is_a_basket,
    orders_come_newest_first,
    orders_are_read_page_by_page,
    what_does_not_exist_is_not_found,
);

fn ids(list: &Value, field: &str) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|item| item[field].as_i64().unwrap()).collect()
}

async fn the_head_knows_who_is_calling(market: &Market) {
    let keeper = json!({ "id": 5, "name": "Linh Trần", "display_name": "Linh", "city": "Huế", "stall_id": 5, "staff": false });
    assert_eq!(market.user(5).await.read("global", "").await["current_user"], keeper);
    let buyer = json!({ "id": 22, "name": "Siobhán Ní Bhriain", "display_name": "Siobhán", "city": "Galway", "stall_id": null, "staff": false });
    assert_eq!(market.user(22).await.read("global", "").await["current_user"], buyer);
    assert_eq!(market.visitor().await.read("global", "").await, json!({ "current_user": null }));
}

async fn the_hall_lists_stalls_and_categories(market: &Market) {
    let visitor = market.visitor().await;
    let hall = visitor.read("hall", "").await;
    assert_eq!(ids(&hall["hall_stalls"], "stall_id"), Vec::from_iter(1..=12));
    let first = json!({ "stall_id": 1, "user_id": 1, "category": "Spices" });
    assert_eq!(hall["hall_stalls"][0], first);
    let categories = hall["hall_categories"].clone();
    assert_eq!(categories.as_array().unwrap().len(), 6);
    assert_eq!(ids(&categories, "stalls").iter().sum::<i64>(), 12);

    let fresh = visitor.read("hall", "category=Fresh+food").await;
    assert_eq!(ids(&fresh["hall_stalls"], "stall_id"), [4, 6]);
    assert_eq!(fresh["hall_categories"], categories, "the filter filters itself");
    let none = visitor.read("hall", "category=Carpets").await;
    assert_eq!(none["hall_stalls"], json!([]));
}

async fn a_card_is_found_by_stall_and_keeper(market: &Market) {
    let card = market.visitor().await.read("stall_card", "stall_id=7&user_id=7").await;
    let expected = json!({
        "stall_id": 7, "name": "Blue Kiln", "tagline": "Earth, ash, cobalt", "category": "Crafts",
        "keeper": "Farida Rahimova", "hue": 204, "goods": 7, "from_cents": 700,
    });
    assert_eq!(card, json!({ "stall_card_info": expected }));
}

async fn a_stall_is_read_whole(market: &Market) {
    let stall = market.visitor().await.read("stall", "stall_id=11").await;
    assert_eq!(stall["stall_info"]["name"], "Paper Winter");
    assert_eq!(stall["stall_info"]["keeper"], "Kenji Watanabe");
    assert_eq!(stall["stall_info"]["user_id"], 11);
    assert_eq!(ids(&stall["stall_stock"], "id"), Vec::from_iter(68..=73));
    let sheet = json!({
        "id": 68, "name": "Kozo sheet", "unit": "piece", "price_cents": 420, "in_stock": 120,
        "blurb": "Sixty by ninety, strong when wet.",
    });
    assert_eq!(stall["stall_stock"][0], sheet);
    let photo =
        json!({ "id": 31, "caption": "Cold water, long fibres", "hue": 200, "pattern": "waves" });
    assert_eq!(stall["stall_photos"][0], photo);
    assert_eq!(ids(&stall["stall_photos"], "id"), [31, 32, 33]);
}

async fn a_profile_is_read_whole(market: &Market) {
    let profile = market.user(24).await.read("profile", "user_id=24").await;
    let expected = json!({
        "profile_details": {
            "id": 24, "name": "Tevita Fonua", "city": "Nukuʻalofa",
            "bio": "New in town. Recommendations welcome.", "email": "tevita@souk.example",
        },
        "profile_display_name": { "display_name": "Vita" },
    });
    assert_eq!(profile, expected);
}

async fn an_empty_basket_is_a_basket(market: &Market) {
    let basket = market.user(30).await.read("basket", "").await;
    assert_eq!(basket, json!({ "basket_lines": [], "basket_total": { "cents": 0, "pieces": 0 } }));
}

async fn orders_come_newest_first(market: &Market) {
    let orders = market.user(13).await.read("orders", "").await["orders_list"]["items"].clone();
    assert_eq!(ids(&orders, "id"), [1010, 1006, 1001]);
    let newest = json!({
        "id": 1010, "number": "S-1010", "placed_at": "2026-03-12T11:38:00Z",
        "buyer": "Lucía Fernández", "status": "pending", "total_cents": 3510,
        "lines": [
            { "good": "Saffron", "quantity": 1, "price_cents": 1150 },
            { "good": "Olive oil", "quantity": 2, "price_cents": 1180 },
        ],
    });
    assert_eq!(orders[0], newest);
    assert_eq!(orders[2]["status"], "paid");
    let none = market.user(30).await.read("orders", "").await;
    assert_eq!(none, json!({ "orders_list": { "items": [], "next": null } }));
}

async fn orders_are_read_page_by_page(market: &Market) {
    let user = market.user(13).await;
    let page = async |query: &str| {
        let page = user.read("orders", query).await["orders_list"].clone();
        (ids(&page["items"], "id"), page["next"].as_str().map(str::to_owned))
    };
    let (first, next) = page("limit=2").await;
    assert_eq!(first, [1010, 1006]);
    let end = next.unwrap();
    assert_eq!(page(&format!("after={end}")).await, (vec![1001], None));
    assert_eq!(
        page(&format!("until={end}&limit=500")).await,
        (vec![1010, 1006], Some(end.clone()))
    );
    let (status, body) = user.get("orders", "after=S-1006").await;
    assert_eq!((status, &body["error"]["code"]), (422, &json!("VALIDATION_ERROR")));
}

async fn what_does_not_exist_is_not_found(market: &Market) {
    let visitor = market.visitor().await;
    for (context, query) in
        [("stall", "stall_id=13"), ("stall", "stall_id=-1"), ("stall_card", "stall_id=1&user_id=2")]
    {
        let (status, body) = visitor.get(context, query).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (404, &json!("NOT_FOUND")),
            "{context}?{query}"
        );
    }
}

//! What clients see of `Each`: nothing.

use mizan_core::{Builder, Context, Each, EachKey, Found, client, functions};
use serde_json::json;

mod plain {
    use super::{Context, client};

    #[derive(Context)]
    pub(super) struct HallContext;

    #[client(context = HallContext)]
    pub(super) async fn tile(
        page: i64,
        stall_id: i64,
        user_id: Option<i64>,
        locale: String,
    ) -> String {
        format!("{page} {stall_id} {user_id:?} {locale}")
    }

    #[client(context = HallContext)]
    pub(super) async fn price(stall_id: i64) -> i64 {
        stall_id
    }

    #[client(affects = HallContext)]
    pub(super) async fn paint(stall_id: i64) -> i64 {
        stall_id
    }
}

mod each {
    use super::{Context, Each, EachKey, Found, client};

    #[derive(Context)]
    pub(super) struct HallContext;

    #[derive(EachKey, Clone, PartialEq, Eq, Hash)]
    pub(super) struct Tile {
        stall_id: i64,
        user_id: Option<i64>,
    }

    #[client(context = HallContext)]
    pub(super) async fn tile(page: i64, tile: Each<Tile>, locale: String) -> Found<Tile, String> {
        let text = |tile: Tile| format!("{page} {} {:?} {locale}", tile.stall_id, tile.user_id);
        tile.into_iter().map(|tile| (tile.clone(), text(tile))).collect()
    }

    #[client(context = HallContext)]
    pub(super) async fn price(stall_id: Each<i64>) -> mizan_core::Result<Found<i64, i64>> {
        Ok(stall_id.into_iter().map(|id| (id, id)).collect())
    }

    #[client(affects = HallContext)]
    pub(super) async fn paint(stall_id: i64) -> i64 {
        stall_id
    }
}

#[test]
fn the_schema_document_of_both_forms_is_the_same() {
    let plain = Builder::empty().functions(functions![plain::tile, plain::price, plain::paint]);
    let each = Builder::empty().functions(functions![each::tile, each::price, each::paint]);
    let (plain, each) = (plain.build().unwrap(), each.build().unwrap());
    assert_eq!(json!(plain.document()), json!(each.document()));
    assert_eq!(json!(plain.manifest()), json!(each.manifest()));
    let params = &json!(each.document())["contexts"]["hall"]["params"];
    for name in ["page", "stall_id", "user_id", "locale"] {
        assert!(params.to_string().contains(name), "{params}");
    }
}

#[tokio::test]
async fn a_value_of_both_forms_is_the_same() {
    let plain = Builder::empty().functions(functions![plain::tile, plain::price]);
    let each = Builder::empty().functions(functions![each::tile, each::price]);
    let (plain, each) = (plain.build().unwrap(), each.build().unwrap());
    for query in [
        "page=1&stall_id=2&locale=de",
        "page=1&stall_id=2&locale=de&user_id=5",
        "page=1&stall_id=x&locale=de&user_id=y",
        "stall_id=2",
        "",
        "page=1&stall_id=2&locale=de&mizan.only=price",
    ] {
        let read = async |mizan| {
            let response = crate::support::get("/api/mizan/ctx/hall/", query).send(mizan).await;
            (response.status(), response.json())
        };
        assert_eq!(read(&plain).await, read(&each).await, "{query}");
    }
}

//! Reads, and what affects them.

use super::*;

/// One user.
///
/// By id.
#[client(context = UserContext, rev = 2, cache = 60)]
pub(super) async fn user_profile(user_id: i64) -> Profile {
    Profile { id: user_id, name: "Ryth".into() }
}

#[client(context = "user", cache = false)]
async fn user_stock(user_id: i64) -> Vec<i64> {
    vec![user_id]
}

#[client(context = OrdersContext, name = "orders")]
async fn orders_by_another_name(user_id: i64) -> i64 {
    user_id
}

#[client(context = GlobalContext)]
async fn motto() -> &'static str {
    "tea"
}

pub(super) mod inner {
    use super::*;

    #[client(affects = [UserContext, super::user_profile, "orders"])]
    pub(crate) async fn rename(user_id: i64, name: String) -> Profile {
        Profile { id: user_id, name }
    }

    #[client(affects = super::super::user_profile)]
    async fn rename_by_re_export(user_id: i64) -> i64 {
        user_id
    }

    #[client(affects = UserContext, scope = none)]
    async fn rename_all(user_id: i64) -> i64 {
        user_id
    }

    #[client(affects = UserContext, scope = [user_id = id])]
    async fn rename_by_id(id: i64) -> i64 {
        id
    }

    #[client(merge = UserContext, affects = "orders_of_a_user")]
    async fn rename_and_merge(user_id: i64) -> Profile {
        Profile { id: user_id, name: "merged".into() }
    }
}

#[tokio::test]
async fn reads_and_what_affects_them() {
    check_read(
        "user",
        "user_id=5",
        r#"200 {"user_profile":{"id":5,"name":"Ryth"},"user_stock":[5]}"#,
    )
    .await;
    check_read("orders_of_a_user", "user_id=5", r#"200 {"orders":5}"#).await;
    check_read("global", "", r#"200 {"motto":"tea"}"#).await;
    check_read("renamed", "user_id=5", r#"200 {"by_renamed_crate":5}"#).await;
    // By a broad target, by a function of a context, by a text, and with matched arguments.
    for (function, args, expected) in [
        (
            "rename",
            r#"{"user_id":5,"name":"A"}"#,
            r#"200 {"result":{"id":5,"name":"A"},"invalidate":[{"context":"user","params":{"user_id":5}},{"context":"orders_of_a_user","function":"orders","params":{"user_id":5}}]}"#,
        ),
        (
            "rename_by_re_export",
            r#"{"user_id":5}"#,
            r#"200 {"result":5,"invalidate":[{"context":"user","function":"user_profile","params":{"user_id":5}}]}"#,
        ),
        ("rename_all", r#"{"user_id":5}"#, r#"200 {"result":5,"invalidate":["user"]}"#),
        (
            "rename_by_id",
            r#"{"id":5}"#,
            r#"200 {"result":5,"invalidate":[{"context":"user","params":{"user_id":5}}]}"#,
        ),
        (
            "rename_and_merge",
            r#"{"user_id":5}"#,
            r#"200 {"result":{"id":5,"name":"merged"},"invalidate":[{"context":"orders_of_a_user","params":{"user_id":5}}],"merge":[{"context":"user","slot":"user_profile","params":{"user_id":5},"value":{"id":5,"name":"merged"},"mode":"replace"}]}"#,
        ),
    ] {
        check(function, args, expected).await;
    }
}

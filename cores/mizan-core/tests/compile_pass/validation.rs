//! Rules of garde on arguments.

use super::*;

#[derive(Deserialize, JsonSchema, garde::Validate)]
struct Order {
    #[garde(range(min = 1))]
    count: i64,
    #[garde(inner(length(min = 1)))]
    tags: Vec<String>,
}

#[client]
async fn place(
    #[garde(length(min = 3))] title: String,
    #[garde(dive)] order: Order,
    #[garde(inner(range(max = 9)))]
    #[default = Some(1)]
    page: Option<i64>,
    comment: Option<String>,
) -> Result<String> {
    assert!(title.len() >= 3, "validation stands before the body");
    Ok(format!("{title} {} {} {page:?} {comment:?}", order.count, order.tags.len()))
}

#[tokio::test]
async fn validation_comes_before_the_body() {
    check(
        "place",
        r#"{"title":"tea","order":{"count":1,"tags":["a"]}}"#,
        r#"200 {"result":"tea 1 1 Some(1) None"}"#,
    )
    .await;
    check("place", r#"{"title":"t","order":{"count":0,"tags":["a",""]},"page":10}"#, r#"422 {"error":{"code":"VALIDATION_ERROR","message":"input validation failed","details":{"fields":{"order.count":["must be at least 1"],"order.tags.1":["must not be empty"],"page":["must be at most 9"],"title":["must have at least 3 characters"]}}}}"#)
        .await;
}

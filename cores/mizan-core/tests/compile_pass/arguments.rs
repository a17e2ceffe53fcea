//! Arguments and their defaults.

use super::*;

const FIRST: i64 = 7;

#[client]
async fn optional(name: Option<String>, at: Option<i64>) -> String {
    format!("{name:?} {at:?}")
}

#[client]
async fn defaults(
    #[default = "acme"] company: String,
    #[default = 1] page: i64,
    #[default = 2] size: u64,
    #[default = FIRST] first: i64,
    #[default = Some(3)] third: Option<i64>,
    #[default = vec![1, 2]] list: Vec<u8>,
    #[default = -1.5] ratio: f64,
) -> String {
    format!("{company} {page} {size} {first} {third:?} {list:?} {ratio}")
}

#[client]
fn odd_names(r#type: String, mut x: i64) -> String {
    x += 1;
    format!("{type} {x}", r#type = r#type)
}

#[client]
async fn structured(profile: Profile, tags: Vec<String>) -> usize {
    profile.name.len() + tags.len()
}

#[client]
#[expect(clippy::too_many_arguments, reason = "twelve is the most")]
#[expect(clippy::many_single_char_names, reason = "twelve is the most")]
async fn twelve(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l
}

#[tokio::test]
async fn arguments_and_defaults() {
    check("optional", "{}", r#"200 {"result":"None None"}"#).await;
    check("optional", r#"{"name":"a","at":1}"#, r#"200 {"result":"Some(\"a\") Some(1)"}"#).await;
    check("defaults", "{}", r#"200 {"result":"acme 1 2 7 Some(3) [1, 2] -1.5"}"#).await;
    check(
        "defaults",
        r#"{"company":"b","page":5,"size":6,"first":7,"third":null,"list":[],"ratio":0.5}"#,
        r#"200 {"result":"b 5 6 7 None [] 0.5"}"#,
    )
    .await;
    check("odd_names", r#"{"type":"t","x":1}"#, r#"200 {"result":"t 2"}"#).await;
    check(
        "structured",
        r#"{"profile":{"id":1,"name":"Ryth"},"tags":["a"]}"#,
        r#"200 {"result":5}"#,
    )
    .await;
    let args: Vec<String> = ('a'..='l').map(|name| format!("\"{name}\":1")).collect();
    check("twelve", &format!("{{{}}}", args.join(",")), r#"200 {"result":12}"#).await;
    check("written", r#"{"value":5}"#, r#"200 {"result":5,"invalidate":["orders_of_a_user"]}"#)
        .await;
    check("constant", "{}", r#"200 {"result":5}"#).await;
    check("old", "{}", r#"200 {"result":null}"#).await;
    let private = call_as(&[], "sweep", "{}").await;
    assert!(private.starts_with("404 "), "{private}");
    let gone = call_as(&[], "configured_out", "{}").await;
    assert!(gone.starts_with("404 "), "{gone}");
}

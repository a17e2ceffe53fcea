//! Arguments from queries and JSON: what is taken, what is refused, and that nothing panics.

use mizan_core::{BigInt, Mizan, client};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{build, call, function, json as body, read};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Page(u32);

#[client(context = "args")]
#[allow(clippy::too_many_arguments)]
async fn args_read(
    int: Option<i64>,
    small: Option<u8>,
    float: Option<f64>,
    flag: Option<bool>,
    text: Option<String>,
    color: Option<Color>,
    page: Option<Page>,
    tags: Option<Vec<String>>,
    ids: Option<Vec<i64>>,
    letter: Option<char>,
    big: Option<BigInt>,
) -> Value {
    json!([int, small, float, flag, text, color, page, tags, ids, letter, big])
}

fn mizan() -> Mizan {
    build(mizan_core::functions![args_read])
}

/// What one parameter becomes, or the field that is refused.
#[track_caller]
fn check(query: &str, expected: Result<Value, &str>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (status, found) = runtime.block_on(read(&mizan(), "args", query));
    match expected {
        Ok(value) => {
            assert_eq!(status, 200, "{query}: {found}");
            let list = found["args_read"].as_array().unwrap();
            assert_eq!(
                list.iter().find(|value| !value.is_null()).unwrap_or(&Value::Null),
                &value,
                "{query}"
            );
        }
        Err(field) => {
            assert_eq!(status, 422, "{query}: {found}");
            let fields = found["error"]["details"]["fields"].as_object().unwrap();
            assert_eq!(fields.keys().collect::<Vec<_>>(), [field], "{query}");
        }
    }
}

#[test]
fn integers() {
    for spelling in ["5", "05", "%2B5", "+5+", "0005", "%09 5"] {
        check(&format!("int={spelling}"), Ok(json!(5)));
    }
    check("int=-0", Ok(json!(0)));
    check("int=", Ok(Value::Null));
    for spelling in [
        "5.0",
        "0x5",
        "5e0",
        "5_0",
        "--5",
        "+",
        "-",
        "%D9%A7",
        "9".repeat(40).as_str(),
        "a",
        "%C2%A05",
    ] {
        check(&format!("int={spelling}"), Err("int"));
    }
    check("int=1&int=1", Err("int"));
    check("small=256", Err("small"));
    check("small=-1", Err("small"));
    check("page=3", Ok(json!(3)));
    check(
        "big=170141183460469231731687303715884105727",
        Ok(json!("170141183460469231731687303715884105727")),
    );
    check("big=1.5", Err("big"));
}

#[test]
fn other_scalars() {
    for (spelling, value) in [("1", 1.0), ("-1.5e2", -150.0), ("+.5+", 0.5), ("1.", 1.0)] {
        check(&format!("float={spelling}"), Ok(json!(value)));
    }
    for spelling in ["nan", "inf", "-infinity", "1e400", "0x1", "1,5", "e"] {
        check(&format!("float={spelling}"), Err("float"));
    }
    check("flag=true", Ok(json!(true)));
    for spelling in ["True", "1", "yes", "on"] {
        check(&format!("flag={spelling}"), Err("flag"));
    }
    check("text=", Ok(json!("")));
    check("text=a%20b+c%F0%9F%98%80", Ok(json!("a b c😀")));
    check("text=%", Err("text"));
    check("text=%4", Err("text"));
    check("text=%FF", Err("text"));
    check("text=a&text=b", Err("text"));
    check("te%78t=a", Ok(json!("a")));
    check("color=green", Ok(json!("green")));
    check("color=blue", Err("color"));
    check("letter=%C3%A9", Ok(json!("é")));
    check("letter=ab", Err("letter"));
}

#[test]
fn lists_are_repeated_keys() {
    check("tags=a", Ok(json!(["a"])));
    check("tags=b&x=1&tags=a&tags=", Ok(json!(["b", "a", ""])));
    check("ids=1&ids=+2", Ok(json!([1, 2])));
    check("ids=1&ids=x", Err("ids"));
}

#[client(context = "lists")]
async fn lists_read(tags: Vec<String>, pair: Option<[i64; 2]>, narrow: Option<f32>) -> Value {
    json!([tags, pair, narrow])
}

#[tokio::test]
async fn a_list_that_is_absent_is_empty_and_a_tuple_is_whole() {
    let typed = build(mizan_core::functions![lists_read]);
    let runtime = build([function("lists_read", &["tags:list"]).context("lists")]);
    assert_eq!(read(&typed, "lists", "").await, (200, json!({"lists_read": [[], null, null]})));
    assert_eq!(read(&runtime, "lists", "").await, (200, json!({"lists_read": {"tags": []}})));
    assert_eq!(read(&typed, "lists", "pair=1&pair=2").await.1["lists_read"][1], json!([1, 2]));
    for query in ["pair=1", "pair=1&pair=2&pair=3", "narrow=1e300", "mizan.only=%ZZ"] {
        assert_eq!(read(&typed, "lists", query).await.0, 422, "{query}");
    }
    // In JSON an empty list can be written, so a missing one is missing.
    assert_eq!(call(&typed, "lists_read", json!({})).await.status(), 422);
}

#[test]
fn unknown_parameters_are_ignored() {
    check("nothing=1&%FF=2&&=&int=7", Ok(json!(7)));
}

#[test]
fn too_many_parameters_are_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let read = |count: usize| runtime.block_on(read(&mizan(), "args", &"x=1&".repeat(count))).0;
    assert_eq!((read(100), read(101)), (200, 400));
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Inner {
    c: String,
    list: Vec<u8>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Body {
    a: i64,
    b: Inner,
}

#[client]
async fn nested(body: Body, other: bool) -> String {
    format!("{}{}{other}", body.a, body.b.c)
}

#[tokio::test]
async fn every_faulty_argument_is_named_with_its_path() {
    let mizan = build(mizan_core::functions![nested]);
    for (args, expected) in [
        (
            json!({"body": {"a": 1, "b": {"c": "x", "list": [1, "2"]}}, "other": 1}),
            vec!["body.b.list.1", "other"],
        ),
        (json!({"body": {"a": "1"}}), vec!["body.a", "other"]),
        (json!({"body": {"a": 1}, "other": true}), vec!["body.b"]),
        (json!({}), vec!["body", "other"]),
        (json!({"body": null, "other": null}), vec!["body", "other"]),
    ] {
        let reply = call(&mizan, "nested", args.clone()).await;
        assert_eq!(reply.status(), 422, "{args}");
        let reply = body(&reply);
        let fields = reply["error"]["details"]["fields"].as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), expected, "{args}");
    }
}

#[client]
async fn panics_while_read(value: PanicsWhenRead) -> i64 {
    value.0
}

/// Its argument is called like itself.
#[client]
async fn tags(tags: Vec<String>) -> usize {
    tags.len()
}

#[tokio::test]
async fn an_argument_may_be_called_like_the_function() {
    let mizan = build(mizan_core::functions![tags]);
    assert_eq!(body(&call(&mizan, "tags", json!({"tags": ["a", "b"]})).await)["result"], 2);
}

#[derive(Debug, Serialize, JsonSchema)]
struct PanicsWhenRead(i64);

impl<'de> Deserialize<'de> for PanicsWhenRead {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer)?;
        panic!("planted-marker")
    }
}

#[tokio::test]
async fn a_panic_while_arguments_are_read_is_one_500() {
    let mizan = build(mizan_core::functions![panics_while_read]);
    let reply = call(&mizan, "panics_while_read", json!({"value": 1})).await;
    assert_eq!(reply.status(), 500);
    assert!(!String::from_utf8(reply.body().into()).unwrap().contains("planted"));
}

proptest! {
    #[test]
    fn no_query_panics(query in "[a-z=&%+.\u{0}-\u{ff}]{0,60}", raw in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for query in [query, raw] {
            let named = format!("int={query}&float={query}&tags={query}&color={query}&big={query}&{query}");
            let (status, _) = runtime.block_on(read(&mizan(), "args", &named));
            prop_assert!(status == 200 || status == 422 || status == 400);
        }
    }

    #[test]
    fn no_json_panics(text in any::<String>(), args in "[\\[\\]{}\",:0-9eE.+-]{0,40}") {
        let mizan = build([function("f", &["a", "b:list", "c:json?", "d:float=1.5"])].into_iter().chain(mizan_core::functions![nested]));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for name in ["f", "nested"] {
            for body in [text.clone(), format!(r#"{{"fn":"{name}","args":{args}}}"#), format!(r#"{{"fn":"{name}","args":{{"a":{args},"body":{args}}}}}"#)] {
                let reply = runtime.block_on(crate::support::send(&mizan, &crate::support::post_call(), &body));
                prop_assert!(matches!(reply.status(), 200 | 400 | 404 | 422), "{body}");
            }
        }
    }
}

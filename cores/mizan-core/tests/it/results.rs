//! Results are compared with the schema that clients are generated from, in builds that check.

use mizan_core::{client, functions};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::support::{build, call, read};

#[derive(Debug, Serialize, JsonSchema)]
struct Apart {
    plain: u32,
    #[serde(serialize_with = "as_text")]
    amount: u32,
}

fn as_text<S: Serializer>(amount: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

#[client(context = "apart")]
async fn apart() -> Vec<Apart> {
    vec![Apart { plain: 1, amount: 5 }]
}

#[derive(Debug, Serialize, JsonSchema)]
struct Mended {
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    amount: u32,
}

#[client(context = "apart_mended")]
async fn mended() -> Mended {
    Mended { amount: 5 }
}

/// Its name is encoded where a schema refers to it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Größe")]
struct Size {
    #[serde(serialize_with = "as_text")]
    amount: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Parcel {
    size: Size,
}

#[client(context = "parcel")]
async fn parcel_of() -> Parcel {
    Parcel { size: Size { amount: 5 } }
}

#[tokio::test]
async fn a_result_is_compared_through_references_of_any_name() {
    let mizan = build(functions![parcel_of]);
    let (log, _guard) = crate::support::Log::capture();
    assert_eq!(read(&mizan, "parcel", "").await.0, 500);
    assert!(log.text().contains("`/size/amount`"), "{}", log.text());
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind")]
struct Tagged {
    id: u32,
}

#[client(context = "tagged")]
async fn tagged() -> Option<Tagged> {
    Some(Tagged { id: 5 })
}

#[tokio::test]
async fn a_property_that_typescript_does_not_know_is_a_500_that_names_it() {
    let mizan = build(functions![tagged]);
    let (log, _guard) = crate::support::Log::capture();
    assert_eq!(read(&mizan, "tagged", "").await.0, 500);
    assert!(log.text().contains("'kind' was unexpected"), "{}", log.text());
}

#[tokio::test]
async fn a_result_that_its_schema_does_not_describe_is_a_500_that_says_where() {
    let mizan = build(functions![apart, mended]);
    let (log, _guard) = crate::support::Log::capture();
    assert_eq!(read(&mizan, "apart", "").await.0, 500);
    assert_eq!(call(&mizan, "apart", json!({})).await.status(), 500);
    let text = log.text();
    for part in
        ["`apart`", "`/0/amount`", "\\\"5\\\" is not of type \\\"integer\\\"", "schemars(with"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(read(&mizan, "apart_mended", "").await, (200, json!({"mended": {"amount": "5"}})));
}

//! One value has one text, and means the same in a query and in a call.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use mizan_core::{Builder, CacheStatus, MemoryCache, Mizan, State, client, functions};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::support::{build, call, get, json as body, read, send};

type Totals = Arc<Mutex<HashMap<u32, u64>>>;

#[client(context = "totals")]
async fn total_of(totals: State<Totals>, ids: HashSet<u32>) -> u64 {
    let totals = totals.lock().unwrap();
    ids.iter().map(|id| totals.get(id).copied().unwrap_or_default()).sum()
}

#[client(affects = "totals", scope = [ids])]
async fn add_to(totals: State<Totals>, ids: HashSet<u32>) {
    let mut totals = totals.lock().unwrap();
    ids.into_iter().for_each(|id| *totals.entry(id).or_default() += 1);
}

/// A list of unique elements that keeps their order.
#[derive(Debug, Serialize, Deserialize)]
struct Ordered(Vec<u32>);

impl JsonSchema for Ordered {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ordered".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": {"type": "integer"}, "uniqueItems": true})
    }
}

#[client(context = "ordered")]
async fn in_order(ids: Ordered) -> Vec<u32> {
    ids.0
}

#[client(affects = "ordered", scope = [ids])]
async fn reorder(ids: Ordered) -> Vec<u32> {
    ids.0
}

fn cached() -> Mizan {
    let builder = Builder::empty().functions(functions![total_of, add_to, in_order, reorder]);
    builder.state(Totals::default()).cache(MemoryCache::default()).build().unwrap()
}

async fn cached_read(mizan: &Mizan, context: &str, query: &str) -> (CacheStatus, Value) {
    let reply = send(mizan, &get(&format!("/api/mizan/ctx/{context}/"), query), "").await;
    assert_eq!(reply.status(), 200, "{}", reply.json());
    (reply.cache_status().unwrap(), body(&reply))
}

#[tokio::test]
async fn a_set_is_never_stale_whatever_the_order_of_its_elements() {
    let mizan = cached();
    for round in 1..=200 {
        call(&mizan, "add_to", json!({"ids": [3, 20, 100]})).await;
        let (miss, found) = cached_read(&mizan, "totals", "ids=100&ids=3&ids=20").await;
        assert_eq!((miss, found), (CacheStatus::Miss, json!({"total_of": 3 * round})));
        let (hit, _) = cached_read(&mizan, "totals", "ids=20&ids=100&ids=03&ids=3").await;
        assert_eq!(hit, CacheStatus::Hit);
    }
    // Another set is another entry.
    assert_eq!(cached_read(&mizan, "totals", "ids=3&ids=20").await.0, CacheStatus::Miss);
    call(&mizan, "add_to", json!({"ids": [20]})).await;
    assert_eq!(cached_read(&mizan, "totals", "ids=3&ids=20").await.0, CacheStatus::Hit);
}

#[tokio::test]
async fn a_read_sees_a_set_in_the_order_of_its_texts() {
    let mizan = cached();
    let expected = json!({"in_order": [1, 20, 3]});
    for query in ["ids=3&ids=20&ids=1", "ids=020&ids=1&ids=3&ids=3", "ids=1&ids=20&ids=3"] {
        assert_eq!(cached_read(&mizan, "ordered", query).await.1, expected, "{query}");
    }
    let (status, found) = cached_read(&mizan, "ordered", "").await;
    assert_eq!((status, found), (CacheStatus::Miss, json!({"in_order": []})));
}

#[tokio::test]
async fn targets_name_a_set_by_its_sorted_texts() {
    let mizan = cached();
    let reply = call(&mizan, "reorder", json!({"ids": [3, 20, 3, 1]})).await;
    let target = json!([{"context": "ordered", "params": {"ids": [1, 20, 3]}}]);
    assert_eq!(body(&reply)["invalidate"], target);
    let header = "ordered;ids=%5B%221%22%2C%2220%22%2C%223%22%5D";
    assert_eq!(reply.header("x-mizan-invalidate"), Some(header));
    // An application may name it in any order.
    cached_read(&mizan, "ordered", "ids=1&ids=3").await;
    let target = mizan_core::Target::context("ordered").with("ids", json!([3, 1, 3]));
    mizan.invalidate([target]).await.unwrap();
    assert_eq!(cached_read(&mizan, "ordered", "ids=1&ids=3").await.0, CacheStatus::Miss);
}

/// A text in the order of a hash map.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(from = "String")]
#[schemars(with = "String")]
struct Shuffled(HashSet<String>);

impl From<String> for Shuffled {
    fn from(text: String) -> Self {
        Self(text.split('-').map(str::to_owned).collect())
    }
}

impl Serialize for Shuffled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words: Vec<&str> = self.0.iter().map(String::as_str).collect();
        serializer.serialize_str(&words.join("-"))
    }
}

#[client(context = "words")]
async fn shuffled(words: Shuffled) -> usize {
    words.0.len()
}

#[client(affects = "words", scope = [words])]
async fn shuffle(words: Shuffled) -> usize {
    words.0.len()
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn a_text_that_is_no_function_of_its_value_is_a_500_that_names_it() {
    let mizan = build(functions![shuffled, shuffle]);
    let (log, _guard) = crate::support::Log::capture();
    let words = "a-b-c-d-e-f-g-h-i-j-k-l";
    assert_eq!(read(&mizan, "words", &format!("words={words}")).await.0, 500);
    assert_eq!(call(&mizan, "shuffle", json!({"words": words})).await.status(), 500);
    let text = log.text();
    for part in ["shuffled", "shuffle", "Shuffled", "`words`", "must be a function of its value"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(read(&mizan, "words", "words=a").await.0, 200);
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum IdOrName {
    Id(u32),
    Name(String),
}

#[client(context = "either")]
async fn either(key: IdOrName) -> IdOrName {
    key
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum NumOrBool {
    Num(f64),
    Bool(bool),
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Word {
    All,
    None,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Limit {
    Count(u32),
    Word(Word),
}

#[client(context = "union")]
async fn union(num: Option<NumOrBool>, limit: Option<Limit>, many: Option<Vec<Limit>>) -> Value {
    json!([num, limit, many])
}

#[tokio::test]
async fn the_schema_directs_what_a_text_of_a_query_stands_for() {
    let mizan = build(functions![union]);
    for (query, args, expected) in [
        ("num=5", json!({"num": 5}), json!([5.0, null, null])),
        ("num=1.5e2", json!({"num": 150.0}), json!([150.0, null, null])),
        ("num=true", json!({"num": true}), json!([true, null, null])),
        ("limit=7", json!({"limit": 7}), json!([null, 7, null])),
        ("limit=all", json!({"limit": "all"}), json!([null, "all", null])),
        ("many=1&many=none", json!({"many": [1, "none"]}), json!([null, null, [1, "none"]])),
    ] {
        let (status, found) = read(&mizan, "union", query).await;
        assert_eq!((status, &found["union"]), (200, &expected), "{query}");
        assert_eq!(body(&call(&mizan, "union", args).await)["result"], expected, "{query}");
    }
    for (query, message) in [
        ("num=x", "expected a number or `true` or `false`"),
        ("limit=-5", "expected one of its forms"),
        ("limit=most", "expected one of its forms"),
    ] {
        let (status, found) = read(&mizan, "union", query).await;
        let fields = &found["error"]["details"]["fields"];
        let name = query.split('=').next().unwrap();
        assert_eq!((status, &fields[name]), (422, &json!([message])), "{query}");
    }
    let reply = call(&mizan, "union", json!({"num": "x"})).await;
    let fields = &body(&reply)["error"]["details"]["fields"];
    assert_eq!(fields["num"], json!(["expected one of its forms"]));
}

#[test]
fn two_values_with_one_text_are_refused_at_start() {
    let error = Builder::empty().functions(functions![either]).build().unwrap_err().to_string();
    assert!(
        error.contains("two values with one text: the integer 5 and the text \"5\""),
        "{error}"
    );
    assert!(error.contains("use two parameters"), "{error}");
}

#[client(context = "holes")]
async fn holes(ids: Vec<Option<u32>>) -> Vec<Option<u32>> {
    ids
}

#[test]
fn a_list_whose_elements_may_be_null_is_refused_at_start() {
    let error = Builder::empty().functions(functions![holes]).build().unwrap_err().to_string();
    assert!(error.contains("is a list whose elements may be null"), "{error}");
}

/// Reads numbers and texts, writes texts.
#[derive(Debug, PartialEq)]
struct Price(String);

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        }))
    }
}

impl JsonSchema for Price {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Price".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        if generator.contract().is_deserialize() {
            json_schema!({"type": ["string", "number"]})
        } else {
            json_schema!({"type": "string"})
        }
    }
}

#[client(context = "price")]
async fn price(price: Price) -> Price {
    price
}

#[tokio::test]
async fn a_type_that_reads_several_spellings_of_one_value_is_a_parameter() {
    let mizan = build(functions![price]);
    // As text: a float would lose the zero, and digits.
    assert_eq!(read(&mizan, "price", "price=5.10").await, (200, json!({"price": "5.10"})));
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Measures {
    double: f64,
    single: f32,
    list: Vec<f64>,
    map: HashMap<String, f64>,
    any: Value,
    id: u64,
}

#[client]
async fn measure(m: Measures) -> Measures {
    m
}

#[tokio::test]
async fn a_whole_float_beyond_2_53_is_a_float_where_the_type_is_one() {
    let mizan = build(functions![measure]);
    // As `JSON.stringify` writes 1e17, 2^60, 1e20 and 1e21.
    let args = r#"{"m":{"double":100000000000000000,"single":1152921504606847000,"id":5,
        "list":[9007199254740992,-1e21],"map":{"a":123456789012345680000},
        "any":{"deep":[1152921504606847000,100000000000000000000]}}}"#;
    let request = format!(r#"{{"fn":"measure","args":{args}}}"#);
    let reply = send(&mizan, &crate::support::post_call(), &request).await;
    assert_eq!(reply.status(), 200, "{}", body(&reply));
    let expected = json!({
        "double": 1e17, "single": 1.1529215e18, "id": 5,
        "list": [9007199254740992.0, -1e21], "map": {"a": 123456789012345680000.0},
        "any": {"deep": [1152921504606846976.0, 1e20]},
    });
    assert_eq!(body(&reply)["result"], expected);
    for (part, field) in [
        (r#""id":9007199254740992"#, "m.id"),
        (r#""id":5,"any":[9007199254740993]"#, "m.any.0"),
        (r#""id":5,"any":123456789012345678901"#, "m.any"),
    ] {
        let any = if part.contains("any") { "" } else { r#","any":1"# };
        let args = format!(r#"{{"m":{{"double":1,"single":1,"list":[],"map":{{}},{part}{any}}}}}"#);
        let request = format!(r#"{{"fn":"measure","args":{args}}}"#);
        let reply = send(&mizan, &crate::support::post_call(), &request).await;
        let fields = &body(&reply)["error"]["details"]["fields"];
        let message = "an integer beyond ±(2^53 − 1) does not travel as a number";
        assert_eq!(fields[field], json!([message]), "{part}: {}", body(&reply));
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Sparse {
    any: Value,
}

#[client]
async fn sparse(part: Sparse) -> usize {
    part.any.as_array().map_or(0, Vec::len)
}

/// In a body of the largest size, each number is looked up among those that were changed.
#[tokio::test]
async fn many_changed_integers_cost_no_more_than_their_number() {
    let mizan = build(functions![sparse]);
    let many = |digits: &dyn Fn(u64) -> u64| {
        let texts: Vec<String> = (0..25_000).map(|at| digits(at).to_string()).collect();
        texts.join(",")
    };
    let changed = many(&|at| 9_007_199_254_740_993 + 4 * at);
    let whole = many(&|at| (1 << 62) + 2_048 * at);
    let ignored = format!(r#"{{"ignored":[{changed}],"any":[{whole}]}}"#);
    let request = format!(r#"{{"fn":"sparse","args":{{"part":{ignored}}}}}"#);
    let reply = send(&mizan, &crate::support::post_call(), &request).await;
    assert_eq!(body(&reply)["result"], 25_000, "{}", body(&reply)["error"]);
}

#[client(context = "lists")]
async fn list_kinds(
    maybe: Option<Vec<String>>,
    #[default = vec![7]] given: Vec<u32>,
    set: Option<BTreeSet<u32>>,
    all: Vec<u32>,
) -> Value {
    json!([maybe, given, set, all])
}

#[tokio::test]
async fn an_empty_list_is_not_an_absent_one() {
    let mizan = build(functions![list_kinds]);
    for (query, expected) in [
        ("", json!([null, [7], null, []])),
        ("maybe[]=&given[]=&set[]=&all[]=", json!([[], [], [], []])),
        ("maybe%5B%5D=&given=1", json!([[], [1], null, []])),
        ("maybe=&given=1", json!([[""], [1], null, []])),
        // A value under such a name is a name that no one knows.
        ("maybe[]=a", json!([null, [7], null, []])),
    ] {
        let (status, found) = read(&mizan, "lists", query).await;
        assert_eq!((status, &found["list_kinds"]), (200, &expected), "{query}");
    }
}

#[client(context = "zero")]
async fn zeros(at: f64) -> f64 {
    at
}

#[client(affects = "zero", scope = [at])]
async fn shift(at: f64) {
    let _ = at;
}

#[tokio::test]
async fn both_zeros_are_one_value() {
    let builder = Builder::empty().functions(functions![zeros, shift]);
    let mizan = builder.cache(MemoryCache::default()).build().unwrap();
    cached_read(&mizan, "zero", "at=-0").await;
    assert_eq!(cached_read(&mizan, "zero", "at=0").await.0, CacheStatus::Hit);
    let reply = call(&mizan, "shift", json!({"at": -0.0})).await;
    assert_eq!(reply.header("x-mizan-invalidate"), Some("zero;at=0.0"));
    assert_eq!(cached_read(&mizan, "zero", "at=0.0").await.0, CacheStatus::Miss);
}

#[client]
async fn text_of(text: String) -> String {
    text
}

#[tokio::test]
async fn a_text_that_is_not_well_formed_is_refused_in_plain_words() {
    let mizan = build(functions![text_of]);
    for text in [r#""\ud800""#, r#""a\udc00b""#, r#""\ud800A""#] {
        let request = format!(r#"{{"fn":"text_of","args":{{"text":{text}}}}}"#);
        let reply = send(&mizan, &crate::support::post_call(), &request).await;
        assert_eq!(reply.status(), 422);
        let fields = &body(&reply)["error"]["details"]["fields"];
        assert_eq!(fields["text"], json!(["the text is not well-formed Unicode"]), "{text}");
    }
    let (status, _) = read(&build(functions![either_text]), "texts", "text=%ED%A0%80").await;
    assert_eq!(status, 422);
}

#[client(context = "texts")]
async fn either_text(text: String) -> String {
    text
}

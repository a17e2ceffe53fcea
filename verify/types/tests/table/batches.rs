//! Every type that may be a parameter, in an entry of a batch and in what a page holds: as in a read of its own.

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_faults::random::Random;
use mizan_schema::text_of;
use serde_json::{Value, json};

use crate::random::Drawn;
use crate::row::Row;

/// Values of each type.
const VALUES: usize = 6;

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect()
}

/// An entry in the grammar of `X-Mizan-Invalidate`.
fn entry(context: &str, value: &Value) -> String {
    let text = |value: &Value| text_of(value).unwrap_or_default().into_owned();
    match value {
        Value::Null => context.to_owned(),
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().map(text).collect();
            format!("{context};value={}", encoded(&Value::from(texts).to_string()))
        }
        value => format!("{context};value={}", encoded(&text(value))),
    }
}

/// The data of each line, by position.
fn data(response: &TestResponse) -> Vec<Value> {
    let text = std::str::from_utf8(response.body()).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.pop().unwrap(), json!({ "end": lines.len() }));
    lines.sort_by_key(|line| line["e"].as_u64());
    lines.into_iter().map(|line| line.get("data").cloned().unwrap_or(line)).collect()
}

/// The order of a hash set is that of its instance.
fn settled(row: &Row, mut data: Value) -> Value {
    let value = data.get_mut(format!("read_{}", row.name)).and_then(|kept| kept.get_mut("value"));
    if let (true, Some(Value::Array(items))) = (row.has("set"), value) {
        items.sort_by_key(Value::to_string);
    }
    data
}

#[tokio::test]
async fn every_type_is_read_in_a_batch_as_alone() {
    let mizan = crate::registry();
    let mut random = Random::seeded(12);
    let mut types = 0;
    for row in crate::table().into_iter().filter(|row| row.is_param) {
        let (name, drawn) = (row.name, Drawn::of(&row));
        let values: Vec<Value> = (0..VALUES).map(|_| drawn.value(&mut random)).collect();
        let mut alone = Vec::new();
        for value in &values {
            let response = TestRequest::read_named(name).param("value", value).send(&mizan).await;
            assert_eq!(response.status(), 200, "{name} {value}: {}", response.json());
            alone.push(settled(&row, response.json()));
        }
        let query: Vec<String> =
            values.iter().map(|value| format!("e={}", encoded(&entry(name, value)))).collect();
        let batch = TestRequest::new("GET", "/api/mizan/ctx/").query(&query.join("&"));
        let lines = async |request: TestRequest| -> Vec<Value> {
            data(&request.send(&mizan).await).into_iter().map(|data| settled(&row, data)).collect()
        };
        assert_eq!(lines(batch).await, alone, "{name}: {values:?}");
        let entries: Vec<Value> = values
            .iter()
            .map(|value| json!({ "context": name, "params": { "value": value } }))
            .collect();
        let posted = TestRequest::new("POST", "/api/mizan/ctx/")
            .header("content-type", "application/json")
            .body(json!({ "entries": entries }).to_string());
        assert_eq!(lines(posted).await, alone, "{name}: {values:?}");
        types += 1;
    }
    assert!(types >= 20, "{types} types");
}

#[tokio::test]
async fn every_type_is_refreshed_as_it_is_read() {
    let mizan = crate::registry();
    let mut random = Random::seeded(13);
    for row in crate::table().into_iter().filter(|row| row.is_param) {
        let (name, drawn) = (row.name, Drawn::of(&row));
        for _ in 0..VALUES {
            let value = drawn.value(&mut random);
            let call = TestRequest::call_named(&format!("echo_{name}")).arg("value", &value);
            let call = call.mounted(name, json!({ "value": value }));
            let response = call.send(&mizan).await.json();
            let alone = TestRequest::read_named(name).param("value", &value).send(&mizan).await;
            assert_eq!(response["refresh"].as_array().map(Vec::len), Some(1), "{name} {value}");
            let brought = settled(&row, response["refresh"][0]["data"].clone());
            assert_eq!(brought, settled(&row, alone.json()), "{name} {value}: {response}");
        }
    }
}

//! What the response of a read says of its parameters: with it, a client computes one text for an entry and for the targets that
//! cover it, for every type that may be a parameter.

use mizan_core::invalidate_header;
use mizan_core::testing::TestRequest;
use mizan_faults::random::Random;
use mizan_types::in_the_kernel;
use serde_json::{Value, json};

use crate::random::Drawn;
use crate::row::Row;

/// How many values of each type are drawn.
const VALUES: usize = 60;

/// The texts that a client computes for values of rows.
const TEXTS: &str = r#"
import { text } from "@mizan/base/keys";
let input = "";
for await (const chunk of process.stdin) input += chunk;
console.log(JSON.stringify(JSON.parse(input).map(([value, isSet]) => text(value, isSet) ?? null)));
"#;

#[tokio::test]
async fn a_moment_a_set_and_an_id_in_capitals_are_told_in_the_texts_of_targets() {
    let mizan = crate::registry();
    for (row, query, expected) in [
        ("utc", "1970-01-01T00:00:00.000Z", Some("utc;value=1970-01-01T00%3A00%3A00Z")),
        ("utc", "1970-01-01T00:00:00Z", None),
        (
            "uuid",
            "67E55044-10B1-426F-9247-BB680E5FE0C8",
            Some("uuid;value=67e55044-10b1-426f-9247-bb680e5fe0c8"),
        ),
        ("uuid", "67e55044-10b1-426f-9247-bb680e5fe0c8", None),
        (
            "sorted_set",
            "3&value=1&value=2",
            Some("sorted_set;value=%5B%221%22%2C%222%22%2C%223%22%5D"),
        ),
        ("sorted_set", "1&value=2&value=3", None),
        ("f64s", "1", None),
        ("f64s", "1.0", Some("f64s;value=1")),
    ] {
        let request = TestRequest::read_named(row).query(&format!("value={query}"));
        let response = request.send(&mizan).await;
        assert_eq!(response.status(), 200, "{row} {query}: {}", response.json());
        assert_eq!(response.header("x-mizan-params"), expected, "{row} {query}");
    }
}

#[tokio::test]
#[ignore = "needs npm packages: cargo xtask test"]
async fn a_target_has_the_text_that_a_client_has_sent_or_was_told() {
    let mizan = crate::registry();
    let mut random = Random::seeded(7);
    let rows: Vec<Row> = crate::table().into_iter().filter(|row| row.is_param).collect();
    let mut cases: Vec<(&Row, Value)> = Vec::new();
    for row in &rows {
        let drawn = Drawn::of(row);
        cases.extend(row.json().into_iter().map(|value| (row, value)));
        cases.extend((0..VALUES).map(|_| (row, drawn.value(&mut random))));
    }
    let values = cases.iter().map(|(row, value)| json!([value, row.has("set")]));
    let sent = texts(values.collect());
    let (mut told, mut targets) = (Vec::new(), Vec::new());
    for ((row, value), sent) in cases.iter().zip(&sent) {
        let name = row.name;
        let read = TestRequest::read_named(name).query(&query(value, sent)).send(&mizan).await;
        assert_eq!(read.status(), 200, "{name} {value}: {}", read.json());
        told.push(match read.header("x-mizan-params") {
            None => sent.clone(),
            Some(header) => {
                let [target] = &invalidate_header::parse(header).unwrap()[..] else {
                    panic!("{name} {value}: {header}")
                };
                target.params.first().map(|(_, text)| text.clone())
            }
        });
        let call = TestRequest::call_named(&format!("echo_{name}")).arg("value", value);
        let called = call.send(&mizan).await.json();
        targets.push(json!([called["invalidate"][0]["params"]["value"], row.has("set")]));
    }
    assert!(told.iter().zip(&sent).any(|(told, sent)| told != sent), "nothing was told");
    for (((row, value), told), target) in cases.iter().zip(told).zip(texts(targets)) {
        assert_eq!(told, target, "{} {value}", row.name);
    }
}

/// The text of each value, by the kernel.
fn texts(values: Vec<Value>) -> Vec<Option<String>> {
    let said = in_the_kernel("params", TEXTS, &Value::from(values).to_string());
    serde_json::from_str(&said).unwrap()
}

/// The query that the kernel sends for a value with this text.
fn query(value: &Value, text: &Option<String>) -> String {
    let encoded =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    match (value, text) {
        (Value::Array(_), Some(text)) => {
            let texts: Vec<String> = serde_json::from_str(text).unwrap();
            let pairs: Vec<String> =
                texts.iter().map(|text| format!("value={}", encoded(text))).collect();
            if pairs.is_empty() { "value[]=".into() } else { pairs.join("&") }
        }
        (_, Some(text)) => format!("value={}", encoded(text)),
        (_, None) => String::new(),
    }
}

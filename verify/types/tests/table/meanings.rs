//! A value means the same in a query, in a JSON call and in a form by route.

use mizan_core::Mizan;
use mizan_core::testing::{TestRequest, TestResponse};
use mizan_faults::random::Random;
use serde_json::Value;

use crate::random::Drawn;
use crate::row::Row;

/// How many values are drawn in all.
const VALUES: usize = 100_000;

#[test]
fn a_value_means_the_same_in_a_query_a_call_and_a_form() {
    let threads: Vec<_> = (0..2).map(|part| std::thread::spawn(move || half(part))).collect();
    let tried: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert!(tried >= VALUES, "{tried} values");
}

/// Every second row.
fn half(part: usize) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mizan = crate::registry();
        let params: Vec<Row> = crate::table().into_iter().filter(|row| row.is_param).collect();
        let each = VALUES.div_ceil(params.len());
        let mut random = Random::seeded(11 + part as u64);
        let mut tried = 0;
        for row in params.iter().skip(part).step_by(2) {
            let drawn = Drawn::of(row);
            for _ in 0..each {
                check(&mizan, row, &drawn.value(&mut random)).await;
                tried += 1;
            }
        }
        tried
    })
}

async fn check(mizan: &Mizan, row: &Row, value: &Value) {
    let name = row.name;
    let call =
        TestRequest::call_named(&format!("echo_{name}")).arg("value", value).send(mizan).await;
    let called = &call.json()["result"];
    // Written as the kernel writes a query, a form as a browser does.
    let query = TestRequest::read_named(name).param("value", value);
    let read = query.send(mizan).await;
    let read_value = &read.json()[format!("read_{name}")]["value"];
    let form = form(mizan, name, value).await;
    let formed = form.json();
    let statuses = [call.status(), read.status(), form.status()];
    assert_eq!(statuses, [200; 3], "{name} {value}: {} {} {formed}", call.json(), read.json());
    let sorted = |value: &Value| sorted(value, row.has("set"));
    assert_eq!(sorted(called), sorted(read_value), "{name}, a call and a read of {value}");
    assert_eq!(sorted(called), sorted(&formed), "{name}, a call and a form of {value}");
}

async fn form(mizan: &Mizan, name: &str, value: &Value) -> TestResponse {
    let texts: Vec<(&str, String)> = match value {
        Value::Null => Vec::new(),
        Value::Array(items) if items.is_empty() => vec![("value[]", String::new())],
        Value::Array(items) => items.iter().map(|item| ("value", text(item))).collect(),
        value => vec![("value", text(value))],
    };
    let pairs: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, &**text)).collect();
    TestRequest::new("POST", &format!("/{name}/"))
        .header("sec-fetch-site", "same-origin")
        .form(&pairs)
        .send(mizan)
        .await
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn sorted(value: &Value, is_set: bool) -> Value {
    let mut value = value.clone();
    if let (true, Value::Array(items)) = (is_set, &mut value) {
        items.sort_by_key(Value::to_string);
    }
    value
}

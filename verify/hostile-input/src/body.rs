//! `POST call/`: whatever is called with what it was sent, or is refused.

use mizan_core::invalidate_header;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::sent::Sent;
use crate::world::World;

/// The input as the body of a call.
pub fn json_body(data: &[u8]) {
    World::with(|world| {
        let (reply, body) = world.ask(&world.plain, &Sent::post("call/", data));
        let ran = matches!(reply.status(), 200 | 500);
        if ran {
            // No text that is not JSON is ever a call.
            serde_json::from_str::<IgnoredAny>(std::str::from_utf8(data).unwrap()).unwrap();
        }
        // A member that no one reads may hold what is not a value, such as 1e999.
        let Ok(sent) = serde_json::from_slice::<Value>(data) else { return };
        // What ran has changed something, whether it failed or not; what was refused has not.
        let changes = ran && sent["fn"] != "asked";
        assert_eq!(
            reply.header("x-mizan-invalidate").is_some(),
            changes,
            "{} {body}",
            reply.status()
        );
        assert_eq!(body.get("invalidate").is_some(), changes, "{body}");
        if let Some(header) = reply.header("x-mizan-invalidate") {
            same_targets(header, &body["invalidate"]);
        }
        if !ran {
            return;
        }
        match sent["fn"].as_str() {
            Some("fail") => assert_eq!(reply.status(), 500),
            Some(name @ ("mix" | "asked")) => mixed(&sent["args"], &body["result"], name == "mix"),
            other => panic!("{other:?} was called"),
        }
    });
}

/// ProtocolHeader and body name the same contexts and parameters.
fn same_targets(header: &str, body: &Value) {
    let named: Vec<Value> = invalidate_header::parse(header)
        .unwrap()
        .iter()
        .map(|target| {
            json!([target.context, target.params.iter().map(|param| &param.0).collect::<Vec<_>>()])
        })
        .collect();
    let all = body.as_array().unwrap().iter().map(|target| {
        let names = target["params"].as_object().map(|params| params.keys().collect::<Vec<_>>());
        json!([target.get("context").unwrap_or(target), names.unwrap_or_default()])
    });
    assert_eq!(named, all.collect::<Vec<_>>(), "{header} {body}");
}

/// Compares what arrived with what was sent. Only where it `takes_all` there are `item` and `big`.
fn mixed(sent: &Value, got: &Value, takes_all: bool) {
    let absent = json!({"small": 7, "ratio": 0.5, "flag": true, "text": "x", "tags": []});
    for (name, got) in got.as_object().unwrap() {
        let sent = sent.get(name).unwrap_or(&absent[name]);
        let same = match name.as_str() {
            "item" | "big" if !takes_all => got.is_null(),
            // Blanks around it and zeros in front are no part of the number.
            "big" if sent.is_string() => number(sent).is_some() && number(sent) == number(got),
            // serde takes a struct from a list of its fields too.
            "item" if sent.is_array() => true,
            "item" if sent.is_object() => {
                let field = |name: &str| alike(&sent[name], &got[name]);
                let tags = sent.get("tags").unwrap_or(&absent["tags"]);
                field("id") && field("color") && alike(tags, &got["tags"])
            }
            _ => alike(sent, got),
        };
        assert!(same, "{name}: {sent} became {got}");
    }
}

fn number(value: &Value) -> Option<i128> {
    value.as_str()?.trim().parse().ok()
}

/// Whether two values mean the same.
fn alike(sent: &Value, got: &Value) -> bool {
    match (sent, got) {
        (Value::Number(sent), Value::Number(got)) => match (sent.as_i64(), got.as_i64()) {
            (Some(sent), Some(got)) => sent == got,
            _ => sent.as_f64() == got.as_f64(),
        },
        (Value::Array(sent), Value::Array(got)) => {
            sent.len() == got.len() && sent.iter().zip(got).all(|(sent, got)| alike(sent, got))
        }
        _ => sent == got,
    }
}

//! Integers that a JavaScript number may not hold exactly.

use serde_json::{Map, Value};

const LARGEST: f64 = 9_007_199_254_740_991.0;

/// True for an integer of 64 bits or more whose bounds do not keep it within 2^53 - 1.
pub(super) fn is_wide(keywords: &Map<String, Value>) -> bool {
    let unsigned = match keywords.get("format").and_then(Value::as_str) {
        Some("int64" | "int128" | "int") => false,
        Some("uint64" | "uint128" | "uint") => true,
        _ => return false,
    };
    let bound = |inclusive: &str, exclusive: &str| {
        let number = |name: &str| keywords.get(name).and_then(Value::as_f64);
        number(inclusive).or_else(|| number(exclusive))
    };
    let above = bound("minimum", "exclusiveMinimum").map_or(unsigned, |least| least >= -LARGEST);
    let below = bound("maximum", "exclusiveMaximum").is_some_and(|most| most <= LARGEST);
    !(above && below)
}

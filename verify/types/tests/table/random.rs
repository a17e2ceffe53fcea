//! Random values of a type, by its schema.

use mizan_faults::random::Random;
use serde_json::{Value, json};

use crate::row::Row;

const SAFE: i64 = 9_007_199_254_740_991;

/// Characters that mean something in a query, a form, a header or JSON, and some that are long.
const CHARS: [char; 24] = [
    'a', 'b', 'Z', '0', '5', ' ', '+', '%', '&', '=', '#', '?', '/', '\\', '"', '\'', ',', ';',
    '[', ']', '\n', 'é', '日', '🦀',
];

/// Draws values of one row.
pub(crate) struct Drawn {
    schema: Value,
    values: Vec<Value>,
}

impl Drawn {
    pub(crate) fn of(row: &Row) -> Self {
        // A type that the schema shows as text, or as any integer, takes those of the row alone.
        let schema = if row.has("listed") { Value::Null } else { (row.schema)() };
        Self { schema, values: row.json() }
    }

    /// A value: one of the row, or one that its schema shows.
    pub(crate) fn value(&self, random: &mut Random) -> Value {
        match random.below(8) {
            0 => pick(random, &self.values).clone(),
            _ => draw(&self.schema, random).unwrap_or_else(|| pick(random, &self.values).clone()),
        }
    }
}

fn pick<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    random.pick(all).expect("a choice of nothing")
}

/// A value of a schema; `None` where only the type knows what is one.
fn draw(schema: &Value, random: &mut Random) -> Option<Value> {
    if let Some(value) = schema.get("const") {
        return Some(value.clone());
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(pick(random, values).clone());
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(word).and_then(Value::as_array) {
            return draw(pick(random, choices), random);
        }
    }
    let kind = match schema.get("type")? {
        Value::Array(kinds) => pick(random, kinds).as_str()?,
        kind => kind.as_str()?,
    };
    match kind {
        "null" => Some(Value::Null),
        "boolean" => Some(json!(random.time(2) == 0)),
        "integer" => integer(schema, random),
        "number" => Some(number(schema.get("format").and_then(Value::as_str), random)),
        "string" => text(schema, random),
        "array" => list(schema, random),
        _ => None,
    }
}

fn integer(schema: &Value, random: &mut Random) -> Option<Value> {
    let bound = |word: &str| schema.get(word).and_then(Value::as_i64);
    let (lowest, highest) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("uint32") => (0, i64::from(u32::MAX)),
        _ => (-SAFE, SAFE),
    };
    let least = bound("minimum").unwrap_or(lowest).max(-SAFE);
    let most = bound("maximum").unwrap_or(highest).min(SAFE);
    if schema.get("not").is_some() || most < least {
        return None;
    }
    // Small ones as often as any, so that values meet.
    let span = most.abs_diff(least).saturating_add(1);
    let small = random.time(2) == 0 && least <= 0 && most >= 9;
    let value = if small { random.time(10) as i64 } else { least + random.time(span) as i64 };
    Some(json!(value))
}

fn number(format: Option<&str>, random: &mut Random) -> Value {
    let bits = random.bits();
    let wide = if format == Some("float") {
        f64::from(f32::from_bits(bits as u32))
    } else {
        f64::from_bits(bits)
    };
    match random.time(4) {
        0 => json!(random.time(100) as f64),
        1 => json!(random.time(1000) as f64 / 8.0),
        2 => json!((random.time(1 << 20) as f64) * 1e15),
        _ if wide.is_finite() => json!(wide),
        _ => json!(0.0),
    }
}

fn text(schema: &Value, random: &mut Random) -> Option<Value> {
    let word = random.bits();
    let format = schema.get("format").and_then(Value::as_str);
    Some(match format {
        Some("uuid") => {
            let other = random.bits();
            let digits = format!("{word:016x}{other:016x}");
            let parts =
                [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
            json!(parts.join("-"))
        }
        Some("date") => json!(date(random)),
        Some("date-time") => {
            let (hour, minute, second) = (random.time(24), random.time(60), random.time(60));
            json!(format!("{}T{hour:02}:{minute:02}:{second:02}Z", date(random)))
        }
        Some("ipv4") => json!(std::net::Ipv4Addr::from(word as u32).to_string()),
        Some("ipv6") => json!(std::net::Ipv6Addr::from(u128::from(word) << 32).to_string()),
        Some("mizan-bigint") => json!((i128::from(word) - (1 << 63)).to_string()),
        Some(_) => return None,
        None if schema.get("pattern").is_some() => return None,
        None if schema.get("maxLength") == Some(&json!(1)) => {
            json!(pick(random, &CHARS).to_string())
        }
        None => {
            let length = random.time(6);
            json!((0..length).map(|_| *pick(random, &CHARS)).collect::<String>())
        }
    })
}

fn date(random: &mut Random) -> String {
    let (year, month, day) = (1900 + random.time(300), 1 + random.time(12), 1 + random.time(28));
    format!("{year:04}-{month:02}-{day:02}")
}

fn list(schema: &Value, random: &mut Random) -> Option<Value> {
    if let Some(items) = schema.get("prefixItems").and_then(Value::as_array) {
        return items.iter().map(|item| draw(item, random)).collect();
    }
    let bound = |word: &str| schema.get(word).and_then(Value::as_u64);
    let least = bound("minItems").unwrap_or(0);
    let most = bound("maxItems").unwrap_or(4).max(least);
    let length = least + random.time(most - least + 1);
    let items = schema.get("items")?;
    let mut list: Vec<Value> = (0..length).map(|_| draw(items, random)).collect::<Option<_>>()?;
    if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
        let mut seen = std::collections::HashSet::new();
        list.retain(|item| seen.insert(item.to_string()));
    }
    Some(Value::Array(list))
}

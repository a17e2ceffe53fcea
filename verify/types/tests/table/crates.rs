//! Types of other crates, and `time` by the documented way out.

use ::either::Either;
use ::url::Url;
use ::uuid::Uuid;
use bytes::Bytes;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use indexmap::{IndexMap, IndexSet};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use smallvec::SmallVec;
use time::OffsetDateTime;

use crate::row::table;

/// A moment: RFC 3339 on the wire.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Moment(
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String")]
    OffsetDateTime,
);

/// Seconds since 1970.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Stamp(
    #[serde(with = "time::serde::timestamp")]
    #[schemars(with = "i64")]
    OffsetDateTime,
);

/// The same of `chrono`, whose module it is.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Millis(
    #[serde(with = "chrono::serde::ts_milliseconds")]
    #[schemars(with = "i64")]
    DateTime<Utc>,
);

table! { crate_types;
    param uuid: Uuid = "string", r#"["00000000-0000-0000-0000-000000000000", "67e55044-10b1-426f-9247-bb680e5fe0c8", "ffffffff-ffff-ffff-ffff-ffffffffffff"]"#;
    param option_uuid: Option<Uuid> = "string | null", r#"[null, "67e55044-10b1-426f-9247-bb680e5fe0c8", "00000000-0000-0000-0000-000000000000"]"#, alone, optional;
    param list_uuid: Vec<Uuid> = "string[]", r#"[[], ["67e55044-10b1-426f-9247-bb680e5fe0c8"], ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]]"#, alone;
    param url: Url = "string", r#"["https://a.example/", "https://a.example/b?c=d&e=%20#f", "mailto:a@b.example"]"#, listed;
    param decimal: Decimal = "string | number" => "string", r#"["0", "1.50", "-79228162514264337593543950335"]"#, listed;
    param date: NaiveDate = "string", r#"["1970-01-01", "2024-02-29", "9999-12-31"]"#;
    param clock: NaiveTime = "string", r#"["00:00:00", "12:34:56", "23:59:59.999"]"#;
    param local: NaiveDateTime = "string", r#"["1970-01-01T00:00:00", "2024-02-29T12:34:56", "9999-12-31T23:59:59.999"]"#, alone;
    param utc: DateTime<Utc> = "string", r#"["1970-01-01T00:00:00Z", "2024-02-29T12:34:56Z", "9999-12-31T23:59:59.999Z"]"#;
    param offset: DateTime<FixedOffset> = "string", r#"["1970-01-01T00:00:00Z", "2024-02-29T12:34:56+02:00", "2024-02-29T12:34:56-09:30"]"#, alone;
    param weekday: Weekday = r#""Mon" | "Tue" | "Wed" | "Thu" | "Fri" | "Sat" | "Sun""#, r#"["Mon", "Wed", "Sun"]"#;
    param moment: Moment = "string", r#"["1970-01-01T00:00:00Z", "2024-02-29T12:34:56+02:00", "2024-02-29T12:34:56.5Z"]"#, listed;
    param stamp: Stamp = "number", "[0, -1, 1700000000]", alone, listed;
    param millis: Millis = "number", "[0, -1, 1700000000123]", listed;
    param set_indexed: IndexSet<String> = "string[]", r#"[[], ["b"], ["b", "a"]]"#, set;
    param small: SmallVec<[u32; 4]> = "number[]", "[[], [1], [1, 2, 3, 4, 5]]";
    call small_bytes: Bytes = "number[] | string" => "number[]", "[[], [0], [1, 255]]";
    call either: Either<u32, String> = r#"{ Left: number } | { Right: string }"#, r#"[{"Left": 1}, {"Right": ""}, {"Right": "a"}]"#;
    call index_map: IndexMap<String, u32> = "Record<string, number>", r#"[{}, {"b": 1}, {"b": 1, "a": 2}]"#;
    call json: Value = "unknown", r#"[null, [1, "a", {}], {"a": 0.5, "b": [true]}, "text", 1e17]"#;
    call object: Map<String, Value> = "Record<string, unknown>", r#"[{}, {"a": null}, {"a": [1, 0.5], "b": {"c": "d"}}]"#;
    call number: Number = "number", "[0, -1, 0.5]";
    call map_uuid: std::collections::BTreeMap<Uuid, u8> = "Record<string, number>", r#"[{}, {"67e55044-10b1-426f-9247-bb680e5fe0c8": 1}, {"00000000-0000-0000-0000-000000000000": 2}]"#;
    call map_date: std::collections::BTreeMap<NaiveDate, u8> = "Record<string, number>", r#"[{}, {"1970-01-01": 1}, {"2024-02-29": 2, "2024-03-01": 3}]"#;
}

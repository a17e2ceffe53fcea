//! Types that an application derives, with serde's attributes.

use std::collections::BTreeMap;

use mizan_core::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::row::table;

/// Derives what a type of an application derives.
macro_rules! types {
    ($($(#[$attribute:meta])* $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Serialize, Deserialize, JsonSchema)]
        $(#[$attribute])*
        pub(crate) $kind $name $body
    )*};
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Id(u32);

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Name(String);

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Point(i32, i32);

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    Open,
    InWork,
    #[serde(alias = "closed")]
    Done,
}

/// Text, by way of `String`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub(crate) struct Slug(String);

impl TryFrom<String> for Slug {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Self(text))
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl Clone for Slug {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy)]
#[serde(from = "i32", into = "i32")]
#[schemars(with = "i32")]
pub(crate) struct Degrees(i32);

impl From<i32> for Degrees {
    fn from(value: i32) -> Self {
        Self(value)
    }
}

impl From<Degrees> for i32 {
    fn from(value: Degrees) -> Self {
        value.0
    }
}

/// An integer that is text on the wire.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    next: Option<u32>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Both<T> {
    first: T,
    second: Option<T>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Unit;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum NumberOrSwitch {
    Switch(bool),
    Number(f64),
}

types! {
    struct Plain { id: u32, name: String }
    struct Empty {}
    #[serde(rename_all = "camelCase")]
    struct Camel { first_name: String, #[serde(rename = "URL")] url: String }
    struct Dashed { #[serde(rename = "data-id")] id: u32, #[serde(rename = "class")] class: bool }
    struct Optional { note: Option<String> }
    #[serde(deny_unknown_fields)]
    struct Closed { id: u32 }
    struct Aliased { #[serde(alias = "old")] new: u32 }
    struct Texts { #[serde(with = "as_text")] #[schemars(with = "String")] value: u64 }
    struct Wide { id: BigInt, more: Option<BigInt> }
    struct Filled { #[serde(default)] count: u32 }
    struct Left { #[serde(default, skip_serializing_if = "Option::is_none")] note: Option<String> }
    struct Flattened { id: u32, #[serde(flatten)] plain: Closed2, #[serde(flatten)] rest: Map<String, Value> }
    struct Closed2 { name: String }
    struct FlatChoice { id: u32, #[serde(flatten)] shape: Option<Shape> }
    #[serde(tag = "shape", rename_all = "snake_case")]
    enum Shape { Circle { radius: f64 }, Square { side: f64 }, Dot }
    #[serde(tag = "kind")]
    enum Newtypes { Plain(Plain), Wide(Wide) }
    #[serde(tag = "t", content = "c")]
    enum Parts { Unit, One(u32), Two(u32, String), Fields { a: bool } }
    enum Mixed { Unit, One(u32), Two(u32, String), Fields { a: bool } }
    #[serde(untagged)]
    enum Any { Number(f64), Text(String), List(Vec<u32>), Fields { a: bool } }
    #[serde(rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
    enum Loud { BigOne { some_field: u8 }, SmallOne }
    struct Tree { value: u32, children: Vec<Tree> }
    struct Chain { next: Option<Box<Chain>> }
}

table! { attribute_types;
    param id: Id = "number", "[0, 1, 4294967295]";
    param name: Name = "string", r#"["", "a", "日"]"#;
    param state: Status = r#""open" | "in-work" | "done""#, r#"["open", "in-work", "done"]"#;
    param states: Vec<Status> = r#"("open" | "in-work" | "done")[]"#, r#"[[], ["open"], ["done", "in-work"]]"#;
    param option_state: Option<Status> = r#""open" | "in-work" | "done" | null"#, r#"[null, "open", "done"]"#, optional;
    call point: Point = "[number, number]", "[[0, 0], [1, -1], [2, 3]]";
    param slug: Slug = "string", r#"["", "a-b", "日"]"#;
    param degrees: Degrees = "number", "[0, -1, 360]";
    param switch: NumberOrSwitch = "boolean | number", "[true, 0.5, 7]";
    call plain: Plain = "{ id: number; name: string }", r#"[{"id": 0, "name": ""}, {"id": 1, "name": "a"}, {"id": 2, "name": "日"}]"#;
    call plains: Vec<Plain> = "{ id: number; name: string }[]", r#"[[], [{"id": 0, "name": ""}], [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]]"#;
    call camel: Camel = "{ firstName: string; URL: string }", r#"[{"firstName": "", "URL": ""}, {"firstName": "a", "URL": "b"}, {"firstName": "日", "URL": "c"}]"#;
    call dashed: Dashed = r#"{ "data-id": number; class: boolean }"#, r#"[{"data-id": 0, "class": true}, {"data-id": 1, "class": false}, {"data-id": 2, "class": true}]"#;
    call closed: Closed = "{ id: number }", r#"[{"id": 0}, {"id": 1}, {"id": 2}]"#;
    call aliased: Aliased = "{ new: number }", r#"[{"new": 0}, {"new": 1}, {"new": 2}]"#;
    call texts: Texts = "{ value: string }", r#"[{"value": "0"}, {"value": "1"}, {"value": "18446744073709551615"}]"#;
    call shape: Shape = r#"{ shape: "circle"; radius: number } | { shape: "square"; side: number } | { shape: "dot" }"#, r#"[{"shape": "circle", "radius": 1e17}, {"shape": "square", "side": 0.5}, {"shape": "dot"}]"#;
    call parts: Parts = r#"{ t: "Unit" } | { t: "One"; c: number } | { t: "Two"; c: [number, string] } | { t: "Fields"; c: { a: boolean } }"#, r#"[{"t": "Unit"}, {"t": "One", "c": 1}, {"t": "Two", "c": [1, "a"]}, {"t": "Fields", "c": {"a": true}}]"#;
    call mixed: Mixed = r#""Unit" | { One: number } | { Two: [number, string] } | { Fields: { a: boolean } }"#, r#"["Unit", {"One": 1}, {"Two": [1, "a"]}, {"Fields": {"a": true}}]"#;
    call any: Any = "number | string | number[] | { a: boolean }", r#"[1e17, "5", [], [1], {"a": true}]"#;
    call loud: Loud = r#""SMALL_ONE" | { BIG_ONE: { someField: number } }"#, r#"["SMALL_ONE", {"BIG_ONE": {"someField": 0}}, {"BIG_ONE": {"someField": 255}}]"#;
    call tree: Tree = "c.Tree", r#"[{"value": 0, "children": []}, {"value": 1, "children": [{"value": 2, "children": []}]}, {"value": 3, "children": []}]"#;
    call map_state: BTreeMap<Status, u8> = r#"Partial<Record<"open" | "in-work" | "done", number>>"#, r#"[{}, {"open": 1}, {"done": 2, "in-work": 3}]"#;
    call page_plain: Page<Plain> = "{ items: { id: number; name: string }[]; next?: number | null }" => "{ items: { id: number; name: string }[]; next: number | null }", r#"[{"items": [], "next": null}, {"items": [{"id": 1, "name": "a"}], "next": 2}, {"items": [], "next": 0}]"#;
    call page_id: Page<Id> = "{ items: number[]; next?: number | null }" => "{ items: number[]; next: number | null }", r#"[{"items": [], "next": null}, {"items": [1], "next": 2}, {"items": [1, 2], "next": 0}]"#;
    call both_text: Both<String> = "{ first: string; second?: string | null }" => "{ first: string; second: string | null }", r#"[{"first": "", "second": null}, {"first": "a", "second": ""}, {"first": "b", "second": "c"}]"#;
    call both_big: Both<BigInt> = "{ first: bigint; second?: bigint | null }" => "{ first: bigint; second: bigint | null }", r#"[{"first": 0n, "second": null}, {"first": 1n, "second": 2n}, {"first": -1n, "second": 9007199254740993n}]"#;
    call filled: Filled = "{ count?: number }" => "{ count: number }", r#"[{"count": 0}, {"count": 1}, {"count": 2}]"#;
    call left: Left = "{ note?: string | null }", r#"[{}, {"note": ""}, {"note": "a"}]"#;
    call optionals: Optional = "{ note?: string | null }" => "{ note: string | null }", r#"[{"note": null}, {"note": ""}, {"note": "a"}]"#;
    call wide: Wide = "{ id: bigint; more?: bigint | null }" => "{ id: bigint; more: bigint | null }", r#"[{"id": 0n, "more": null}, {"id": 1n, "more": 2n}, {"id": -1n, "more": 9007199254740993n}]"#;
    call flat_choice: FlatChoice = r#"{ id: number } & ({ shape: "circle"; radius: number } | { shape: "square"; side: number } | { shape: "dot" } | { radius?: never; shape?: never; side?: never })"#, r#"[{"id": 0}, {"id": 1, "shape": "circle", "radius": 1e17}, {"id": 2, "shape": "dot"}]"#;
    call flattened: Flattened = "{ id: number; name: string } & Record<string, unknown>", r#"[{"id": 0, "name": ""}, {"id": 1, "name": "a", "b": true}, {"id": 2, "name": "b", "c": false, "d": true}]"#;
    call chain: Chain = "c.ChainInput" => "c.Chain", r#"[{"next": null}, {"next": {"next": null}}, {"next": {"next": {"next": null}}}]"#;
    call newtypes: Newtypes = r#"{ kind: "Plain"; id: number; name: string } | { kind: "Wide"; id: bigint; more?: bigint | null }"# => r#"{ kind: "Plain"; id: number; name: string } | { kind: "Wide"; id: bigint; more: bigint | null }"#, r#"[{"kind": "Plain", "id": 1, "name": "a"}, {"kind": "Wide", "id": 1n, "more": null}, {"kind": "Wide", "id": -1n, "more": 2n}]"#;
    call empty: Empty = "Record<string, unknown>", r#"[{}, {}, {}]"#;
    call unit_struct: Unit = "null", "[null, null, null]";
}

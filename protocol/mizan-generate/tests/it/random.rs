//! Random documents out of text that tries to break out. A seed gives one document.

use mizan_schema::Document;
use serde_json::{Map, Value, json};

/// Text that ends strings, comments, elements or lines, or hides, or is a word of JavaScript.
pub(crate) const HOSTILE: &[&str] = &[
    "",
    " ",
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "*/",
    "*/ alert(1) /*",
    "${alert(1)}",
    "`+alert(1)+`",
    "\n",
    "\r\n",
    "\u{2028}",
    "\u{2029}",
    "\0",
    "\u{7f}",
    "\u{85}",
    "</script>",
    "<!--",
    "-->",
    "//",
    "/// <reference path=\"x\"/>",
    "/**",
    "@ts-ignore",
    "@ts-nocheck",
    "* @ts-expect-error",
    "@jsx alert",
    "x@jsxImportSource y",
    "#__PURE__",
    "# sourceMappingURL=data:x",
    "@internal",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "default",
    "delete",
    "class",
    "await",
    "arguments",
    "Promise",
    "Record",
    "Array",
    "object",
    "string",
    "any",
    "never",
    "😀",
    "e\u{301}",
    "\u{202e}gnirts",
    "\u{200b}",
    "\u{feff}",
    "日本",
    "ünï",
    "a.b",
    "a/b",
    "a~b",
    "a%41",
    "0",
    "1a",
    "-1",
    "1e9",
    "\"; alert(1); \"",
    "};alert(1);{",
    "]]>",
    "a b",
    "A-B",
    "$",
    "_",
    "$defs",
    "Profile",
    "profile",
    "Profile2",
    "[key: string]",
    "readonly",
    "get x",
    "x?",
    "export default 1",
    "\u{1f}import \"x\"",
];

/// Wire names that are legal and awkward.
const WIRE: &[&str] = &[
    "a",
    "a_b",
    "a__b",
    "a_b_",
    "a1",
    "a_1",
    "mizan",
    "args",
    "params",
    "data",
    "value",
    "item",
    "user",
    "user_context",
    "use_mizan",
    "delete",
    "class",
    "default",
    "new",
    "await",
    "con",
    "nul",
    "com1",
    "index",
    "global",
    "types",
    "calls",
    "react",
    "vue",
    "svelte",
    "h",
    "list",
    "prefetch",
    "provide_mizan",
    "to_string",
    "map",
    "set",
    "promise",
    "error",
    "fetch",
    "fetch_user_context",
    "mizan_context",
    "name",
    "key",
    "undefined",
    "eval",
];

/// The generator of splitmix64: small, and good enough to choose.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Not a multiple of the step below, or seeds would share one sequence.
        let mut random = Self(seed ^ 0x5851_f42d_4c95_7f2d);
        random.0 = random.next().wrapping_mul(0xd134_2543_de82_ef95);
        random
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut next = self.0;
        next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        next ^ (next >> 31)
    }

    pub(crate) fn text(&mut self) -> String {
        (0..=self.below(3)).map(|_| HOSTILE[self.below(HOSTILE.len())]).collect()
    }

    fn wire(&mut self) -> &'static str {
        WIRE[self.below(WIRE.len())]
    }
}

/// A document whose wire names are legal and all else is not to be trusted.
pub(crate) fn document(seed: u64) -> Document {
    let random = &mut Random::new(seed);
    let defs: Vec<String> = (0..random.below(9)).map(|_| random.text()).collect();
    let mut functions = Map::new();
    let mut contexts = Map::new();
    for _ in 0..random.below(4) {
        let wire = random.wire();
        let members: Vec<_> = (0..random.below(4)).map(|_| random.wire()).collect();
        let params = params(random, &defs);
        for member in &members {
            let read = json!({
                "kind": "read", "context": wire, "doc": random.text(),
                "params": params, "result": schema(random, &defs, 3),
            });
            functions.insert((*member).to_owned(), read);
        }
        contexts.insert(wire.to_owned(), json!({ "params": params, "doc": random.text() }));
    }
    for _ in 0..random.below(8) {
        let mut call =
            json!({ "kind": "call", "params": params(random, &defs), "doc": random.text() });
        call["result"] = schema(random, &defs, 3);
        call["affects"] = json!([{ "context": random.wire(), "function": random.wire() }]);
        functions.insert(random.wire().to_owned(), call);
    }
    // A name may have been given twice, so membership is read off the functions at the end.
    for (wire, context) in &mut contexts {
        let member = |function: &Value| function["context"] == wire.as_str();
        let members = functions.iter().filter(|(_, function)| member(function));
        context["functions"] = members.map(|(name, _)| name.as_str()).collect();
    }
    let schemas: Map<String, Value> =
        defs.iter().map(|name| (name.clone(), schema(random, &defs, 4))).collect();
    let document = json!({
        "mizan": 1, "functions": functions, "contexts": contexts, "$defs": schemas,
    });
    serde_json::from_value(document).unwrap()
}

fn params(random: &mut Random, defs: &[String]) -> Value {
    let mut params = Map::new();
    for _ in 0..random.below(4) {
        let name = random.wire();
        let mut param = json!({ "name": name, "required": random.below(2) == 0 });
        param["schema"] = schema(random, defs, 1);
        if random.below(3) == 0 {
            param["default"] = json!(random.text());
        }
        params.insert(name.to_owned(), param);
    }
    params.into_iter().map(|(_, param)| param).collect()
}

fn schema(random: &mut Random, defs: &[String], depth: usize) -> Value {
    let mut schema = shape(random, defs, depth);
    if let Some(keywords) = schema.as_object_mut() {
        if random.below(3) == 0 {
            keywords.insert("description".to_owned(), json!(random.text()));
        }
        if random.below(8) == 0 {
            keywords.insert("default".to_owned(), json!({ random.text(): [random.text()] }));
        }
        if random.below(12) == 0 {
            keywords.insert("deprecated".to_owned(), json!(true));
        }
    }
    schema
}

fn shape(random: &mut Random, defs: &[String], depth: usize) -> Value {
    let choices = if depth == 0 { 14 } else { 26 };
    match random.below(choices) {
        0 => json!(true),
        1 => json!(false),
        2 => json!({ "type": "string", "format": random.text() }),
        3 => json!({ "type": ["integer", "null"], "format": "int64" }),
        4 => json!({ "type": "string", "format": "mizan-bigint" }),
        5 => json!({ "type": ["string", "null"], "format": "mizan-bigint" }),
        6 => json!({ "type": "string", "enum": [random.text(), random.text()] }),
        7 => json!({ "const": random.text() }),
        8 => {
            json!({ "enum": [1, -2.5, null, true, 1e300, { random.text(): [random.text(), {}] }] })
        }
        9 => json!({ "type": random.text(), random.text(): random.text() }),
        10..=13 if !defs.is_empty() => {
            let name = defs[random.below(defs.len())].replace('~', "~0").replace('/', "~1");
            json!({ "$ref": format!("#/$defs/{name}") })
        }
        10 => json!({ "not": {} }),
        11 => json!({ "type": "boolean" }),
        12 => json!({ "type": "object" }),
        13 => json!({}),
        14..=16 => object(random, defs, depth),
        17 => json!({ "type": "array", "items": schema(random, defs, depth - 1) }),
        18 => json!({ "type": ["array", "null"], "items": schema(random, defs, depth - 1) }),
        19 => json!({
            "type": "array", "items": schema(random, defs, depth - 1),
            "prefixItems": [schema(random, defs, depth - 1), schema(random, defs, depth - 1)],
            "maxItems": 2 + random.below(2),
        }),
        20 => json!({ "additionalProperties": schema(random, defs, depth - 1) }),
        21 => json!({ "oneOf": several(random, defs, depth) }),
        22 => json!({ "anyOf": several(random, defs, depth) }),
        23 => json!({ "allOf": several(random, defs, depth) }),
        24 => json!({ "oneOf": tagged(random, defs, depth) }),
        _ => {
            let mut schema = object(random, defs, depth);
            schema["patternProperties"] =
                json!({ random.text(): self::schema(random, defs, depth - 1) });
            schema["anyOf"] = tagged(random, defs, depth);
            schema
        }
    }
}

fn several(random: &mut Random, defs: &[String], depth: usize) -> Value {
    (0..random.below(4)).map(|_| schema(random, defs, depth - 1)).collect()
}

fn object(random: &mut Random, defs: &[String], depth: usize) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for _ in 0..random.below(5) {
        let name = random.text();
        if random.below(2) == 0 {
            required.push(name.clone());
        }
        properties.insert(name, schema(random, defs, depth - 1));
    }
    let mut object = json!({ "type": "object", "properties": properties, "required": required });
    match random.below(5) {
        0 => object["additionalProperties"] = json!(false),
        1 => object["additionalProperties"] = schema(random, defs, depth - 1),
        _ => {}
    }
    object
}

fn tagged(random: &mut Random, defs: &[String], depth: usize) -> Value {
    let tag = random.text();
    let mut variants = Vec::new();
    for _ in 0..=random.below(3) {
        let mut variant = object(random, defs, depth);
        variant["properties"][&tag] = json!({ "type": "string", "const": random.text() });
        variant["required"] = json!([tag]);
        variants.push(variant);
    }
    Value::from(variants)
}

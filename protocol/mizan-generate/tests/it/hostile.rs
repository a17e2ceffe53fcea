//! Text of a document never becomes code: every client parses, and holds what it should and no more.

use std::collections::{BTreeSet, HashSet};

use mizan_generate::{Generated, Options, Target, generate};
use mizan_schema::{Document, Kind};

use crate::parsed::{Declared, parse};
use crate::random::{HOSTILE, Random, document};

const FRAMEWORKS: [Target; 3] = [Target::React, Target::Vue, Target::Svelte];
const PACKAGES: [&str; 3] = ["@mizan/react", "@mizan/vue", "@mizan/svelte"];

/// As many as the project's figures ask of every change, or of a deep run.
pub(crate) fn seeds() -> std::ops::Range<u64> {
    if std::env::var_os("MIZAN_DEEP").is_some() { 0..10_000 } else { 0..600 }
}

#[test]
fn hostile_documents_declare_what_they_should() {
    for seed in seeds() {
        let document = document(seed);
        for target in FRAMEWORKS {
            let options = Options { targets: vec![target], ..Options::default() };
            let client = generate(&document, &options)
                .unwrap_or_else(|error| panic!("seed {seed}: {:?}", error.problems()));
            check(&document, &client);
        }
    }
}

#[track_caller]
fn check(document: &Document, client: &Generated) {
    let mut names = HashSet::new();
    for file in &client.files {
        check_text(&file.text);
        let declared = parse(file);
        for name in declared.iter().filter_map(Declared::name) {
            assert!(names.insert(name.to_owned()), "`{name}` twice, again in {}", file.path);
        }
        check_imports(&declared);
        match file.path.as_str() {
            "types.ts" => check_types(document, &declared),
            "calls.ts" => check_calls(document, &declared),
            "index.ts" => assert!(declared.iter().all(|one| matches!(one, Declared::Export(_)))),
            "react.tsx" => {
                check_functions(&declared);
                check_hooks(document, &declared);
            }
            "decode.ts" | "vue.ts" | "svelte.ts" => check_functions(&declared),
            path if path.starts_with("contexts/") => check_context(document, &declared),
            path => panic!("a file {path}"),
        }
    }
}

/// What no parser shows: characters that hide, words that steer a tool.
#[track_caller]
fn check_text(text: &str) {
    let hidden = |char: char| {
        char != '\n'
            && (char.is_control()
                || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{feff}'))
    };
    assert!(!text.contains(hidden), "a hidden character in\n{text}");
    for word in ["@ts-", "@jsx", "@internal", "///", "</script", "<!--", "sourceMappingURL="] {
        // In a string they are inert, except those that a page would see.
        let comment = |line: &&str| {
            ["* ", "/**", "//"].iter().any(|start| line.trim_start().starts_with(start))
        };
        let found = text.lines().filter(comment).find(|line| line.contains(word));
        assert_eq!(found, None, "{word} in\n{text}");
        assert!(!word.starts_with('<') || !text.contains(word), "{word} in\n{text}");
    }
}

#[track_caller]
fn check_imports(declared: &[Declared]) {
    let mut local = HashSet::new();
    for one in declared {
        if let Declared::Import(names) = one {
            for name in names {
                assert!(local.insert(name.as_str()), "`{name}` imported twice");
            }
        }
    }
    assert!(declared.iter().filter_map(Declared::name).all(|name| !local.contains(name)));
}

/// One declaration for each definition, in order; interfaces have exactly the schema's keys.
#[track_caller]
fn check_types(document: &Document, declared: &[Declared]) {
    if document.defs.is_empty() {
        assert_eq!(declared, [Declared::Nothing]);
        return;
    }
    assert_eq!(declared.len(), document.defs.len());
    for (schema, one) in document.defs.values().zip(declared) {
        let Declared::Interface(_, keys) = one else {
            assert!(matches!(one, Declared::Alias(_)), "{one:?}");
            continue;
        };
        let keys: BTreeSet<_> =
            keys.iter().map(String::as_str).filter(|key| *key != "[]").collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let wanted: BTreeSet<_> = properties.map(|(key, _)| key.as_str()).collect();
        if schema.get("const").is_none()
            && schema.get("enum").is_none()
            && !schema["oneOf"].is_array()
            && !schema["anyOf"].is_array()
            && !schema["allOf"].is_array()
        {
            assert_eq!(keys, wanted);
        }
    }
}

#[track_caller]
fn check_calls(document: &Document, declared: &[Declared]) {
    let calls = document.functions.iter().filter(|(_, function)| function.kind == Kind::Call);
    let wanted: Vec<_> = calls.map(|(name, _)| name.as_str()).collect();
    let definitions: Vec<_> = declared
        .iter()
        .filter_map(|one| match one {
            Declared::Definition { define, wire, .. } => {
                assert_eq!(define, "defineCall");
                Some(wire.as_str())
            }
            _ => None,
        })
        .collect();
    assert_eq!(definitions, wanted);
    let functions = declared.iter().filter(|one| matches!(one, Declared::Function(_)));
    assert_eq!(functions.count(), wanted.len());
    assert!(!declared.iter().any(|one| matches!(one, Declared::Helper(_) | Declared::Export(_))));
}

#[track_caller]
fn check_context(document: &Document, declared: &[Declared]) {
    let body: Vec<_> = declared.iter().filter(|one| !matches!(one, Declared::Import(_))).collect();
    let [params, data, Declared::Definition { define, wire, .. }, Declared::Function(_)] =
        body.as_slice()
    else {
        panic!("{declared:?}");
    };
    assert_eq!(define, "defineContext");
    let context = &document.contexts[wire];
    let names = |one: &Declared| match one {
        Declared::Interface(_, keys) => keys.clone(),
        Declared::Alias(_) => Vec::new(),
        other => panic!("{other:?}"),
    };
    let mut wanted: Vec<_> = context.params.iter().map(|param| param.name.clone()).collect();
    wanted.sort();
    assert_eq!(names(params), wanted);
    assert_eq!(names(data), context.functions);
}

#[track_caller]
fn check_functions(declared: &[Declared]) {
    for one in declared {
        let expected = match one {
            Declared::Import(_) | Declared::Function(_) => true,
            Declared::Export(from) => PACKAGES.contains(&from.as_str()),
            Declared::Helper(name) => name == "GlobalContext",
            _ => false,
        };
        assert!(expected, "{one:?}");
    }
}

/// Each read has a hook of React and one that suspends, next to each other.
#[track_caller]
fn check_hooks(document: &Document, declared: &[Declared]) {
    let functions: Vec<_> = declared
        .iter()
        .filter_map(|one| match one {
            Declared::Function(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let contexts = document.contexts.len();
    let members: usize = document.contexts.values().map(|context| context.functions.len()).sum();
    let calls = document.functions.values().filter(|function| function.kind == Kind::Call).count();
    // The provider, two for each read, and one for each call.
    assert_eq!(functions.len(), 1 + 2 * (contexts + members) + calls);
    let twice = functions.windows(2).filter(|pair| is_suspense(pair[0], pair[1]));
    assert_eq!(twice.count(), contexts + members, "{functions:?}");
}

/// Whether the second name is that of a hook which suspends, and the first that of the same hook without.
fn is_suspense(plain: &str, name: &str) -> bool {
    name.strip_suffix("Suspense") == Some(plain)
}

#[test]
fn hostile_wire_names_are_refused() {
    for seed in seeds() {
        let random = &mut Random::new(seed);
        let name = random.text();
        let legal =
            name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'));
        if legal && name.starts_with(|first: char| first.is_ascii_lowercase()) {
            continue;
        }
        let mut hostile = document(seed);
        let place = random.below(3);
        match place {
            0 => hostile.functions.extend([(name.clone(), call())]),
            1 => hostile.contexts.extend([(name.clone(), context())]),
            _ => {
                let mut function = call();
                function.params = serde_json::from_value(serde_json::json!([
                    { "name": name, "schema": true, "required": true }
                ]))
                .unwrap();
                hostile.functions.extend([("call".to_owned(), function)]);
            }
        }
        let refused = generate(&hostile, &Options::default()).expect_err(&name);
        assert!(
            refused.problems().iter().any(|problem| problem.to_string().contains("not a name"))
        );
    }
}

#[test]
fn words_of_the_language_are_legal_in_every_place_that_takes_text() {
    for word in HOSTILE {
        let document = serde_json::from_value(serde_json::json!({
            "mizan": 1, "contexts": {}, "functions": {},
            "$defs": { word.to_owned(): {
                "type": "object", "description": word, "required": [word],
                "properties": { word.to_owned(): { "const": word, "default": word } },
            } },
        }))
        .unwrap();
        check(&document, &generate(&document, &Options::default()).unwrap());
    }
}

#[test]
fn hostile_options_are_refused_or_left_out() {
    let document = document(1);
    for word in HOSTILE {
        let options = Options { config: (*word).to_owned(), ..Options::default() };
        check(&document, &generate(&document, &options).unwrap());
        let options = Options { error: Some((*word).to_owned()), ..Options::default() };
        match generate(&document, &options) {
            Ok(client) => check(&document, &client),
            Err(refused) => assert_eq!(refused.problems().len(), 1),
        }
    }
}

fn call() -> mizan_schema::Function {
    serde_json::from_value(serde_json::json!({ "kind": "call", "params": [] })).unwrap()
}

fn context() -> mizan_schema::Context {
    serde_json::from_value(serde_json::json!({ "params": [], "functions": [] })).unwrap()
}

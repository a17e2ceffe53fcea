//! The same document gives the same bytes, in whatever order its text was written.

use mizan_generate::{Options, Target, generate, sample};
use serde_json::Value;

use crate::random::{Random, document};

fn shuffled(value: &Value, random: &mut Random) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            for index in (1..entries.len()).rev() {
                entries.swap(index, random.below(index + 1));
            }
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| {
                    format!("{}:{}", Value::from(key.as_str()), shuffled(value, random))
                })
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| shuffled(item, random)).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

#[test]
fn order_of_keys_has_no_effect() {
    for seed in 0..100 {
        let document = document(seed);
        let client = generate(&document, &Options::default()).unwrap();
        let value = serde_json::to_value(&document).unwrap();
        let other = shuffled(&value, &mut Random::new(seed + 1));
        let other = serde_json::from_str(&other).unwrap();
        assert_eq!(generate(&other, &Options::default()).unwrap(), client, "seed {seed}");
    }
}

#[test]
fn order_of_targets_has_no_effect() {
    let document = document(7);
    let with = |targets: &[Target]| {
        let options = Options { targets: targets.to_vec(), ..Options::default() };
        generate(&document, &options).unwrap()
    };
    let both = with(&[Target::React, Target::Vanilla]);
    assert_eq!(with(&[Target::Vanilla, Target::React, Target::React]), both);
    assert_eq!(with(&[Target::React]), both);
}

/// Stage 1 is the same files whatever comes on top, apart from the index.
#[test]
fn a_framework_adds_one_file() {
    let document = document(7);
    let paths = |targets: &[Target]| {
        let options = Options { targets: targets.to_vec(), ..Options::default() };
        let client = generate(&document, &options).unwrap();
        client.files.into_iter().filter(|file| file.path != "index.ts").collect::<Vec<_>>()
    };
    let frameworks =
        [(Target::React, "react.tsx"), (Target::Vue, "vue.ts"), (Target::Svelte, "svelte.ts")];
    for (target, name) in frameworks {
        let mut files = paths(&[target]);
        let all = files.len();
        files.retain(|file| file.path != name);
        assert_eq!((files.len(), &files), (all - 1, &paths(&[Target::Vanilla])), "{name}");
    }
}

/// Frameworks have the same names, so an index of several could not export them.
#[test]
fn the_index_exports_the_framework_where_there_is_one() {
    let index = |targets: &[Target]| {
        let options = Options { targets: targets.to_vec(), ..Options::default() };
        let client = generate(&document(7), &options).unwrap();
        client.files.into_iter().find(|file| file.path == "index.ts").unwrap().text
    };
    assert!(index(&[Target::Vue]).contains("export * from \"./vue.js\";"));
    assert!(index(&[Target::Svelte, Target::Vanilla]).contains("export * from \"./svelte.js\";"));
    let several = [Target::React, Target::Vue, Target::Svelte];
    assert_eq!(index(&several), index(&[Target::Vanilla]));
}

#[test]
fn sample_documents_have_the_size_asked_for() {
    for size in [0, 1, 9, 10, 123] {
        let document = sample::document(size);
        assert_eq!(document.functions.len(), size);
        let client = generate(&document, &Options::default()).unwrap();
        assert_eq!(client.warnings, Vec::<String>::new());
    }
    assert_eq!(
        serde_json::to_value(sample::document(50)).unwrap(),
        serde_json::to_value(sample::document(50)).unwrap()
    );
}

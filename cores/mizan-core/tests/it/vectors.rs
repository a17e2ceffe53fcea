//! The vectors of the published implementation: headers and manifests. A `judgement` wins.

use mizan_core::invalidate_header::{self, HeaderTarget};
use mizan_core::{Builder, Function, Manifest, View};
use serde_json::{Value, json};

use crate::support::param;

fn load(name: &str) -> Value {
    let path = format!("{}/../../protocol/conformance/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text of a typed value, as our header writes it.
fn text(pair: &Value) -> Option<String> {
    let (kind, text) = (pair[0].as_str()?, pair[1].as_str()?);
    match kind {
        "str" | "int" | "bool" => Some(text.into()),
        "null" => Some("null".into()),
        // Through a mutation, so that the text is the one of the product.
        "float" => Some(float_text(text)),
        _ => None,
    }
}

fn float_text(number: &str) -> String {
    let functions = [
        read("c", &["v:float"]),
        Function::dynamic("m", vec![param("v:float")], |_, _| async { Ok(Value::Null) })
            .affects("c")
            .scope("v", "v"),
    ];
    let mizan = crate::support::build(functions);
    let body = format!(r#"{{"fn":"m","args":{{"v":{number}}}}}"#);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reply = runtime.block_on(crate::support::send(&mizan, &crate::support::post_call(), &body));
    invalidate_header::parse(reply.header("x-mizan-invalidate").unwrap()).unwrap()[0].params[0]
        .1
        .clone()
}

fn read(context: &'static str, params: &[&str]) -> Function {
    let params = params.iter().map(|text| param(text)).collect();
    Function::dynamic(format!("{context}_read"), params, |_, _| async { Ok(Value::Null) })
        .context(context)
}

#[test]
fn every_header_is_written_as_the_vectors_say() {
    let mut ran = 0;
    for case in list(&load("invalidate_header.json")["cases"]) {
        let id = case["id"].as_str().unwrap();
        let targets: Vec<Option<HeaderTarget>> = list(&case["invalidate"])
            .map(|target| {
                let name = target.as_str().or(target["context"].as_str()).unwrap();
                let params = target["params"].as_object().into_iter().flatten();
                let params = params.map(|(name, value)| Some((name.clone(), text(value)?)));
                Some(HeaderTarget { context: name.into(), params: params.collect::<Option<_>>()? })
            })
            .collect();
        ran += 1;
        let Some(targets) = targets.into_iter().collect::<Option<Vec<_>>>() else {
            // An object is no parameter: `build()` refuses it.
            assert!(case["judgement"].as_str().unwrap().starts_with("reject"), "{id}");
            continue;
        };
        let written = invalidate_header::write(&targets);
        let expected = match id {
            // Judgement: lower case, as the cache key has it.
            "hdr-058" => "c;v=true".into(),
            _ => case["header"].as_str().unwrap().to_owned(),
        };
        let legal =
            targets.iter().all(|target| target.context.bytes().all(|b| b.is_ascii_alphanumeric()));
        if legal {
            assert_eq!(written, expected, "{id}");
        } else {
            // Judgement: refused at registration, and never written raw.
            assert!(case["judgement"].is_string(), "{id}");
            assert!(written.bytes().all(|b| b.is_ascii_graphic() || b == b' '), "{id}");
            let context = targets[0].context.clone();
            let read = Function::dynamic("r", Vec::new(), |_, _| async { Ok(Value::Null) });
            assert!(Builder::empty().function(read.context(context)).build().is_err(), "{id}");
        }
        assert_eq!(invalidate_header::parse(&written).unwrap(), targets, "{id}");
    }
    assert_eq!(ran, 27);
}

/// A function of a vector's registry. `Err` where a single declaration is refused already.
fn declared(function: &Value) -> Result<Function, String> {
    let params = list(&function["params"]).map(|described| {
        let kind = match described["type"].as_str().unwrap() {
            "int" => "",
            "str" => ":text",
            "bool" => ":bool",
            other => panic!("type {other}"),
        };
        let default = described.get("default").map(|value| format!("={value}")).unwrap_or_default();
        param(&format!("{}{kind}{default}", described["name"].as_str().unwrap()))
    });
    let (name, params) = (function["name"].as_str().unwrap().to_owned(), params.collect());
    let mut built = match function["returns"].as_str() {
        Some("response") => {
            Function::dynamic_view(name, params, |_, _| async { Ok(View::empty(200)) })
        }
        _ => Function::dynamic(name, params, |_, _| async { Ok(Value::Null) }),
    };
    built = built.visibility(mizan_core::Visibility::Public);
    let text = |key: &str| function[key].as_str().map(str::to_owned);
    let texts = |key: &str| match &function[key] {
        Value::String(one) => vec![one.clone()],
        many => list(many).map(|one| one.as_str().unwrap().to_owned()).collect(),
    };
    if let Some(context) = text("context") {
        built = built.context(context);
    }
    built = texts("affects").into_iter().fold(built, |built, target| built.affects(target));
    built = texts("merge").into_iter().fold(built, |built, target| built.merge(target));
    if let Some(route) = text("route") {
        built = built.route(route);
    }
    built = texts("methods").into_iter().fold(built, |built, method| built.method(method));
    if function["private"] == true {
        built = built.private();
    }
    match &function["auth"] {
        Value::String(role) if role == "staff" => Ok(built.auth_staff()),
        Value::String(role) if role == "superuser" => Ok(built.auth_superuser()),
        Value::String(role) => Err(format!("unknown auth {role}")),
        Value::Bool(true) => Ok(built.auth_required()),
        _ => Ok(built),
    }
}

/// A manifest without what this project adds, and with members as a set.
fn comparable(manifest: &Manifest) -> Value {
    let mut value = json!(manifest);
    value.as_object_mut().unwrap().remove("batch");
    for context in value["contexts"].as_object_mut().unwrap().values_mut() {
        for own in ["shapes", "batch"] {
            context.as_object_mut().unwrap().remove(own);
        }
        for function in context["functions"].as_array_mut().unwrap() {
            function.as_object_mut().unwrap().remove("auth");
        }
    }
    sorted(value)
}

fn sorted(mut value: Value) -> Value {
    for context in value["contexts"].as_object_mut().unwrap().values_mut() {
        let functions = context["functions"].as_array_mut().unwrap();
        functions.sort_by_key(|function| function["name"].to_string());
    }
    value
}

#[test]
fn every_manifest_is_the_one_of_the_vectors() {
    let mut ran = 0;
    for case in list(&load("edge_manifest.json")["cases"]) {
        let functions = list(&case["registry"]).map(|function| declared(function).unwrap());
        let mut builder = Builder::empty().allow_empty().functions(functions);
        builder = builder.mount(case["base_url"].as_str().unwrap());
        for (context, paths) in case["view_urls"].as_object().unwrap() {
            for path in list(paths) {
                builder = builder.page_route(context.clone(), path.as_str().unwrap());
            }
        }
        let manifest = builder.build().unwrap().manifest();
        assert_eq!(comparable(&manifest), sorted(case["manifest"].clone()), "{}", case["id"]);
        ran += 1;
    }
    assert_eq!(ran, 3);
}

#[test]
fn graphs_are_refused_as_the_vectors_say() {
    let vectors = load("edge_manifest.json");
    let build = |functions: Vec<&Value>| -> Result<(), String> {
        let functions = functions.into_iter().map(declared).collect::<Result<Vec<_>, _>>()?;
        Builder::empty().functions(functions).build().map(drop).map_err(|error| error.to_string())
    };
    for case in list(&vectors["graph_checks"]) {
        let accepted = case["judgement"].as_str().is_some_and(|text| text.starts_with("accepted"));
        let refused = build(list(&case["registry"]).collect()).is_err();
        assert_eq!(refused, case["refused"] == true && !accepted, "{}", case["title"]);
    }
    for case in list(&vectors["declaration_checks"]) {
        assert_eq!(
            build(vec![&case["function"]]).is_err(),
            case["refused"] == true,
            "{}",
            case["title"]
        );
    }
    assert_eq!(
        (list(&vectors["graph_checks"]).count(), list(&vectors["declaration_checks"]).count()),
        (2, 4)
    );
}

/// The parameters of a key, as texts by name. The published implementation writes lists in a form of
/// its own, which is in the message.
fn texts(case: &Value) -> std::collections::BTreeMap<String, String> {
    let message: Value = serde_json::from_str(case["message"].as_str().unwrap()).unwrap();
    let named = case["params"].as_object().into_iter().flatten();
    let text = |(name, pair): (&String, &Value)| {
        let text = text(pair).or_else(|| message["p"][name].as_str().map(str::to_owned));
        (name.clone(), text.unwrap())
    };
    named.map(text).collect()
}

#[test]
fn every_cache_key_is_the_one_of_the_vectors() {
    let mut ran = 0;
    for case in list(&load("cache_keys.json")["cases"]) {
        let key = mizan_core::derive_cache_key(
            case["secret"].as_str().unwrap().as_bytes(),
            case["context"].as_str().unwrap(),
            &texts(case),
            case["user_id"][1].as_str(),
            case["rev"].as_str().unwrap().parse().unwrap(),
        );
        assert_eq!(key, case["key"].as_str().unwrap(), "{}", case["id"]);
        ran += 1;
    }
    assert_eq!(ran, 61);
}

#[test]
fn the_digest_of_rights_is_the_one_of_the_vectors() {
    let plain = mizan_core::Identity::new("5");
    let digest = "390feabc786e369e55b904251d643b52b52b691c60eb74a498ef7c6df993bf12";
    assert_eq!(plain.rights_digest(), digest);
    let staff = plain.clone().staff(true);
    let able = plain.clone().permission("b").permission("a");
    assert!(![staff.rights_digest(), able.rights_digest()].contains(&plain.rights_digest()));
    assert_eq!(able.rights_digest(), plain.permission("a").permission("b").rights_digest());
}

//! Scoping and covering against an oracle that knows nothing of the graph: what a mutation must
//! make stale is computed entry by entry from the declarations alone.

use std::collections::BTreeMap;

use mizan_core::{Builder, CacheStatus, Error, Function, MemoryCache, Visibility};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{call, get, json as body, param, send};

/// A parameter's name with whether it is optional, from a small pool so that names meet.
type Params = Vec<(usize, bool)>;

const NAMES: [&str; 4] = ["user_id", "page", "org", "tag"];

fn params() -> impl Strategy<Value = Params> {
    prop::collection::btree_map(0..NAMES.len(), any::<bool>(), 0..4)
        .prop_map(|map| map.into_iter().collect())
}

#[derive(Debug, Clone)]
struct Registry {
    /// For each context the parameters of its members.
    contexts: Vec<Vec<Params>>,
    mutation: Params,
    affects: Vec<usize>,
    args: Vec<Option<i64>>,
    /// An entry of each context: values of all names, some null.
    entry: Vec<Option<i64>>,
}

fn registry() -> impl Strategy<Value = Registry> {
    let value = || prop::option::weighted(0.8, 0..3i64);
    let contexts = prop::collection::vec(prop::collection::vec(params(), 1..3), 1..4);
    let affects = prop::collection::vec(0..3usize, 1..4);
    let values = || prop::collection::vec(value(), NAMES.len());
    (contexts, params(), affects, values(), values()).prop_map(
        |(contexts, mutation, affects, args, entry)| {
            let affects = affects.into_iter().map(|at| at % contexts.len()).collect();
            Registry { contexts, mutation, affects, args, entry }
        },
    )
}

fn texts(params: &[(usize, bool)]) -> Vec<String> {
    let text = |(at, optional): &(usize, bool)| {
        format!("{}{}", NAMES[*at], if *optional { "?" } else { "" })
    };
    params.iter().map(text).collect()
}

/// The mutation, refused before it changes anything.
fn refusal(params: &[(usize, bool)]) -> Function {
    let params = texts(params).iter().map(|text| param(text)).collect();
    let refuse = |_, _| async { Err(Error::forbidden("not yours").unchanged()) };
    Function::dynamic("refuse", params, refuse)
}

fn declare(name: String, params: &[(usize, bool)]) -> Function {
    let texts = texts(params);
    crate::support::function(&name, &texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Whether the mutation can have changed an entry: every parameter that both declare, and that has
/// a value on both sides, has the same.
fn oracle(registry: &Registry, context: usize) -> bool {
    let declares =
        |at: usize| registry.contexts[context].iter().flatten().any(|(own, _)| *own == at);
    registry.affects.contains(&context)
        && registry.mutation.iter().all(|(at, _)| {
            let (argument, own) = (registry.args[*at], registry.entry[*at]);
            !declares(*at) || argument.is_none() || own.is_none() || argument == own
        })
}

/// The names that the mutation shares with a context that it affects, and whether each of these
/// contexts requires a value for it.
fn shared(registry: &Registry) -> BTreeMap<usize, bool> {
    let mut shared = BTreeMap::new();
    for context in &registry.affects {
        for (at, _) in &registry.mutation {
            let mut declared =
                registry.contexts[*context].iter().flatten().filter(|own| own.0 == *at);
            let Some((_, optional)) = declared.next() else { continue };
            let required = !optional || declared.any(|(_, optional)| !optional);
            *shared.entry(*at).or_insert(true) &= required;
        }
    }
    shared
}

/// At least 2,000 cases; `cargo xtask deep` asks for more.
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    ProptestConfig { cases: given.cases.max(2_000), ..given }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_may_have_changed_is_covered_and_nothing_else(registry in registry()) {
        let mut functions = Vec::new();
        for (at, members) in registry.contexts.iter().enumerate() {
            for (number, params) in members.iter().enumerate() {
                functions.push(declare(format!("r{at}_{number}"), params).context(format!("c{at}")));
            }
        }
        let mutation = declare("m".into(), &registry.mutation);
        let affect = |function| registry.affects.iter().fold(function, |function: Function, at| function.affects(format!("c{at}")));
        let (mutation, refusal) = (affect(mutation), affect(refusal(&registry.mutation)));
        let build = |scoped: &dyn Fn(Function) -> Function| {
            let calls = [mutation.clone(), refusal.clone()].map(scoped);
            let functions = functions.iter().cloned().chain(calls);
            let functions = functions.map(|function| function.visibility(Visibility::Public));
            Builder::empty().functions(functions).cache(MemoryCache::default()).build()
        };
        // Where a shared name does not identify, `build()` asks, and the response is the same scope.
        let shared = shared(&registry);
        let asks = shared.iter().any(|(_, identifies)| !identifies);
        let built = build(&|function| function);
        prop_assert_eq!(built.is_err(), asks);
        let explicit = |function| shared.iter().fold(function, |function: Function, (at, _)| function.scope(NAMES[*at], NAMES[*at]));
        let mizan = built.or_else(|_| build(&explicit)).unwrap();

        let mut args = Map::new();
        for (at, optional) in &registry.mutation {
            // A required argument has a value, whatever was drawn.
            let value = registry.args[*at].or((!optional).then_some(0));
            args.insert(NAMES[*at].into(), json!(value));
        }
        let drawn = Registry {
            args: (0..NAMES.len()).map(|at| args.get(NAMES[at]).and_then(Value::as_i64)).collect(),
            ..registry.clone()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // Each entry is kept before the call, and kept after it exactly where it is not covered.
        let query: Vec<String> = (0..NAMES.len())
            .filter_map(|at| Some(format!("{}={}", NAMES[at], registry.entry[at]?)))
            .collect();
        let look = |at: usize| {
            let path = format!("/api/mizan/ctx/c{at}/");
            let reply = runtime.block_on(send(&mizan, &get(&path, &query.join("&")), ""));
            // A parameter that is required and was drawn as null names no entry.
            reply.cache_status().filter(|_| reply.status() == 200)
        };
        let readable: Vec<bool> = (0..registry.contexts.len())
            .map(|at| look(at).is_some() && look(at) == Some(CacheStatus::Hit))
            .collect();
        // The same call, refused before any change, makes nothing stale.
        let refused = runtime.block_on(call(&mizan, "refuse", Value::Object(args.clone())));
        prop_assert_eq!((refused.status(), refused.header("x-mizan-invalidate")), (403, None));
        prop_assert!(refused.targets().is_empty());
        for at in (0..readable.len()).filter(|at| readable[*at]) {
            prop_assert_eq!(look(at), Some(CacheStatus::Hit));
        }
        let reply = runtime.block_on(call(&mizan, "m", Value::Object(args)));
        prop_assert_eq!(reply.status(), 200);
        let targets: Vec<mizan_core::Target> =
            serde_json::from_value(body(&reply)["invalidate"].clone()).unwrap();

        for (at, members) in registry.contexts.iter().enumerate() {
            let declared = members.iter().flatten();
            let entry: Map<String, Value> =
                declared.map(|(at, _)| (NAMES[*at].to_owned(), json!(registry.entry[*at]))).collect();
            let name = format!("c{at}");
            let covered = targets.iter().any(|target| target.covers(&name, &entry));
            prop_assert_eq!(covered, oracle(&drawn, at), "{} {:?} {:?}", name, entry, targets);
            if readable[at] {
                let kept = look(at) == Some(CacheStatus::Hit);
                let optional = registry.mutation.iter().filter(|(at, _)| drawn.args[*at].is_some());
                // More than two optional parameters are not distinguished, so more is made stale.
                prop_assert!(!(covered && kept), "{} is stale and kept", name);
                // So do more sets of parameters than a context has tokens for, of which `build()` warns.
                let warned = format!("narrow context `{name}` by more than");
                let merged = mizan.warnings().iter().any(|warning| warning.contains(&warned));
                let kept = kept || optional.count() > 2 || merged;
                prop_assert!(covered || kept, "{} is made stale", name);
            }
        }
        // Body and header say the same.
        let header = mizan_core::invalidate_header::parse(reply.header("x-mizan-invalidate").unwrap()).unwrap();
        prop_assert_eq!(header.len(), targets.len());
        for (header, target) in header.iter().zip(&targets) {
            prop_assert_eq!(&header.context, &target.context);
            prop_assert_eq!(header.params.len(), target.params.len());
        }
    }
}

/// Three optional arguments are seven sets of parameters, and a context has tokens for five.
#[test]
fn sets_of_parameters_that_are_too_many_make_more_stale_and_build_warns() {
    let arguments = [(1, true), (2, true), (3, true)];
    let functions = [
        declare("read".into(), &[(1, false), (2, false), (3, false)]).context("c"),
        declare("write".into(), &arguments).affects("c"),
    ];
    let functions = functions.map(|function| function.visibility(Visibility::Public));
    let builder = Builder::empty().functions(functions);
    let mizan = builder.cache(MemoryCache::default()).build().unwrap();
    let warned = |warning: &String| warning.contains("narrow context `c` by more than 5 sets");
    assert!(mizan.warnings().iter().any(warned), "{:?}", mizan.warnings());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let query = [1, 2, 3].map(|at| format!("{}=0", NAMES[at])).join("&");
    let read = || {
        let read = get("/api/mizan/ctx/c/", &query);
        runtime.block_on(send(&mizan, &read, "")).cache_status()
    };
    assert_eq!((read(), read()), (Some(CacheStatus::Miss), Some(CacheStatus::Hit)));
    let other = json!({ NAMES[1]: 1 });
    runtime.block_on(call(&mizan, "write", other));
    assert_ne!(read(), Some(CacheStatus::Hit), "a wider token stands for the rarest sets");
}

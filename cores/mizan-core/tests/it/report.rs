//! One run of `build()` names every mistake: of the graph, of the settings and of the environment.

use mizan_core::{Builder, CachePolicy, Cors};

use crate::support::function;

#[test]
fn a_bad_configuration_is_one_report() {
    let functions = [
        function("profile", &["user_id"]).context("user"),
        function("profile", &["user_id"]).context("user"),
        function("rename", &["user_id"]).affects("users"),
    ];
    let error = Builder::empty()
        .functions(functions)
        .public_origin("ftp://example.org")
        .cors(Cors::origins(["example.org"]))
        .cache_policy(CachePolicy { breaker_faults: 0, ..CachePolicy::default() })
        .build()
        .unwrap_err();
    let mut messages: Vec<&str> =
        error.problems().iter().map(|problem| problem.message()).collect();
    messages.sort_unstable();
    assert_eq!(
        messages,
        [
            "`breaker_faults` of the cache is 0",
            "`example.org` is not a public origin",
            "`ftp://example.org` is not a public origin",
            "`rename` affects `users`, which does not exist",
            "two functions are called `profile`",
        ]
    );
    assert!(error.problems().iter().all(|problem| !problem.help().is_empty()), "{error}");
    assert!(error.to_string().starts_with("mizan found 5 problems"), "{error}");
}

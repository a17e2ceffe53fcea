//! Which names scope without a `scope`, what `build()` asks about the others, and that its advice holds.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mizan_core::testing::TestRequest;
use mizan_core::{
    Builder, CacheStatus, Context, Function, MemoryCache, Mizan, Request, Result, State, client,
    functions,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{call, function};

#[derive(Context)]
struct IssuesContext;

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Stage {
    Open,
    Closed,
}

/// Two issues in two projects: by issue, its project and its state.
struct Tracker(Mutex<BTreeMap<i64, (i64, Stage)>>);

impl Tracker {
    fn new() -> Self {
        Self(Mutex::new([(1, (7, Stage::Open)), (2, (8, Stage::Open))].into()))
    }

    fn change(&self, issue: i64, change: impl FnOnce(&mut (i64, Stage))) {
        self.0.lock().unwrap().entry(issue).and_modify(change);
    }
}

#[client(context = IssuesContext)]
async fn issues(tracker: State<Tracker>, project_id: i64, state: Option<Stage>) -> Vec<i64> {
    let all = tracker.0.lock().unwrap();
    let fits = |own: &(i64, Stage)| own.0 == project_id && state.is_none_or(|state| state == own.1);
    all.iter().filter(|(_, own)| fits(own)).map(|(issue, _)| *issue).collect()
}

#[client(affects = IssuesContext)]
async fn set_state(tracker: State<Tracker>, issue_id: i64, state: Stage) {
    tracker.change(issue_id, |own| own.1 = state);
}

/// The same as `build()` advises for it.
#[client(affects = IssuesContext, scope = none, name = "set_state")]
async fn set_state_of_any(tracker: State<Tracker>, issue_id: i64, state: Stage) {
    tracker.change(issue_id, |own| own.1 = state);
}

/// The same with the project at hand.
#[client(affects = IssuesContext, scope = [project_id], name = "set_state")]
async fn set_state_in(tracker: State<Tracker>, project_id: i64, issue_id: i64, state: Stage) {
    let _ = project_id;
    tracker.change(issue_id, |own| own.1 = state);
}

/// An id that changes hands: the entries of two projects change.
#[client(affects = IssuesContext, scope = none)]
async fn move_issue(tracker: State<Tracker>, issue_id: i64, project_id: i64) {
    tracker.change(issue_id, |own| own.0 = project_id);
}

/// The same, which names both projects.
#[client(affects = IssuesContext, name = "move_issue")]
async fn move_issue_and_say_so(
    request: &Request,
    tracker: State<Tracker>,
    issue_id: i64,
    project_id: i64,
) -> Result<()> {
    let from = tracker.0.lock().unwrap().get(&issue_id).map(|own| own.0);
    let both = from.into_iter().chain([project_id]);
    request.narrow_to(both.map(|id| IssuesContext::target().with("project_id", id))).await?;
    tracker.change(issue_id, |own| own.0 = project_id);
    Ok(())
}

/// An argument whose name is a word of the language.
#[client(context = "drawer")]
async fn parts(r#type: Option<String>) -> Option<String> {
    r#type
}

#[client(affects = "drawer")]
async fn set_type(r#type: String) {
    let _ = r#type;
}

#[client(affects = "drawer", scope = [r#type], name = "set_type")]
async fn set_type_of_one(r#type: String) {
    let _ = r#type;
}

fn build(functions: impl IntoIterator<Item = Function>) -> Result<Mizan, String> {
    let builder = Builder::empty().functions(functions).state(Tracker::new());
    builder.cache(MemoryCache::default()).build().map_err(|error| error.to_string())
}

async fn read(mizan: &Mizan, query: &str) -> (CacheStatus, Vec<i64>) {
    let response = TestRequest::read::<IssuesContext>().query(query).send(mizan).await;
    (response.cache_status().unwrap(), response.member("issues"))
}

#[test]
fn build_asks_about_a_filter_by_its_name() {
    let refused = build(functions![issues, set_state]).unwrap_err();
    assert!(refused.starts_with("mizan found 1 problem\n"), "{refused}");
    for part in [
        "`state` of `set_state` is also a parameter of context `issues`, and does not say which entries the call touches",
        "`set_state` at cores/mizan-core/tests/it/scopes.rs:",
        "help: write `scope = [state]` if the call touches nothing but entries of that `state`, else `scope = none`",
    ] {
        assert!(refused.contains(part), "{refused}");
    }
}

#[tokio::test]
async fn the_advice_gives_exact_lists() {
    let own_project = json!({ "project_id": 7, "issue_id": 1, "state": "closed" });
    for (write, args, other) in [
        (
            functions![set_state_of_any],
            json!({ "issue_id": 1, "state": "closed" }),
            CacheStatus::Miss,
        ),
        (functions![set_state_in], own_project, CacheStatus::Hit),
    ] {
        let mizan = build(functions![issues].into_iter().chain(write)).unwrap();
        for query in
            ["project_id=7", "project_id=7&state=open", "project_id=7&state=closed", "project_id=8"]
        {
            read(&mizan, query).await;
            assert_eq!(read(&mizan, query).await.0, CacheStatus::Hit);
        }
        assert_eq!(call(&mizan, "set_state", args).await.status(), 200);
        for (query, expected) in [("state=open", vec![]), ("state=closed", vec![1]), ("", vec![1])]
        {
            let read = read(&mizan, &format!("project_id=7&{query}")).await;
            assert_eq!(read, (CacheStatus::Miss, expected), "{query}");
        }
        assert_eq!(read(&mizan, "project_id=8").await, (other, vec![2]));
    }
}

#[tokio::test]
async fn an_id_that_changes_hands_is_named_by_no_scope_or_by_both_entries() {
    for (write, third) in [
        (functions![move_issue], CacheStatus::Miss),
        (functions![move_issue_and_say_so], CacheStatus::Hit),
    ] {
        let mizan = build(functions![issues].into_iter().chain(write)).unwrap();
        for query in ["project_id=7", "project_id=8", "project_id=9"] {
            read(&mizan, query).await;
        }
        call(&mizan, "move_issue", json!({ "issue_id": 1, "project_id": 8 })).await;
        assert_eq!(read(&mizan, "project_id=7").await, (CacheStatus::Miss, vec![]));
        assert_eq!(read(&mizan, "project_id=8").await, (CacheStatus::Miss, vec![1, 2]));
        assert_eq!(read(&mizan, "project_id=9").await, (third, vec![]));
    }
}

#[test]
fn a_scope_that_is_said_is_not_asked_about() {
    for write in [functions![set_state_of_any], functions![set_state_in], functions![move_issue]] {
        build(functions![issues].into_iter().chain(write)).unwrap();
    }
}

#[test]
fn the_words_to_write_are_those_of_the_language() {
    let refused = build(functions![parts, set_type]).unwrap_err();
    assert!(refused.contains("write `scope = [r#type]` if"), "{refused}");
    build(functions![parts, set_type_of_one]).unwrap();
}

/// Several names, several contexts, names that pin, merges, and types that differ: one entry each.
#[test]
fn each_call_is_asked_once() {
    crate::graph::check(
        [
            function("list", &["project_id", "label?:text", "state?:text"]).context("issues"),
            function("board", &["project_id", "open:bool=true", "state?:text"]).context("boards"),
            function("a", &["project_id", "state:text", "label:text"]).affects("issues"),
            function("b", &["state:text"]).affects("issues").affects("boards").affects("list"),
            function("c", &["project_id", "open:text"]).affects("boards"),
            function("d", &["project_id", "open", "state:text"]).affects("boards"),
            function("e", &["project_id", "state:text"]).affects("issues").scope_none(),
            function("f", &["project_id:text", "state:text"]).affects("issues"),
        ],
        expect_test::expect![[r#"
            mizan found 6 problems

            1. `label` and `state` of `a` are also parameters of context `issues`, and do not say which entries the call touches
                 `a`
               help: write `.scope("label", "label").scope("project_id", "project_id").scope("state", "state")`, and leave out each name whose other entries the call touches too; without any of them it is `.scope("project_id", "project_id")`

            2. `state` of `b` is also a parameter of contexts `boards` and `issues`, and does not say which entries the call touches
                 `b`
               help: write `.scope("state", "state")` if the call touches nothing but entries of that `state`, else `.scope_none()`

            3. `open` of `c` is also a parameter of context `boards`, and does not say which entries the call touches
                 `c`
               help: write `.scope("project_id", "project_id")`; `open` can be in the scope once you give it one type in both

            4. `open` and `state` of `d` are also parameters of context `boards`, and do not say which entries the call touches
                 `d`
               help: write `.scope("project_id", "project_id").scope("state", "state")` if the call touches nothing but entries of that `state`, else `.scope("project_id", "project_id")`; `open` can be in the scope once you give it one type in both

            5. argument `project_id` of `f` and parameter `project_id` of context `issues` have different types
                 `f`
               help: give them one type if they mean the same thing, else write `.scope_none()`

            6. `state` of `f` is also a parameter of context `issues`, and does not say which entries the call touches
                 `f`
               help: write `.scope("project_id", "project_id").scope("state", "state")` if the call touches nothing but entries of that `state`, else `.scope("project_id", "project_id")`"#]],
    );
}

/// A scope may name a parameter of a context that is only merged into.
#[test]
fn a_scope_names_parameters_of_merges_too() {
    let refused = |argument: &'static str| {
        let write = function("write", &["project_id", "state:text"]).affects("boards");
        let functions = [
            function("list", &["state?:text"]).context("issues"),
            function("board", &["project_id"]).context("boards"),
            write.merge("issues").scope("project_id", "project_id").scope(argument, "state"),
        ];
        Builder::empty().functions(functions).build().is_err()
    };
    assert!(!refused("state"));
    assert!(refused("label"));
}

#[tokio::test]
async fn a_default_in_the_context_makes_a_name_a_question_too() {
    let read = || function("read", &["user_id", "page=1"]).context("user");
    let refused = |write: Function| Builder::empty().functions([read(), write]).build().is_err();
    assert!(!refused(function("m", &["user_id?"]).affects("user")));
    assert!(refused(function("m", &["user_id", "page"]).affects("user")));
    let write = function("m", &["user_id", "page"]).affects("user");
    let mizan = crate::support::build([read(), write.scope("user_id", "user_id")]);
    let response = call(&mizan, "m", json!({ "user_id": 5, "page": 2 })).await;
    let invalidate: Value = response.json()["invalidate"].clone();
    assert_eq!(invalidate, json!([{ "context": "user", "params": { "user_id": 5 } }]));
}

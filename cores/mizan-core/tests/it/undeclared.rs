//! The graph checks itself: an effect that a call has and does not declare is found, and named with its
//! remedy.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Builder, Error, Function, Identity, MemoryCache, Mizan, RawRequest, Request, Result, State,
    Target, UserRequest, View, client, functions,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An issue of a tracker.
#[derive(Debug, Clone, serde::Serialize, schemars::JsonSchema)]
struct Issue {
    id: i64,
    project_id: i64,
    state: String,
    title: String,
    owner: String,
}

type Db = Arc<Mutex<BTreeMap<i64, Issue>>>;

fn issue(id: i64, project_id: i64) -> Issue {
    let (state, title, owner) = ("open".into(), format!("issue {id}"), "ada".into());
    Issue { id, project_id, state, title, owner }
}

fn db() -> Db {
    Arc::new(Mutex::new((1..=6).map(|id| (id, issue(id, id % 2))).collect()))
}

fn edit(db: &Db, id: i64, edit: impl FnOnce(&mut Issue)) -> Result<()> {
    db.lock().unwrap().get_mut(&id).map(edit).ok_or_else(|| Error::not_found("no such issue"))
}

#[client(context = "issues")]
fn issue_list(db: State<Db>, project_id: i64, state: Option<String>) -> Vec<Issue> {
    let db = db.lock().unwrap();
    let fits = |issue: &&Issue| {
        issue.project_id == project_id && state.as_ref().is_none_or(|state| issue.state == *state)
    };
    db.values().filter(fits).cloned().collect()
}

#[client(context = "issues")]
fn issue_count(db: State<Db>, project_id: i64) -> usize {
    db.lock().unwrap().values().filter(|issue| issue.project_id == project_id).count()
}

#[client(context = "issue")]
fn issue_title(db: State<Db>, issue_id: i64) -> String {
    db.lock().unwrap().get(&issue_id).map(|issue| issue.title.clone()).unwrap_or_default()
}

#[client(context = "issue")]
fn issue_owner(db: State<Db>, issue_id: i64) -> String {
    db.lock().unwrap().get(&issue_id).map(|issue| issue.owner.clone()).unwrap_or_default()
}

#[client(context = "mine")]
fn my_issues(request: &UserRequest, db: State<Db>) -> Result<usize> {
    let me = request.identity()?.subject();
    Ok(db.lock().unwrap().values().filter(|issue| issue.owner == me).count())
}

#[client(context = "board", cache = false)]
fn board(request: &RawRequest, db: State<Db>) -> usize {
    let _ = request;
    db.lock().unwrap().values().filter(|issue| issue.state == "open").count()
}

// One mistake each.

#[client]
fn forgot_affects(db: State<Db>, issue_id: i64, title: String) -> Result<()> {
    edit(&db, issue_id, |issue| issue.title = title)
}

#[client(affects = "issues", scope = [project_id, state])]
fn filter_name(db: State<Db>, issue_id: i64, project_id: i64, state: String) -> Result<()> {
    let _ = project_id;
    edit(&db, issue_id, |issue| issue.state = state)
}

#[client(affects = "issues", scope = [project_id])]
fn changes_hands(db: State<Db>, issue_id: i64, project_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| issue.project_id = project_id)
}

#[client(affects = "issue", scope = [issue_id = other])]
fn wrong_scope(db: State<Db>, id: i64, other: i64) -> Result<()> {
    let _ = other;
    edit(&db, id, |issue| issue.title.push('!'))
}

#[client(affects = issue_title)]
fn forgot_member(db: State<Db>, issue_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| {
        issue.title.push('!');
        issue.owner.push('!');
    })
}

#[client(affects = "issue")]
fn wrong_unchanged(db: State<Db>, issue_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| issue.title.push('!'))?;
    Err(Error::forbidden("after the change").unchanged())
}

#[client(private, route = "/hook/", methods = ["POST"])]
fn private_write(db: State<Db>, issue_id: i64) -> Result<View> {
    edit(&db, issue_id, |issue| issue.owner.push('!'))?;
    Ok(View::see_other("/"))
}

#[client(affects = "issue")]
fn other_table(db: State<Db>, issue_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| issue.project_id += 2)
}

#[client(affects = "issue")]
fn whole_list(db: State<Db>, issue_id: i64) -> Result<()> {
    let _ = issue_id;
    db.lock().unwrap().values_mut().for_each(|issue| issue.title.push('?'));
    Ok(())
}

#[client(affects = "issues", scope = none)]
async fn narrows_too_far(request: &Request, db: State<Db>, issue_id: i64) -> Result<()> {
    request.narrow_to([Target::context("issues").with("project_id", 1)]).await?;
    edit(&db, issue_id, |issue| issue.state = "closed".into())
}

#[client(affects = ["issues", "issue"], scope = none)]
fn another_user(db: State<Db>, issue_id: i64, owner: String) -> Result<()> {
    edit(&db, issue_id, |issue| issue.owner = owner)
}

#[client(affects = ["issues", "issue", "mine"], scope = none)]
fn uncached(db: State<Db>, issue_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| issue.state = "closed".into())
}

#[client(affects = "issue")]
fn adds_a_row(db: State<Db>, issue_id: i64, project_id: i64) {
    db.lock().unwrap().insert(issue_id, issue(issue_id, project_id));
}

#[client(affects = "issue")]
fn removes_a_row(db: State<Db>, issue_id: i64) {
    db.lock().unwrap().remove(&issue_id);
}

#[client]
fn fails_after(db: State<Db>, issue_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| issue.title.push('!'))?;
    Err(Error::internal("after the change"))
}

#[client]
fn panics_after(db: State<Db>, issue_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| issue.title.push('!'))?;
    panic!("after the change")
}

#[client(affects = "issues", scope = [project_id = wanted])]
fn pairs_wrongly(db: State<Db>, issue_id: i64, wanted: i64) -> Result<()> {
    let _ = wanted;
    edit(&db, issue_id, |issue| issue.title.push('!'))
}

#[client(affects = issue_count)]
fn forgot_the_list(db: State<Db>, issue_id: i64, project_id: i64) -> Result<()> {
    let _ = project_id;
    edit(&db, issue_id, |issue| issue.title.push('!'))
}

#[client(route = "/page/<issue_id>/", methods = ["POST"])]
fn page_write(db: State<Db>, issue_id: i64) -> Result<View> {
    edit(&db, issue_id, |issue| issue.title.push('!'))?;
    Ok(View::see_other("/"))
}

#[client(merge = "issue_count_of")]
fn merges_elsewhere(db: State<Db>, project_id: i64) -> usize {
    db.lock().unwrap().insert(100, issue(100, project_id));
    db.lock().unwrap().values().filter(|issue| issue.project_id == project_id).count()
}

#[client(context = "issue_count_of")]
fn count_of(db: State<Db>, project_id: i64) -> usize {
    db.lock().unwrap().values().filter(|issue| issue.project_id == project_id).count()
}

fn all() -> Vec<Function> {
    functions![
        issue_list,
        issue_count,
        issue_title,
        issue_owner,
        my_issues,
        board,
        count_of,
        forgot_affects,
        filter_name,
        changes_hands,
        wrong_scope,
        forgot_member,
        wrong_unchanged,
        private_write,
        other_table,
        whole_list,
        narrows_too_far,
        another_user,
        uncached,
        adds_a_row,
        removes_a_row,
        fails_after,
        panics_after,
        pairs_wrongly,
        forgot_the_list,
        page_write,
        merges_elsewhere,
    ]
}

fn mizan(cached: bool) -> Mizan {
    let builder = Builder::empty().functions(all()).state(db()).check_effects(true);
    let builder = if cached { builder.cache(MemoryCache::default()) } else { builder };
    builder.build().unwrap()
}

fn read_all() -> Vec<TestRequest> {
    let mut reads = vec![TestRequest::read_named("board")];
    for id in [0, 1] {
        let issues = TestRequest::read_named("issues").param("project_id", id);
        reads.push(issues.clone().param("state", "open"));
        reads.push(issues.param("state", "closed"));
        reads.push(TestRequest::read_named("issue_count_of").param("project_id", id));
    }
    reads.extend((1..=6).map(|id| TestRequest::read_named("issue").param("issue_id", id)));
    reads.push(TestRequest::read_named("mine").as_user(Identity::new("ada")));
    reads
}

/// Each planted mistake, how it is called, and `context.member` with a part of the remedy.
fn mistakes() -> Vec<(&'static str, TestRequest, &'static str, &'static str)> {
    let call = |name: &str, args: Value| {
        let request = TestRequest::call_named(name);
        let args = args.as_object().unwrap().clone();
        args.into_iter().fold(request, |request, (name, value)| request.arg(&name, value))
    };
    let page = |path: &str, pairs: &[(&str, &str)]| TestRequest::new("POST", path).form(pairs);
    vec![
        (
            "forgot_affects",
            call("forgot_affects", json!({"issue_id": 1, "title": "x"})),
            "issue.issue_title",
            "`affects = \"issue\"`",
        ),
        (
            "filter_name",
            call("filter_name", json!({"issue_id": 1, "project_id": 1, "state": "closed"})),
            "issues.issue_list",
            "`scope = none`",
        ),
        (
            "changes_hands",
            call("changes_hands", json!({"issue_id": 1, "project_id": 0})),
            "issues.issue_list",
            "`scope = none`",
        ),
        (
            "wrong_scope",
            call("wrong_scope", json!({"id": 1, "other": 2})),
            "issue.issue_title",
            "`scope = none`",
        ),
        (
            "forgot_member",
            call("forgot_member", json!({"issue_id": 1})),
            "issue.issue_owner",
            "name `issue_owner` as well",
        ),
        (
            "wrong_unchanged",
            call("wrong_unchanged", json!({"issue_id": 1})),
            "issue.issue_title",
            "leave that out",
        ),
        (
            "private_write",
            page("/hook/", &[("issue_id", "1")]),
            "issue.issue_owner",
            "`affects = \"issue\"`",
        ),
        (
            "other_table",
            call("other_table", json!({"issue_id": 1})),
            "issues.issue_list",
            "`affects = \"issues\"`",
        ),
        (
            "whole_list",
            call("whole_list", json!({"issue_id": 1})),
            "issue.issue_title",
            "`scope = none`",
        ),
        (
            "narrows_too_far",
            call("narrows_too_far", json!({"issue_id": 2})),
            "issues.issue_list",
            "`narrow_to` names too little",
        ),
        (
            "another_user",
            call("another_user", json!({"issue_id": 1, "owner": "bob"})),
            "mine.my_issues",
            "`affects = \"mine\"`",
        ),
        (
            "uncached",
            call("uncached", json!({"issue_id": 1})),
            "board.board",
            "`affects = \"board\"`",
        ),
        (
            "adds_a_row",
            call("adds_a_row", json!({"issue_id": 9, "project_id": 1})),
            "issues.issue_list",
            "`affects = \"issues\"`",
        ),
        (
            "removes_a_row",
            call("removes_a_row", json!({"issue_id": 1})),
            "issues.issue_list",
            "`affects = \"issues\"`",
        ),
        (
            "fails_after",
            call("fails_after", json!({"issue_id": 1})),
            "issue.issue_title",
            "`affects = \"issue\"`",
        ),
        (
            "panics_after",
            call("panics_after", json!({"issue_id": 1})),
            "issue.issue_title",
            "`affects = \"issue\"`",
        ),
        (
            "pairs_wrongly",
            call("pairs_wrongly", json!({"issue_id": 1, "wanted": 0})),
            "issues.issue_list",
            "`scope = none`",
        ),
        (
            "forgot_the_list",
            call("forgot_the_list", json!({"issue_id": 1, "project_id": 1})),
            "issues.issue_list",
            "name `issue_list` as well",
        ),
        ("page_write", page("/page/1/", &[]), "issue.issue_title", "`affects = \"issue\"`"),
        (
            "merges_elsewhere",
            call("merges_elsewhere", json!({"project_id": 1})),
            "issues.issue_list",
            "`affects = \"issues\"`",
        ),
    ]
}

async fn found(mizan: &Mizan, call: TestRequest) -> TestResponse {
    for read in read_all() {
        assert_eq!(read.send(mizan).await.status(), 200);
    }
    call.send(mizan).await
}

#[tokio::test]
async fn twenty_planted_mistakes_are_found_each_with_its_remedy() {
    assert_eq!(mistakes().len(), 20);
    for cached in [false, true] {
        for (name, call, place, remedy) in mistakes() {
            let mizan = mizan(cached);
            let response = found(&mizan, call).await;
            let effects = response.undeclared();
            let effect = effects
                .iter()
                .find(|effect| format!("{}.{}", effect.context, effect.member) == place);
            let Some(effect) = effect else {
                panic!("{name} ({cached}): {} {effects:#?}", response.status());
            };
            assert_eq!(effect.function, name);
            assert!(effect.report.contains(remedy), "{name}: {effect}");
        }
    }
}

#[tokio::test]
async fn the_log_has_it_once_for_each_function_and_context() {
    let (log, _guard) = crate::support::Log::capture();
    let mizan = mizan(true);
    for title in ["x", "y", "z"] {
        let call = TestRequest::call_named("forgot_affects").arg("issue_id", 1).arg("title", title);
        let response = found(&mizan, call).await;
        assert!(response.undeclared().iter().any(|effect| effect.context == "issue"));
    }
    let report = "`forgot_affects` changed what it does not declare. Called with `issue_id`, `title`, it \
                  changed `issue_title` of `issue` with {\"issue_id\":1}";
    assert_eq!(log.text().matches(report).count(), 1, "{}", log.text());
}

#[client(context = "clock")]
fn ticks(count: State<Arc<AtomicU64>>) -> u64 {
    count.fetch_add(1, Ordering::SeqCst)
}

#[client]
fn nothing() {}

#[tokio::test]
async fn a_read_that_differs_from_itself_is_told_apart() {
    let (log, _guard) = crate::support::Log::capture();
    let builder = Builder::empty().functions(functions![ticks, nothing]).check_effects(true);
    let mizan = builder.state(Arc::new(AtomicU64::new(0))).build().unwrap();
    TestRequest::read_named("clock").send(&mizan).await;
    assert_eq!(TestRequest::call(nothing).send(&mizan).await.undeclared(), []);
    assert!(log.text().contains("write `cache = false`"), "{}", log.text());
}

#[client(affects = ["issue"])]
fn set_title(db: State<Db>, issue_id: i64, title: String) -> Result<()> {
    if title.is_empty() {
        return Err(Error::field("title", "must not be empty").unchanged());
    }
    edit(&db, issue_id, |issue| issue.title = title)
}

#[client(context = "state")]
fn state_of(db: State<Db>, issue_id: i64) -> String {
    db.lock().unwrap().get(&issue_id).map(|issue| issue.state.clone()).unwrap_or_default()
}

#[client(affects = [state_of, "issue"])]
fn close(db: State<Db>, issue_id: i64) -> Result<()> {
    edit(&db, issue_id, |issue| issue.state = "closed".into())
}

/// Fifty thousand mutations of a correct registry on each of two threads, and what is read before each.
#[test]
fn a_correct_registry_has_no_report() {
    let ran = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| mutate_at_random(100, &ran));
        }
    });
    assert_eq!(ran.load(Ordering::SeqCst), 100_000);
}

fn mutate_at_random(cases: u32, ran: &AtomicU64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let functions = || functions![issue_title, issue_owner, state_of, set_title, close];
    let steps = prop::collection::vec((0..3_u8, 1..=2_i64, 0..3_u8), 500);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(cases));
    runner
        .run(&steps, |steps| {
            runtime.block_on(async {
                let builder = Builder::empty().functions(functions()).state(db());
                let mizan =
                    builder.cache(MemoryCache::default()).check_effects(true).build().unwrap();
                for (kind, id, text) in steps {
                    TestRequest::read_named("issue").param("issue_id", id).send(&mizan).await;
                    TestRequest::read_named("state").param("issue_id", id).send(&mizan).await;
                    let title = ["", "a", "b"][usize::from(text)];
                    let call = match kind {
                        0 => TestRequest::call(close).arg("issue_id", id),
                        _ => TestRequest::call(set_title).arg("issue_id", id).arg("title", title),
                    };
                    let response = call.send(&mizan).await;
                    prop_assert_eq!(response.undeclared(), []);
                    ran.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            })
        })
        .unwrap();
}

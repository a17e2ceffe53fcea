//! Targets that a function names at run time: the caller sees the values that they know, the cache and observers see all.

use std::sync::{Arc, Mutex};

use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{
    Authenticator, Builder, CacheStatus, Context, Error, Identity, IdentityFuture, MemoryCache,
    Mizan, Request, RequestParts, Result, Target, UserRequest, client, functions,
};
use serde_json::{Value, json};

use crate::support::{call, get};

#[derive(Context)]
struct InboxContext;

#[derive(Context)]
struct PostContext;

/// A user reads their own inbox and no other.
#[client(context = InboxContext)]
async fn inbox(request: &UserRequest, user_id: i64) -> Result<i64> {
    if request.identity()?.subject() == user_id.to_string() {
        Ok(user_id)
    } else {
        Err(Error::forbidden("this is not your inbox"))
    }
}

#[client(context = PostContext)]
async fn post(post_id: i64, lang: Option<String>) -> String {
    format!("{post_id} {lang:?}")
}

/// Narrows by the user, so that the cache can tell entries of users apart.
#[client(affects = InboxContext)]
async fn clear(user_id: i64) {
    let _ = user_id;
}

/// The author of every post.
const AUTHOR: i64 = 7;

/// Notifies the author, whom the caller does not know.
#[client(affects = PostContext)]
async fn like(
    request: &Request,
    post_id: i64,
    stars: i64,
    guesses: Option<Vec<i64>>,
) -> Result<i64> {
    let _ = guesses;
    request.invalidate([InboxContext::target().with("user_id", AUTHOR)]).await?;
    Ok(post_id + stars)
}

#[client]
async fn write_to(request: &Request, user_ids: Vec<i64>, fails: Option<bool>) -> Result<()> {
    let targets = user_ids.iter().map(|id| InboxContext::target().with("user_id", *id));
    request.invalidate(targets).await?;
    match fails {
        Some(true) => Err(Error::not_found("there is no such user").unchanged()),
        _ => Ok(()),
    }
}

#[client]
async fn forward(request: &Request, about: i64) -> Result<()> {
    let users = [AUTHOR, about, 9];
    request.invalidate(users.map(|id| InboxContext::target().with("user_id", id))).await
}

/// Posts belong together by an id that no one sees.
#[client(affects = PostContext, scope = none)]
async fn merge_posts(request: &Request, post_id: i64) -> Result<()> {
    let both = [post_id, 99].map(|id| PostContext::target().with("post_id", id));
    request.narrow_to(both).await
}

/// Every request is of the user that a header names.
struct ByHeader;

impl Authenticator for ByHeader {
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a> {
        Box::pin(async move { Ok(parts.headers.get("x-user").map(Identity::new)) })
    }
}

/// What observers were notified of.
#[derive(Clone, Default)]
struct Observed(Arc<Mutex<Vec<Target>>>);

impl Observed {
    fn builder(&self) -> Builder {
        let own = self.clone();
        let all = functions![inbox, post, clear, like, write_to, forward, merge_posts];
        Builder::empty()
            .functions(all)
            .authenticator(ByHeader)
            .cache(MemoryCache::default())
            .on_invalidation(move |targets| own.0.lock().unwrap().extend(targets.to_vec()))
    }

    fn take(&self) -> Vec<Target> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn target(user_id: i64) -> Target {
    InboxContext::target().with("user_id", user_id)
}

#[track_caller]
fn check(response: &TestResponse, invalidate: Value, header: &str) {
    assert_eq!(response.json()["invalidate"], invalidate, "{}", response.json());
    assert_eq!(response.header("x-mizan-invalidate"), Some(header));
}

/// An entry of user 7 in the cache.
async fn cached(mizan: &Mizan) -> Option<CacheStatus> {
    let read = get("/api/mizan/ctx/inbox/", "user_id=7").header("x-user", "7");
    read.send(mizan).await.cache_status()
}

fn liked(mounted: Value) -> TestRequest {
    let body = json!({ "fn": "like", "args": { "post_id": 5, "stars": 3, "guesses": [6, 7, 8] }, "mounted": mounted });
    crate::support::post_call().body(body.to_string())
}

#[tokio::test]
async fn a_value_that_the_caller_does_not_know_is_the_context_alone() {
    let observed = Observed::default();
    let mizan = observed.builder().build().unwrap();
    cached(&mizan).await;
    assert_eq!(cached(&mizan).await, Some(CacheStatus::Hit));
    // A list of guesses is not what the caller knows.
    let response = liked(json!([])).header("x-user", "1").send(&mizan).await;
    let post = json!({ "context": "post", "params": { "post_id": 5 } });
    check(&response, json!([post, "inbox"]), "post;post_id=5, inbox");
    // The cache and the observers get the exact value.
    assert_eq!(cached(&mizan).await, Some(CacheStatus::Miss));
    let post = PostContext::target().with("post_id", 5);
    assert_eq!(observed.take(), [post, target(AUTHOR)]);
    // Entries of other users are as fresh as they were.
    let own = get("/api/mizan/ctx/inbox/", "user_id=1").header("x-user", "1");
    own.clone().send(&mizan).await;
    liked(json!([])).header("x-user", "1").send(&mizan).await;
    assert_eq!(own.send(&mizan).await.cache_status(), Some(CacheStatus::Hit));
}

#[tokio::test]
async fn a_caller_who_sent_the_value_is_told_it() {
    let mizan = Observed::default().builder().build().unwrap();
    let response = call(&mizan, "write_to", json!({ "user_ids": [7, 8] })).await;
    let exact = |id: i64| json!({ "context": "inbox", "params": { "user_id": id } });
    check(&response, json!([exact(7), exact(8)]), "inbox;user_id=7, inbox;user_id=8");
    // However many others there are, they are one name.
    let response = call(&mizan, "forward", json!({ "about": 3 })).await;
    check(&response, json!(["inbox", exact(3)]), "inbox, inbox;user_id=3");
    // An error that names targets follows the same rule.
    let args = json!({ "user_ids": [7], "fails": true });
    let response = call(&mizan, "write_to", args).await;
    assert_eq!(response.status(), 404);
    check(&response, json!([exact(7)]), "inbox;user_id=7");
}

#[tokio::test]
async fn what_a_call_is_narrowed_to_follows_the_same_rule() {
    let observed = Observed::default();
    let mizan = observed.builder().build().unwrap();
    let response = call(&mizan, "merge_posts", json!({ "post_id": 5 })).await;
    let exact = json!({ "context": "post", "params": { "post_id": 5 } });
    check(&response, json!([exact, "post"]), "post;post_id=5, post");
    let both = [5, 99].map(|id| PostContext::target().with("post_id", id));
    assert_eq!(observed.take(), both);
}

#[tokio::test]
async fn a_caller_who_holds_the_entry_and_may_read_it_is_told_the_value() {
    let mizan = Observed::default().builder().build().unwrap();
    let held = json!([{ "context": "inbox", "params": { "user_id": 7 } }]);
    let response = liked(held.clone()).header("x-user", "7").send(&mizan).await;
    let post = json!({ "context": "post", "params": { "post_id": 5 } });
    let inbox = json!({ "context": "inbox", "params": { "user_id": 7 } });
    check(&response, json!([post, inbox]), "post;post_id=5, inbox;user_id=7");
    assert_eq!(response.json()["refresh"], json!([{ "at": 0, "data": { "inbox": 7 } }]));
    // A caller who only claims to hold entries, to find out which of them is touched, learns nothing.
    let guesses: Vec<Value> =
        (1..60).map(|id| json!({ "context": "inbox", "params": { "user_id": id } })).collect();
    for guesses in [held, json!(guesses)] {
        let response = liked(guesses).header("x-user", "1").send(&mizan).await;
        check(&response, json!([post, "inbox"]), "post;post_id=5, inbox");
        assert!(response.json().get("refresh").is_none(), "{}", response.json());
    }
}

#[tokio::test]
async fn an_edge_gets_the_exact_header_and_the_caller_does_not() {
    let observed = Observed::default();
    let mizan = observed.builder().edge(true).build().unwrap();
    let response = liked(json!([])).header("x-user", "1").send(&mizan).await;
    let post = json!({ "context": "post", "params": { "post_id": 5 } });
    check(&response, json!([post, "inbox"]), "post;post_id=5, inbox;user_id=7");
}

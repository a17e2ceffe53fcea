//! Guards through an authenticator that a test supplies.

use std::sync::Arc;

use mizan_core::{
    Authenticator, Builder, ClientError, Error, ErrorCode, Function, Identity, IdentityFuture,
    Mizan, RawRequest, RequestParts, Result, UserRequest, Visibility, client,
};
use serde_json::{Value, json};

use crate::support::{get, json as body, param, post_call, send};

/// `X-User: 3 staff super bearer`; `X-User: bad` is a credential that is not good.
struct ByHeader;

impl Authenticator for ByHeader {
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a> {
        Box::pin(async move {
            let Some(text) = parts.headers.get("x-user") else { return Ok(None) };
            let mut words = text.split(' ');
            let subject = words.next().unwrap_or_default();
            if subject == "bad" {
                return Err(Error::unauthorized("the credential is not good"));
            }
            let rest: Vec<&str> = words.collect();
            let identity = Identity::new(subject)
                .staff(rest.contains(&"staff"))
                .superuser(rest.contains(&"super"));
            Ok(Some(if rest.contains(&"bearer") { identity.proved_by_bearer() } else { identity }))
        })
    }
}

#[client(auth)]
async fn need_user(request: &UserRequest) -> Result<String> {
    Ok(request.identity()?.subject().to_owned())
}

#[client(auth = "staff")]
async fn need_staff(n: i64) -> i64 {
    n
}

#[client(auth = "superuser")]
async fn need_super() {}

fn allowed(request: &RawRequest) -> bool {
    request.header("x-allow") == Some("yes")
}

#[client(auth = allowed)]
async fn need_sync() {}

async fn allowed_later(request: &UserRequest) -> Result<bool> {
    tokio::task::yield_now().await;
    match request.user().map(Identity::subject) {
        Some("panic") => panic!("planted-marker"),
        Some("fail") => Err(std::io::Error::other("planted-marker"))?,
        Some("slow") => Err(ClientError::new(ErrorCode::TooManyRequests, "slow down"))?,
        Some("closed") => Err(Error::forbidden("closed on Sunday")),
        subject => Ok(subject.is_some()),
    }
}

#[client(auth = allowed_later)]
async fn need_async() {}

#[client(context = "vault", auth = "staff")]
async fn vault_read(id: i64) -> i64 {
    id
}

#[client(context = "vault")]
async fn vault_open(request: &UserRequest) -> Value {
    json!(request.user().map(|user| (user.subject(), user.is_staff(), user.has_permission("x"))))
}

fn mizan() -> Mizan {
    let functions = mizan_core::functions![
        need_user, need_staff, need_super, need_sync, need_async, vault_read, vault_open
    ];
    Builder::empty().functions(functions).authenticator(ByHeader).build().unwrap()
}

#[track_caller]
fn check(function: &str, headers: &[(&'static str, &str)], status: u16) -> Value {
    let request =
        headers.iter().fold(post_call(), |request, (name, value)| request.header(name, value));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reply = runtime.block_on(send(
        &mizan(),
        &request,
        &json!({"fn": function, "args": {"n": 1}}).to_string(),
    ));
    assert_eq!(reply.status(), status, "{function} {headers:?} {}", body(&reply));
    assert!(!body(&reply).to_string().contains("planted"));
    body(&reply)
}

#[test]
fn each_guard_lets_through_whom_it_names() {
    let user = |text: &'static str| [("x-user", text)];
    assert_eq!(check("need_user", &user("007"), 200)["result"], "007");
    check("need_user", &[], 401);
    check("need_user", &user("bad"), 401);
    for (function, right) in [("need_staff", "staff"), ("need_super", "super")] {
        check(function, &[], 401);
        check(function, &user("1"), 403);
        let other = if right == "staff" { "1 super" } else { "1 staff" };
        check(function, &user(other), 403);
        let own = if right == "staff" { "1 staff" } else { "1 super" };
        check(function, &user(own), 200);
    }
    check("need_sync", &[], 403);
    check("need_sync", &[("x-allow", "yes")], 200);
    check("need_async", &[], 403);
    check("need_async", &user("1"), 200);
}

#[test]
fn a_guard_that_fails_denies_in_its_words_or_in_none() {
    for (user, message) in
        [("closed", "closed on Sunday"), ("fail", "access denied"), ("panic", "access denied")]
    {
        assert_eq!(check("need_async", &[("x-user", user)], 403)["error"]["message"], message);
    }
}

#[test]
fn a_guard_keeps_the_code_of_its_refusal() {
    assert_eq!(check("need_async", &[("x-user", "slow")], 429)["error"]["message"], "slow down");
}

#[tokio::test]
async fn a_run_time_function_sees_what_it_says() {
    let who = |scope: Option<Visibility>| {
        let who = Function::dynamic("who", Vec::new(), |_, call| async move {
            let request: Arc<RawRequest> = call.request();
            Ok(json!([request.user().is_some(), request.header("x-user").is_some()]))
        });
        scope.map_or_else(|| who.clone(), |scope| who.clone().visibility(scope)).context("c")
    };
    for (scope, seen, scoped) in [
        (None, json!([true, true]), true),
        (Some(Visibility::User), json!([true, false]), true),
        (Some(Visibility::Public), json!([false, false]), false),
    ] {
        let mizan = Builder::empty().function(who(scope)).authenticator(ByHeader).build().unwrap();
        let get = get("/api/mizan/ctx/c/", "").header("x-user", "1");
        assert_eq!(body(&send(&mizan, &get, "").await)["who"], seen);
        assert_eq!(mizan.manifest().contexts["c"].user_scoped, scoped);
    }
}

#[tokio::test]
async fn a_foreign_cookie_that_is_no_text_does_not_hide_ours() {
    let mizan = mizan();
    let session = send(&mizan, &get("/api/mizan/session/", ""), "").await;
    let token = body(&session)["csrfToken"].as_str().unwrap().to_owned();
    let cookie = session.cookies()[0].split(';').next().unwrap().to_owned();
    let call =
        post_call().header("cookie", format!("{cookie}; a=\u{fffd}")).header("x-csrftoken", &token);
    assert_eq!(send(&mizan, &call, r#"{"fn":"need_user"}"#).await.status(), 401);
    let raw = mizan_core::Headers::from_iter([("Cookie", b"a=\xfc; b=1".to_vec())]);
    assert_eq!((raw.get("cookie"), raw.bytes("cookie").count()), (None, 1));
}

#[tokio::test]
async fn guards_come_before_arguments_and_for_every_member() {
    let mizan = mizan();
    let get = |query: &str| get("/api/mizan/ctx/vault/", query);
    for (request, status) in [
        (get("id=x"), 401),
        (get("id=x").header("x-user", "1"), 403),
        (get("id=x").header("x-user", "1 staff"), 422),
        (get("id=1").header("x-user", "1 staff"), 200),
        // One member alone asks that member's guard only.
        (get("id=1&mizan.only=vault_open"), 200),
        (get("id=1&mizan.only=vault_read"), 401),
    ] {
        assert_eq!(send(&mizan, &request, "").await.status(), status, "{request:?}");
    }
    let call = post_call().header("x-user", "1");
    assert_eq!(send(&mizan, &call, r#"{"fn":"need_staff","args":{"n":"x"}}"#).await.status(), 403);
}

#[tokio::test]
async fn a_verified_bearer_token_needs_no_csrf_token() {
    let mizan = mizan();
    for (user, status) in [("1", 403), ("1 bearer", 200)] {
        let call = post_call().header("x-user", user).header("cookie", "theme=dark");
        let reply = send(&mizan, &call, r#"{"fn":"need_user"}"#).await;
        assert_eq!(reply.status(), status);
        if status == 403 {
            assert_eq!(body(&reply)["error"]["details"]["reason"], "csrf");
        }
    }
}

#[tokio::test]
async fn the_manifest_says_who_may_differ() {
    let manifest = mizan().manifest();
    let vault = &manifest.contexts["vault"];
    assert!(vault.user_scoped);
    assert_eq!(json!(vault.render_strategy), "dynamic_cached");
    assert_eq!(vault.functions[1].auth.as_deref(), Some("staff"));
    let plain = Function::dynamic("a", vec![param("slug:text")], |_, _| async { Ok(Value::Null) })
        .context("c")
        .visibility(mizan_core::Visibility::Public);
    let manifest = Builder::empty().function(plain).build().unwrap().manifest();
    assert_eq!(json!(manifest.contexts["c"].render_strategy), "psr");
}

#[tokio::test]
async fn functions_see_what_their_type_says() {
    let seen = Function::dynamic("seen", Vec::new(), |_, call| async move {
        let request: Arc<RawRequest> = call.request();
        Ok(json!([request.user().is_some(), request.header("x-a"), request.cookie("b")]))
    });
    let mizan =
        Builder::empty().function(seen.context("c")).authenticator(ByHeader).build().unwrap();
    let get = get("/api/mizan/ctx/c/", "")
        .header("x-a", "1")
        .header("cookie", "a=0; b=2")
        .header("x-user", "1");
    assert_eq!(body(&send(&mizan, &get, "").await)["seen"], json!([true, "1", "2"]));
}

/// The digest of rights would be that of a caller without any, and the two would share entries.
#[tokio::test]
async fn a_permission_without_a_name_is_refused() {
    let builder = Builder::empty().functions(mizan_core::functions![need_user]);
    let mizan = builder.authenticator(ByHeader).build().unwrap();
    let call = || mizan_core::testing::TestRequest::call(need_user);
    let named = Identity::new("5").permission("orders");
    assert_eq!(call().as_user(named.clone()).send(&mizan).await.status(), 200);
    let refused = call().as_user(named.permission("")).send(&mizan).await;
    assert_eq!((refused.status(), refused.code()), (500, "INTERNAL_ERROR".into()));
}

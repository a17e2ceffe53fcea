//! Sessions and tokens through the whole core: the sequences that break other systems.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mizan_core::{
    Builder, Function, Identity, IdentityFuture, KeyRing, MemoryCache, Mizan, Secret, TokenPolicy,
    UserStore, View, Visibility,
};
use serde_json::{Value, json};

use mizan_core::testing::TestRequest;
use mizan_core::testing::TestResponse;

use crate::support::{get, json as body, json_request, param, post_call, send};

/// Users with their rights, which a test may change at any time.
#[derive(Clone, Default)]
struct Users(Arc<Mutex<HashMap<String, Identity>>>);

impl Users {
    fn with(names: &[&str]) -> Self {
        let users = Self::default();
        names.iter().for_each(|name| users.set(Identity::new(*name)));
        users
    }

    fn set(&self, identity: Identity) {
        self.0.lock().unwrap().insert(identity.subject().to_owned(), identity);
    }

    fn remove(&self, name: &str) {
        self.0.lock().unwrap().remove(name);
    }
}

impl UserStore for Users {
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
        let found = self.0.lock().unwrap().get(subject).cloned();
        Box::pin(async move { Ok(found) })
    }
}

/// A server with a sign-in that believes everybody, and functions that say who is calling.
fn mizan(users: &Users) -> Mizan {
    mizan_with(users, TokenPolicy::default())
}

fn mizan_with(users: &Users, policy: TokenPolicy) -> Mizan {
    let who = |call: mizan_core::Invocation| {
        let request = call.request();
        let user = request.user();
        json!({
            "user": user.map(|user| user.subject().to_owned()),
            "staff": user.is_some_and(|user| user.is_staff()),
        })
    };
    let sign_in = Function::dynamic("sign_in", vec![param("name:text")], |args, call| async move {
        let name = args["name"].as_str().unwrap_or_default();
        call.request().session().sign_in(name, "a test").await?;
        Ok(Value::Null)
    });
    let sign_out = Function::dynamic("sign_out", vec![], |_, call| async move {
        call.request().session().sign_out().await?;
        Ok(Value::Null)
    });
    let me = move |_, call| {
        let who = who(call);
        async move { Ok(who) }
    };
    let fails = Function::dynamic("sign_in_and_fail", vec![], |_, call| async move {
        call.request().session().sign_in("1", "a test").await?;
        Err(mizan_core::Error::bad_request("after the change"))
    });
    // A guard that keeps what it was shown, as a log would.
    let kept = Arc::new(Mutex::new(None));
    let watched = Function::dynamic("sign_in_watched", vec![], |_, call| async move {
        call.request().session().sign_in("1", "a test").await?;
        Ok(Value::Null)
    });
    let watched = watched.auth_predicate(Visibility::Raw, move |request| {
        *kept.lock().unwrap() = Some(request);
        Box::pin(async { Ok(true) })
    });
    let functions = [
        sign_in,
        sign_out,
        fails,
        watched,
        Function::dynamic("whoami", vec![], me),
        Function::dynamic("guarded", vec![], me).auth_required(),
        Function::dynamic("me", vec![], me).context("me").visibility(Visibility::User),
        Function::dynamic("report", vec![], me).context("report").auth_staff(),
        Function::dynamic_view("form", vec![], |_, call| async move {
            Ok(View::html(call.request().csrf_token()))
        })
        .visibility(Visibility::Raw)
        .route("/form/")
        .method("GET"),
        Function::dynamic_view("sent", vec![], |_, _| async { Ok(View::empty(204)) })
            .route("/sent/"),
    ];
    let builder = Builder::empty().functions(functions).users(users.clone());
    builder.tokens(policy).jwt_private_key(secret("tokens")).build().unwrap()
}

fn secret(of: &str) -> Secret {
    Secret::new(format!("a key for {of} of the tests, 0123456789")).unwrap()
}

/// A browser: cookies, and the token that its pages send.
struct Browser<'a> {
    mizan: &'a Mizan,
    cookies: HashMap<String, String>,
}

impl<'a> Browser<'a> {
    fn new(mizan: &'a Mizan) -> Self {
        Self { mizan, cookies: HashMap::new() }
    }

    async fn signed_in(mizan: &'a Mizan, name: &str) -> Self {
        let mut browser = Self::new(mizan);
        assert_eq!(browser.call("sign_in", json!({ "name": name })).await.status(), 200);
        browser
    }

    fn dress(&self, fake: TestRequest) -> TestRequest {
        if self.cookies.is_empty() {
            return fake;
        }
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        fake.header("cookie", &pairs.collect::<Vec<_>>().join("; "))
    }

    async fn send(&mut self, fake: TestRequest, text: &str) -> TestResponse {
        let reply = send(self.mizan, &self.dress(fake), text).await;
        for cookie in &reply.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            match rest.split(';').next().unwrap_or_default() {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.into(), value.into()),
            };
        }
        reply
    }

    /// A write as a page sends it: with a token of now.
    async fn write(&mut self, fake: TestRequest, text: &str) -> TestResponse {
        let token = self.send(get("/api/mizan/session/", ""), "").await;
        let token = body(&token)["csrfToken"].as_str().unwrap().to_owned();
        self.send(fake.header("x-csrftoken", &token), text).await
    }

    async fn call(&mut self, function: &str, args: Value) -> TestResponse {
        self.write(post_call(), &json!({ "fn": function, "args": args }).to_string()).await
    }

    async fn post(&mut self, path: &str) -> TestResponse {
        self.write(json_request("POST", &format!("/api/mizan/{path}")), "").await
    }

    async fn tokens(&mut self) -> (String, String) {
        let pair = body(&self.post("session/jwt/").await);
        let text = |name: &str| pair[name].as_str().unwrap().to_owned();
        assert_eq!(pair["expires_in"], 300);
        (text("access"), text("refresh"))
    }
}

/// A call of somebody with an access token.
async fn by_token(mizan: &Mizan, token: &str, function: &str) -> (u16, Value) {
    let fake = post_call().header("authorization", &format!("Bearer {token}"));
    let reply = send(mizan, &fake, &json!({ "fn": function }).to_string()).await;
    (reply.status(), body(&reply)["result"].clone())
}

async fn refresh(mizan: &Mizan, token: &str) -> TestResponse {
    let fake = json_request("POST", "/api/mizan/session/refresh/");
    send(mizan, &fake, &json!({ "refresh": token }).to_string()).await
}

fn nobody() -> Value {
    json!({ "user": null, "staff": false })
}

fn user(name: &str) -> Value {
    json!({ "user": name, "staff": false })
}

#[tokio::test]
async fn signing_in_and_out() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::new(&mizan);
    assert_eq!(body(&browser.call("whoami", json!({})).await)["result"], nobody());
    let reply = browser.call("sign_in", json!({ "name": "5" })).await;
    let cookie = &reply.cookies()[0];
    assert!(cookie.contains("mizan_session=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    assert_eq!(body(&browser.call("whoami", json!({})).await)["result"], user("5"));
    let old = browser.cookies.clone();
    browser.call("sign_out", json!({})).await;
    assert_eq!(body(&browser.call("whoami", json!({})).await)["result"], nobody());
    // The cookie of before opens nothing, and is taken from whoever still has it.
    let mut thief = Browser { mizan: &mizan, cookies: old };
    let reply = thief.send(get("/api/mizan/ctx/me/", ""), "").await;
    assert_eq!(body(&reply)["me"], nobody());
    assert!(reply.cookies()[0].starts_with("mizan_session=;"), "{:?}", reply.cookies());
}

#[tokio::test]
async fn an_answer_says_that_the_session_has_changed() {
    let mizan = mizan(&Users::with(&["1"]));
    for (function, args, changed) in [
        ("whoami", json!({}), false),
        ("sign_in", json!({ "name": "1" }), true),
        ("sign_in_and_fail", json!({}), true),
        ("sign_in_watched", json!({}), true),
        ("sign_out", json!({}), true),
    ] {
        let reply = Browser::new(&mizan).call(function, args).await;
        let said = body(&reply)["session"].as_str().map(str::to_owned);
        assert_eq!(said.as_deref(), changed.then_some("changed"), "{function}");
        let sets = |name| reply.cookies().iter().any(|cookie| cookie.starts_with(name));
        assert_eq!((sets("mizan_session="), sets("mizan_csrf=")), (changed, changed), "{function}");
    }
}

#[tokio::test]
async fn the_policy_of_tokens_is_issued_and_required() {
    let users = Users::with(&["1"]);
    let shop = TokenPolicy {
        access_ttl: Some(Duration::from_secs(60)),
        audience: Some("shop".into()),
        issuer: Some("market".into()),
        ..TokenPolicy::default()
    };
    let bank = TokenPolicy { audience: Some("bank".into()), ..shop.clone() };
    let (shop, bank) = (mizan_with(&users, shop), mizan_with(&users, bank));
    let pair = body(&Browser::signed_in(&shop, "1").await.post("session/jwt/").await);
    assert_eq!(pair["expires_in"], 60);
    let access = pair["access"].as_str().unwrap();
    let claims: Value = serde_json::from_slice(&decode(access.split('.').nth(1).unwrap())).unwrap();
    assert_eq!((&claims["aud"], &claims["iss"]), (&json!("shop"), &json!("market")));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
    assert_eq!(by_token(&shop, access, "guarded").await.0, 200);
    // The same key, and not the same audience: before the session is even looked for.
    assert_eq!(by_token(&bank, access, "guarded").await.0, 401);
}

/// A link may lead to a read, and signs nobody in or out.
#[tokio::test]
async fn a_read_changes_no_session() {
    let users = Users::with(&["1"]);
    let planted = Function::dynamic("planted", vec![param("op:text")], |args, call| async move {
        let request = call.request();
        let session = request.session();
        match args["op"].as_str().unwrap_or_default() {
            "in" => session.sign_in("1", "a test").await?,
            "out" => session.sign_out().await?,
            "end" => session.end("1", "x").await?,
            _ => drop(session.list("1").await?),
        }
        Ok(Value::Null)
    });
    let builder =
        Builder::empty().function(planted.context("c").visibility(Visibility::Raw)).users(users);
    let mizan = builder.build().unwrap();
    for (op, status) in [("in", 500), ("out", 500), ("end", 500), ("list", 200)] {
        let reply = send(&mizan, &get("/api/mizan/ctx/c/", &format!("op={op}")), "").await;
        assert_eq!((reply.status(), reply.cookies().len()), (status, 0), "{op}");
    }
}

#[tokio::test]
async fn a_credential_that_is_sent_twice_is_none() {
    let mizan = mizan(&Users::with(&["5"]));
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let (access, _) = browser.tokens().await;
    let edge = body(&browser.post("session/mwt/").await)["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {access}");
    for (name, value) in [("authorization", &bearer), ("x-mizan-token", &edge)] {
        let once = get("/api/mizan/ctx/me/", "").header(name, value);
        assert_eq!(send(&mizan, &once, "").await.status(), 200, "{name}");
        for second in [&**value, "", "Basic x"] {
            let twice = once.clone().header(name, second);
            assert_eq!(send(&mizan, &twice, "").await.status(), 401, "{name} {second}");
        }
    }
}

#[tokio::test]
async fn signing_out_leaves_no_cookie_of_before() {
    let mizan = mizan(&Users::with(&["5"]));
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let before = browser.cookies.clone();
    let delete = TestRequest::new("DELETE", "/api/mizan/session/");
    assert_eq!(browser.write(delete, "").await.status(), 200);
    assert_eq!(browser.cookies.get("mizan_session"), None);
    assert_ne!(browser.cookies["mizan_csrf"], before["mizan_csrf"]);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let builder = || Builder::empty().allow_empty().users(Users::default());
    let keys = |of| KeyRing::new(secret(of));
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let policy = TokenPolicy::default;
    for (bad, names) in [
        (builder().tokens(TokenPolicy { access_ttl: seconds(0), ..policy() }), "JWT_ACCESS"),
        (
            builder().tokens(TokenPolicy { refresh_ttl: seconds(40_000_000), ..policy() }),
            "JWT_REFRESH",
        ),
        (
            builder().tokens(TokenPolicy { edge_ttl: Some(Duration::from_millis(9)), ..policy() }),
            "MIZAN_MWT_TTL",
        ),
        (builder().tokens(TokenPolicy { leeway: Duration::from_secs(6), ..policy() }), "6 seconds"),
        (builder().jwt_private_key(secret("a")).edge_keys(keys("a")), "MIZAN_MWT_SECRET"),
        (
            builder().jwt_private_key(secret("a")).jwt_keys(keys("b")).edge_keys(keys("b")),
            "MIZAN_MWT_SECRET",
        ),
        (
            builder().jwt_keys(keys("c")).cache_secret(secret("c")).cache(MemoryCache::default()),
            "MIZAN_CACHE_SECRET",
        ),
    ] {
        let error = bad.build().unwrap_err().to_string();
        assert!(error.contains(names), "{names}: {error}");
    }
    let good = builder().jwt_private_key(secret("a")).jwt_keys(keys("a")).edge_keys(keys("b"));
    good.cache_secret(secret("c")).cache(MemoryCache::default()).build().unwrap();
}

#[test]
fn two_ways_to_say_who_is_calling_are_refused() {
    struct Nobody;
    impl mizan_core::Authenticator for Nobody {
        fn identify<'a>(&'a self, _: &'a mizan_core::RequestParts) -> IdentityFuture<'a> {
            Box::pin(async { Ok(None) })
        }
    }
    let both = Builder::empty().allow_empty().users(Users::default()).authenticator(Nobody);
    let error = both.build().unwrap_err().to_string();
    assert!(error.contains("`.users(…)`") && error.contains("`.authenticator(…)`"), "{error}");
}

#[tokio::test]
async fn a_session_planted_before_the_sign_in_is_not_the_one_after() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let first = browser.cookies["mizan_session"].clone();
    let csrf = browser.cookies["mizan_csrf"].clone();
    browser.call("sign_in", json!({ "name": "5" })).await;
    assert_ne!(browser.cookies["mizan_session"], first);
    assert_ne!(browser.cookies["mizan_csrf"], csrf);
    let mut planted = Browser { mizan: &mizan, cookies: HashMap::new() };
    planted.cookies.insert("mizan_session".into(), first);
    assert_eq!(body(&planted.call("whoami", json!({})).await)["result"], nobody());
}

#[tokio::test]
async fn a_token_of_another_session_is_no_csrf_token() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let token = browser.send(get("/api/mizan/session/", ""), "").await;
    let token = body(&token)["csrfToken"].as_str().unwrap().to_owned();
    let call = |token: &str| post_call().header("x-csrftoken", token);
    assert_eq!(browser.send(call(&token), r#"{"fn":"whoami"}"#).await.status(), 200);
    // The same cookie of the token, another session.
    let csrf = browser.cookies["mizan_csrf"].clone();
    let mut other = Browser::signed_in(&mizan, "5").await;
    other.cookies.insert("mizan_csrf".into(), csrf);
    assert_eq!(other.send(call(&token), r#"{"fn":"whoami"}"#).await.status(), 403);
}

#[tokio::test]
async fn an_access_token_ends_with_its_session() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let (access, renew) = browser.tokens().await;
    assert_eq!(by_token(&mizan, &access, "guarded").await, (200, user("5")));
    let fake = json_request("DELETE", "/api/mizan/session/");
    assert_eq!(browser.write(fake, "").await.status(), 200);
    assert_eq!(by_token(&mizan, &access, "guarded").await.0, 401);
    assert_eq!(refresh(&mizan, &renew).await.status(), 401);
}

#[tokio::test]
async fn whoever_has_a_cookie_and_a_token_signs_out_of_both() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let delete = json_request("DELETE", "/api/mizan/session/");
    let call = |body: &str| (post_call(), body.to_owned());
    for (fake, text) in [
        (delete, String::new()),
        call(r#"{"fn":"sign_out"}"#),
        call(r#"{"fn":"sign_in","args":{"name":"5"}}"#),
    ] {
        let mut browser = Browser::signed_in(&mizan, "5").await;
        let (access, renew) = browser.tokens().await;
        let old = browser.cookies.clone();
        let fake = fake.header("authorization", &format!("Bearer {access}"));
        assert_eq!(browser.send(fake, &text).await.status(), 200, "{text}");
        let mut thief = Browser { mizan: &mizan, cookies: old };
        assert_eq!(body(&thief.call("whoami", json!({})).await)["result"], nobody(), "{text}");
        assert_eq!(by_token(&mizan, &access, "guarded").await.0, 401, "{text}");
        assert_eq!(refresh(&mizan, &renew).await.status(), 401, "{text}");
    }
}

#[tokio::test]
async fn a_form_on_a_page_that_takes_an_old_session_away_can_be_sent() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let cookies = browser.cookies.clone();
    browser.call("sign_out", json!({})).await;
    browser.cookies = cookies;
    let shown = browser.send(get("/form/", ""), "").await;
    assert!(!browser.cookies.contains_key("mizan_session"));
    let token = String::from_utf8(shown.body().to_vec()).unwrap();
    let form = TestRequest::new("POST", "/sent/");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(browser.send(form, &format!("csrf_token={token}")).await.status(), 204);
}

#[tokio::test]
async fn an_access_token_buys_no_session_and_no_tokens() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let (access, _) = Browser::signed_in(&mizan, "5").await.tokens().await;
    let bearer = format!("Bearer {access}");
    let fake = |path: &str| json_request("POST", &format!("/api/mizan/{path}"));
    let reply = send(&mizan, &fake("session/jwt/").header("authorization", &bearer), "").await;
    assert_eq!((reply.status(), reply.cookies().len()), (401, 0));
    assert_eq!(refresh(&mizan, &access).await.status(), 401);
    // The id of its session is no secret of a cookie.
    let claims = access.split('.').nth(1).unwrap();
    let claims = String::from_utf8_lossy(&decode(claims)).into_owned();
    let claims: Value = serde_json::from_str(&claims).unwrap();
    let mut browser = Browser::new(&mizan);
    browser.cookies.insert("mizan_session".into(), claims["sid"].as_str().unwrap().into());
    assert_eq!(body(&browser.call("whoami", json!({})).await)["result"], nobody());
}

/// Base64url, as a client would read it.
fn decode(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text.bytes() {
        bits = bits << 6 | digits.iter().position(|digit| *digit == byte).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_copy_ends_its_family() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let (_, first) = browser.tokens().await;
    let second = body(&refresh(&mizan, &first).await);
    let access = second["access"].as_str().unwrap();
    assert_eq!(by_token(&mizan, access, "guarded").await.0, 200);
    assert_eq!(refresh(&mizan, &first).await.status(), 401, "it was used");
    // Whoever used the copy is out, and so is the other.
    assert_eq!(by_token(&mizan, access, "guarded").await.0, 401);
    assert_eq!(refresh(&mizan, second["refresh"].as_str().unwrap()).await.status(), 401);
    // The session of the browser was not copied.
    assert_eq!(browser.call("guarded", json!({})).await.status(), 200);
}

#[tokio::test]
async fn of_many_refreshes_at_one_time_one_is_answered() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let (_, token) = Browser::signed_in(&mizan, "5").await.tokens().await;
    let tries = (0..20).map(|_| {
        let (mizan, token) = (mizan.clone(), token.clone());
        tokio::spawn(async move { refresh(&mizan, &token).await.status() })
    });
    let mut good = 0;
    for tried in tries.collect::<Vec<_>>() {
        good += usize::from(tried.await.unwrap() == 200);
    }
    assert!(good <= 1, "{good}");
}

#[tokio::test]
async fn rights_are_those_of_now() {
    let users = Users::with(&["5"]);
    users.set(Identity::new("5").staff(true));
    let mizan = mizan(&users);
    let (access, renew) = Browser::signed_in(&mizan, "5").await.tokens().await;
    let staff = |token: String| {
        let mizan = mizan.clone();
        async move {
            let bearer = format!("Bearer {token}");
            let fake = get("/api/mizan/ctx/report/", "").header("authorization", &bearer);
            send(&mizan, &fake, "").await.status()
        }
    };
    assert_eq!(staff(access.clone()).await, 200);
    users.set(Identity::new("5"));
    assert_eq!(staff(access.clone()).await, 403, "demoted");
    let next = body(&refresh(&mizan, &renew).await);
    let claims = decode(next["access"].as_str().unwrap().split('.').nth(1).unwrap());
    assert!(String::from_utf8_lossy(&claims).contains(r#""staff":false"#));
    users.remove("5");
    assert_eq!(staff(access).await, 401, "deleted");
    assert_eq!(refresh(&mizan, next["refresh"].as_str().unwrap()).await.status(), 401);
}

#[tokio::test]
async fn an_edge_token_opens_reads_and_nothing_else() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let minted = body(&browser.post("session/mwt/").await);
    let token = minted["token"].as_str().unwrap().to_owned();
    let read = get("/api/mizan/ctx/me/", "").header("x-mizan-token", &token);
    assert_eq!(body(&send(&mizan, &read, "").await)["me"], user("5"));
    let call = post_call().header("x-mizan-token", &token);
    assert_eq!(body(&send(&mizan, &call, r#"{"fn":"whoami"}"#).await)["result"], nobody());
    assert_eq!(send(&mizan, &call, r#"{"fn":"guarded"}"#).await.status(), 401);
    for path in ["session/jwt/", "session/mwt/"] {
        let fake = json_request("POST", &format!("/api/mizan/{path}"));
        assert_eq!(send(&mizan, &fake.header("x-mizan-token", &token), "").await.status(), 401);
    }
    // A bad one is refused even where a good one would be ignored.
    let bad = post_call().header("x-mizan-token", "e30.e30.e30");
    assert_eq!(send(&mizan, &bad, r#"{"fn":"whoami"}"#).await.status(), 401);
    // One whose rights are not those of now is none.
    users.set(Identity::new("5").staff(true));
    assert_eq!(send(&mizan, &read, "").await.status(), 401);
    users.set(Identity::new("5"));
    assert_eq!(send(&mizan, &read, "").await.status(), 200);
    // It ends with the session that it was given for.
    assert_eq!(browser.call("sign_out", json!({})).await.status(), 200);
    assert_eq!(send(&mizan, &read, "").await.status(), 401);
}

#[tokio::test]
async fn every_token_in_every_other_place_is_refused() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let mut browser = Browser::signed_in(&mizan, "5").await;
    let (access, renew) = browser.tokens().await;
    let minted = body(&browser.post("session/mwt/").await);
    let edge = minted["token"].as_str().unwrap().to_owned();
    let tokens = [("access", access), ("refresh", renew), ("edge", edge)];
    for (kind, token) in &tokens {
        assert_eq!(by_token(&mizan, token, "guarded").await.0 == 200, *kind == "access", "{kind}");
        let read = get("/api/mizan/ctx/me/", "").header("x-mizan-token", token);
        assert_eq!(send(&mizan, &read, "").await.status() == 200, *kind == "edge", "{kind}");
        let mut cookie = Browser::new(&mizan);
        cookie.cookies.insert("mizan_session".into(), token.clone());
        assert_eq!(cookie.call("guarded", json!({})).await.status(), 401, "{kind}");
        // In a URL nothing is looked at.
        let query = format!("token={token}&access_token={token}");
        let reply = send(&mizan, &get("/api/mizan/ctx/me/", &query), "").await;
        assert_eq!(body(&reply)["me"], nobody(), "{kind}");
    }
    for (kind, token) in &tokens {
        assert_eq!(refresh(&mizan, token).await.status() == 200, *kind == "refresh", "{kind}");
    }
}

#[tokio::test]
async fn no_other_host_plants_a_cookie_behind_a_blank() {
    let users = Users::with(&["5"]);
    let mizan = mizan(&users);
    let session = Browser::signed_in(&mizan, "5").await.cookies["mizan_session"].clone();
    for (before, known) in [
        ("", true),
        ("a=b; ", true),
        ("a=b;\t", true),
        ("\u{a0}", false),
        ("a=b; \u{2000}", false),
        ("\u{3000} ", false),
        ("\u{85}", false),
        ("\u{b}", false),
    ] {
        let cookie = format!("{before}mizan_session={session}");
        let read = get("/api/mizan/ctx/me/", "").header("cookie", &cookie);
        let expected = if known { user("5") } else { nobody() };
        assert_eq!(body(&send(&mizan, &read, "").await)["me"], expected, "{before:?}");
    }
}

#[test]
fn a_cookie_that_is_no_text_hides_no_other() {
    for (sent, found) in [
        (&b"theme=\xff; mizan_session=a"[..], Some("a")),
        (b"mizan_session=\xff; mizan_session=a", Some("a")),
        (b"mizan_session=a; mizan_session=b", Some("a")),
        (b"mizan_session=\xff", None),
    ] {
        let headers = [("cookie", sent)].into_iter().collect();
        let parts = mizan_core::RequestParts { headers, ..Default::default() };
        assert_eq!(parts.cookie("mizan_session"), found, "{sent:?}");
    }
}

#[tokio::test]
async fn two_good_tokens_of_different_users_are_refused() {
    let users = Users::with(&["12", "012"]);
    let mizan = mizan(&users);
    let (twelve, _) = Browser::signed_in(&mizan, "12").await.tokens().await;
    let mut other = Browser::signed_in(&mizan, "012").await;
    let bearer = format!("Bearer {twelve}");
    let read = || get("/api/mizan/ctx/me/", "").header("authorization", &bearer);
    assert_eq!(body(&send(&mizan, &read(), "").await)["me"], user("12"));
    assert_eq!(other.send(read(), "").await.status(), 401);
    let (own, _) = other.tokens().await;
    let fake = get("/api/mizan/ctx/me/", "").header("authorization", &format!("bearer {own}"));
    assert_eq!(body(&other.send(fake, "").await)["me"], user("012"));
    // Another scheme is none of ours, and an empty token is absent.
    for foreign in ["Basic eDp5", "Bearer", "Bearer  ", ""] {
        let fake = get("/api/mizan/ctx/me/", "").header("authorization", foreign);
        assert_eq!(body(&other.send(fake, "").await)["me"], user("012"), "{foreign:?}");
    }
}

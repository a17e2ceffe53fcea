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

mod cookies;
mod sessions;
mod tokens;

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

/// A server with a sign-in that believes everyone, and functions that say who is calling.
fn mizan(users: &Users) -> Mizan {
    mizan_with(users, TokenPolicy { refresh_grace: Some(Duration::ZERO), ..TokenPolicy::default() })
}

fn mizan_with(users: &Users, policy: TokenPolicy) -> Mizan {
    builder(users, policy).build().unwrap()
}

fn builder(users: &Users, policy: TokenPolicy) -> Builder {
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
    let end_all = Function::dynamic("end_all", vec![param("name:text")], |args, call| async move {
        let name = args["name"].as_str().unwrap_or_default();
        call.request().session().end_all(name).await?;
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
        end_all,
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
    builder.tokens(policy).jwt_private_key(secret("tokens"))
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
        fake.header("cookie", pairs.collect::<Vec<_>>().join("; "))
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

/// A call of a user with an access token.
async fn by_token(mizan: &Mizan, token: &str, function: &str) -> (u16, Value) {
    let fake = post_call().header("authorization", format!("Bearer {token}"));
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
            builder().tokens(TokenPolicy { refresh_grace: seconds(61), ..policy() }),
            "JWT_REFRESH_TOKEN_GRACE",
        ),
        (
            builder().tokens(TokenPolicy { edge_ttl: Some(Duration::from_millis(9)), ..policy() }),
            "MIZAN_MWT_TTL",
        ),
        (builder().tokens(TokenPolicy { leeway: Duration::from_secs(6), ..policy() }), "6 seconds"),
        (
            builder().tokens(TokenPolicy { edge_leeway: seconds(6), ..policy() }),
            "give `edge_leeway` at most five seconds",
        ),
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

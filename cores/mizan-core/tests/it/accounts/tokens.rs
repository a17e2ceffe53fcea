//! Tokens: what each kind opens, and what a second use does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mizan_core::{
    Exchange, Identity, KeyRing, MemorySessions, Refresh, Session, SessionStore, StoreFuture,
    TokenPolicy,
};
use serde_json::{Value, json};

use super::{
    Browser, Users, builder, by_token, decode, mizan, mizan_with, nobody, refresh, secret, user,
};
use crate::support::{get, json as body, json_request, post_call, send};

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
    // Anyone who used the copy is out, and so is the other.
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

/// Two tabs, or one whose response got lost.
#[tokio::test]
async fn two_refreshes_at_one_time_get_one_successor() {
    let mizan = mizan_with(&Users::with(&["5"]), TokenPolicy::default());
    let (_, token) = Browser::signed_in(&mizan, "5").await.tokens().await;
    let (one, other) = tokio::join!(refresh(&mizan, &token), refresh(&mizan, &token));
    assert_eq!((one.status(), other.status()), (200, 200));
    let (one, other) = (body(&one), body(&other));
    assert_eq!(one["refresh"], other["refresh"]);
    for pair in [&one, &other] {
        assert_eq!(by_token(&mizan, pair["access"].as_str().unwrap(), "guarded").await.0, 200);
    }
    let next = body(&refresh(&mizan, one["refresh"].as_str().unwrap()).await);
    assert_ne!(next["refresh"], one["refresh"]);
    assert_eq!(by_token(&mizan, next["access"].as_str().unwrap(), "guarded").await.0, 200);
}

#[tokio::test]
async fn beyond_the_grace_a_second_use_ends_the_family() {
    let grace = |ms| TokenPolicy {
        refresh_grace: Some(Duration::from_millis(ms)),
        ..TokenPolicy::default()
    };
    for (title, ms, wait, uses) in [
        ("a second repetition", 60_000, 0, &["first", "first"][..]),
        ("after the successor was used", 60_000, 0, &["second", "first"]),
        ("after the grace", 1, 50, &["first"]),
    ] {
        let mizan = mizan_with(&Users::with(&["5"]), grace(ms));
        let mut browser = Browser::signed_in(&mizan, "5").await;
        let (_, first) = browser.tokens().await;
        let second = body(&refresh(&mizan, &first).await);
        let access = second["access"].as_str().unwrap();
        let second = second["refresh"].as_str().unwrap();
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let (last, before) = uses.split_last().unwrap();
        let token = |name: &str| if name == "first" { &first } else { second };
        for name in before {
            assert_eq!(refresh(&mizan, token(name)).await.status(), 200, "{title}");
        }
        assert_eq!(by_token(&mizan, access, "guarded").await.0, 200, "{title}");
        assert_eq!(refresh(&mizan, token(last)).await.status(), 401, "{title}");
        assert_eq!(by_token(&mizan, access, "guarded").await.0, 401, "{title}");
        assert_eq!(refresh(&mizan, second).await.status(), 401, "{title}");
        assert_eq!(browser.call("guarded", json!({})).await.status(), 200, "{title}");
    }
}

/// A store that keeps what it was given, as one who reads the database would.
#[derive(Clone, Default)]
struct Watched(Arc<(MemorySessions, Mutex<Vec<String>>)>);

impl SessionStore for Watched {
    fn find<'a>(&'a self, id: &'a str) -> StoreFuture<'a, Option<Session>> {
        self.0.0.find(id)
    }
    fn keep<'a>(
        &'a self,
        id: &'a str,
        session: Session,
        time: Duration,
        most: usize,
    ) -> StoreFuture<'a, ()> {
        self.0.1.lock().unwrap().push(format!("{id} {session:?}"));
        self.0.0.keep(id, session, time, most)
    }
    fn end<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()> {
        self.0.0.end(id)
    }
    fn end_all<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, ()> {
        self.0.0.end_all(subject)
    }
    fn exchange<'a>(&'a self, id: &'a str, tokens: Exchange<'a>) -> StoreFuture<'a, Refresh> {
        self.0.1.lock().unwrap().push(format!("{id} {tokens:?}"));
        self.0.0.exchange(id, tokens)
    }
    fn of<'a>(
        &'a self,
        subject: &'a str,
        skip: usize,
        count: usize,
    ) -> StoreFuture<'a, Vec<(String, Session)>> {
        self.0.0.of(subject, skip, count)
    }
}

#[tokio::test]
async fn the_store_holds_no_refresh_token() {
    let store = Watched::default();
    let builder = builder(&Users::with(&["5"]), TokenPolicy::default());
    let mizan = builder.sessions(store.clone()).build().unwrap();
    let (_, first) = Browser::signed_in(&mizan, "5").await.tokens().await;
    let second = body(&refresh(&mizan, &first).await)["refresh"].as_str().unwrap().to_owned();
    let third = body(&refresh(&mizan, &second).await)["refresh"].as_str().unwrap().to_owned();
    let kept = store.0.1.lock().unwrap().join(" ");
    for token in [first, second, third] {
        let claims = decode(token.split('.').nth(1).unwrap());
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert!(kept.contains(claims["sid"].as_str().unwrap()), "{kept}");
        assert!(
            !kept.contains(claims["jti"].as_str().unwrap()) && !kept.contains(&token),
            "{kept}"
        );
    }
}

/// Two processes in the middle of a rotation, over one store.
#[tokio::test]
async fn a_repetition_after_a_rotation_gets_the_same_successor() {
    let (users, store) = (Users::with(&["5"]), Watched::default());
    let server = |private: &str, ring: KeyRing| {
        let builder = builder(&users, TokenPolicy::default()).sessions(store.clone());
        builder.jwt_private_key(secret(private)).jwt_keys(ring).build().unwrap()
    };
    let old = || KeyRing::new(secret("before"));
    let before = server("before", old());
    let after = server("after", old().rotate_in("v2", secret("after")).unwrap());
    let (_, token) = Browser::signed_in(&before, "5").await.tokens().await;
    let replies = [refresh(&before, &token).await, refresh(&after, &token).await];
    let ids = replies.map(|reply| {
        assert_eq!(reply.status(), 200);
        let token = body(&reply)["refresh"].as_str().unwrap().to_owned();
        let claims: Value =
            serde_json::from_slice(&decode(token.split('.').nth(1).unwrap())).unwrap();
        claims["jti"].clone()
    });
    assert_eq!(ids[0], ids[1]);
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
        // In a URL nothing is checked.
        let query = format!("token={token}&access_token={token}");
        let reply = send(&mizan, &get("/api/mizan/ctx/me/", &query), "").await;
        assert_eq!(body(&reply)["me"], nobody(), "{kind}");
    }
    for (kind, token) in &tokens {
        assert_eq!(refresh(&mizan, token).await.status() == 200, *kind == "refresh", "{kind}");
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
    let fake = get("/api/mizan/ctx/me/", "").header("authorization", format!("bearer {own}"));
    assert_eq!(body(&other.send(fake, "").await)["me"], user("012"));
    // Another scheme is not a bearer token, and an empty token is absent.
    for foreign in ["Basic eDp5", "Bearer", "Bearer  ", ""] {
        let fake = get("/api/mizan/ctx/me/", "").header("authorization", foreign);
        assert_eq!(body(&other.send(fake, "").await)["me"], user("012"), "{foreign:?}");
    }
}

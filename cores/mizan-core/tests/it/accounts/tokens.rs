//! Tokens: what each kind opens, and what a second use does.

use std::time::Duration;

use mizan_core::{Identity, TokenPolicy};
use serde_json::{Value, json};

use super::{Browser, Users, by_token, decode, mizan, mizan_with, nobody, refresh, user};
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
    // Another scheme is none of ours, and an empty token is absent.
    for foreign in ["Basic eDp5", "Bearer", "Bearer  ", ""] {
        let fake = get("/api/mizan/ctx/me/", "").header("authorization", foreign);
        assert_eq!(body(&other.send(fake, "").await)["me"], user("012"), "{foreign:?}");
    }
}

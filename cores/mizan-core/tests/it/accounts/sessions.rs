//! Sessions: signing in and out, and what ends with a session.

use std::collections::HashMap;

use mizan_core::{Builder, Function, Visibility};
use serde_json::{Value, json};

use super::{Browser, Users, by_token, mizan, nobody, refresh, user};
use crate::support::{get, json as body, json_request, param, post_call, send};

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
    // The cookie of before opens nothing, and is taken from anyone who still has it.
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

/// A link may lead to a read, and signs no one in or out.
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
            _ => drop(session.list("1", 0, 100).await?),
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
        let fake = fake.header("authorization", format!("Bearer {access}"));
        assert_eq!(browser.send(fake, &text).await.status(), 200, "{text}");
        let mut thief = Browser { mizan: &mizan, cookies: old };
        assert_eq!(body(&thief.call("whoami", json!({})).await)["result"], nobody(), "{text}");
        assert_eq!(by_token(&mizan, &access, "guarded").await.0, 401, "{text}");
        assert_eq!(refresh(&mizan, &renew).await.status(), 401, "{text}");
    }
}

/// Everywhere at once: for a password that was changed.
#[tokio::test]
async fn every_session_of_somebody_ends_and_nobody_elses() {
    let users = Users::with(&["5", "6"]);
    let mizan = mizan(&users);
    let mut here = Browser::signed_in(&mizan, "5").await;
    let mut there = Browser::signed_in(&mizan, "5").await;
    let mut other = Browser::signed_in(&mizan, "6").await;
    let (access, renew) = there.tokens().await;
    let reply = here.call("end_all", json!({ "name": "6" })).await;
    assert!(reply.cookies().is_empty(), "the caller's own session stays");
    assert_eq!(body(&other.call("whoami", json!({})).await)["result"], nobody());
    assert_eq!(body(&here.call("whoami", json!({})).await)["result"], user("5"));
    let reply = here.call("end_all", json!({ "name": "5" })).await;
    assert_eq!(body(&reply)["session"], "changed");
    assert!(reply.cookies()[0].starts_with("mizan_session=;"), "{:?}", reply.cookies());
    assert_eq!(body(&there.call("whoami", json!({})).await)["result"], nobody());
    assert_eq!(by_token(&mizan, &access, "guarded").await.0, 401);
    assert_eq!(refresh(&mizan, &renew).await.status(), 401);
    // From outside of a function as well.
    let mut again = Browser::signed_in(&mizan, "5").await;
    mizan.end_sessions("5").await.unwrap();
    assert_eq!(body(&again.call("whoami", json!({})).await)["result"], nobody());
}

#[tokio::test]
async fn a_subject_has_as_many_sessions_as_the_setting_says() {
    let users = Users::with(&["5"]);
    let built = super::builder(&users, mizan_core::TokenPolicy::default()).sessions_per_subject(2);
    let mizan = built.build().unwrap();
    let mut first = Browser::signed_in(&mizan, "5").await;
    let mut second = Browser::signed_in(&mizan, "5").await;
    let mut third = Browser::signed_in(&mizan, "5").await;
    assert_eq!(body(&first.call("whoami", json!({})).await)["result"], nobody());
    for browser in [&mut second, &mut third] {
        assert_eq!(body(&browser.call("whoami", json!({})).await)["result"], user("5"));
    }
    let none = super::builder(&users, mizan_core::TokenPolicy::default()).sessions_per_subject(0);
    assert!(none.build().unwrap_err().to_string().contains("MIZAN_SESSIONS_PER_SUBJECT"));
}

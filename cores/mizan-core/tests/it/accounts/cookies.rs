//! Cookies and CSRF tokens.

use mizan_core::testing::TestRequest;
use serde_json::json;

use super::{Browser, Users, mizan, nobody, user};
use crate::support::{get, json as body, post_call, send};

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

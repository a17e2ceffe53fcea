//! Cookies that another user has planted.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use serde_json::{Value, json};

use crate::identity::support::{Browser, call, reader, send, server};

const HTTPS: &[(&str, &str)] = &[("MIZAN_PUBLIC_ORIGIN", "https://example.org")];

/// Session fixation: whatever a browser brings to the sign-in, it leaves with a session of its own.
fn a_session_from_before_the_sign_in_is_not_the_one_after(backend: &Backend) {
    let server = server(backend, &[]);
    let attacker = Browser::signed_in(&server, "7");
    let mut own = Browser::signed_in(&server, "5");
    let ended = own.cookies["mizan_session"].clone();
    own.sign_out();
    let made_up =
        ["0".repeat(64), "fixed".into(), ended, attacker.cookies["mizan_session"].clone()];
    for planted in made_up {
        let mut victim = Browser::new(&server);
        let csrf = "0123456789abcdef0123456789abcdef";
        victim.cookies.insert("mizan_session".into(), planted.clone());
        victim.cookies.insert("mizan_csrf".into(), csrf.into());
        let token = victim.csrf();
        victim.sign_in("5");
        assert_eq!(victim.whoami(), "5");
        assert_ne!(victim.cookies["mizan_session"], planted);
        assert_ne!(victim.cookies["mizan_csrf"], csrf);
        // Neither the planted session nor the planted token is the victim's now.
        let cookie = format!("mizan_session={planted}");
        assert_eq!(reader(&mut server.client(), &[("Cookie", &cookie)]), Ok(Value::Null));
        let call = Request::call(r#"{"fn":"guarded"}"#).header("X-CSRFToken", token.as_bytes());
        assert_eq!(victim.send(call).status, 403);
        let cookies = format!("{cookie}; mizan_csrf={csrf}");
        let call = Request::call(r#"{"fn":"guarded"}"#).header("X-CSRFToken", token);
        let answer = send(&mut server.client(), &call.header("Cookie", cookies));
        assert!([401, 403].contains(&answer.status));
    }
}

/// Session and CSRF cookie change at every sign-in and sign-out.
fn every_sign_in_and_sign_out_changes_both_cookies(backend: &Backend) {
    let server = server(backend, &[]);
    let mut browser = Browser::new(&server);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        browser.sign_in("5");
        assert!(seen.insert(browser.cookies["mizan_session"].clone()));
        assert!(seen.insert(browser.cookies["mizan_csrf"].clone()));
        browser.call("sign_out", json!({}));
        assert!(seen.insert(browser.cookies["mizan_csrf"].clone()));
    }
}

/// Behind https every cookie can be set by this host alone, and one without the prefix is none.
fn behind_https_a_sibling_domain_can_plant_nothing(backend: &Backend) {
    let server = server(backend, HTTPS);
    let mut victim = Browser::new(&server);
    let answer = victim.call("sign_in", json!({ "name": "5" }));
    let set: Vec<_> =
        answer.headers.iter().filter(|header| header.0 == "set-cookie").map(|h| &h.1).collect();
    assert_eq!(set.len(), 2, "{set:?}");
    for cookie in set {
        let attributes: Vec<_> = cookie.split("; ").collect();
        assert!(attributes[0].starts_with("__Host-mizan_"), "{cookie}");
        for wanted in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(attributes.contains(&wanted), "{cookie}");
        }
        assert!(!cookie.to_lowercase().contains("domain"), "{cookie}");
    }
    let mut attacker = Browser::signed_in(&server, "7");
    let planted = |name: &str| attacker.cookies[&format!("__Host-{name}")].clone();
    let tossed =
        format!("mizan_session={}; mizan_csrf={}", planted("mizan_session"), planted("mizan_csrf"));
    // Alone it signs no one in; before or after the victim's own it changes nothing.
    let client = &mut server.client();
    assert_eq!(reader(client, &[("Cookie", &tossed)]), Ok(Value::Null));
    let (token, stolen) = (victim.csrf(), attacker.csrf());
    let own = victim.cookie_header();
    for cookies in [format!("{tossed}; {own}"), format!("{own}; {tossed}")] {
        assert_eq!(reader(client, &[("Cookie", &cookies)]), Ok(json!("5")));
        for (token, status) in [(&token, 200), (&stolen, 403)] {
            let answer = call(client, "guarded", &json!({}), |call| {
                let call = call.header("Cookie", cookies.as_bytes());
                call.header("X-CSRFToken", token.as_bytes())
            });
            assert_eq!(answer.status, status, "{cookies}");
        }
    }
}

/// Without https a sibling can plant a cookie, but no token for the victim's session.
fn a_planted_csrf_cookie_is_bound_to_another_session(backend: &Backend) {
    let server = server(backend, &[]);
    let victim = Browser::signed_in(&server, "5");
    let mut attacker = Browser::signed_in(&server, "7");
    let mut anonymous = Browser::new(&server);
    let session = format!("mizan_session={}", victim.cookies["mizan_session"]);
    for planter in [&mut attacker, &mut anonymous] {
        let token = planter.csrf();
        let csrf = format!("mizan_csrf={}", planter.cookies["mizan_csrf"]);
        for cookies in [format!("{csrf}; {session}"), format!("{session}; {csrf}")] {
            let answer = call(&mut server.client(), "guarded", &json!({}), |call| {
                let call = call.header("Cookie", cookies.as_bytes());
                call.header("X-CSRFToken", token.as_bytes())
            });
            assert_eq!(answer.status, 403);
        }
    }
}

cases! {
    "csrf", SESSION =>
        a_session_from_before_the_sign_in_is_not_the_one_after
        every_sign_in_and_sign_out_changes_both_cookies
        behind_https_a_sibling_domain_can_plant_nothing
        a_planted_csrf_cookie_is_bound_to_another_session;
}

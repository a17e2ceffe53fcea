//! The pages for browsers without JavaScript, as such a browser uses them.

use souk::seed::PASSWORD;

use crate::support::{Browser, Market, on_both};

on_both!(
    a_visitor_signs_in_and_comes_back,
    a_form_is_saved_and_shown,
    htmx_gets_the_saved_form_with_what_it_makes_stale,
    htmx_is_led_to_the_sign_in_by_a_header,
    a_form_with_faults_is_shown_with_what_was_typed,
    what_was_typed_is_escaped,
    a_form_needs_its_token,
    a_profile_is_its_users_alone,
    wrong_passwords_are_words_in_the_form,
    nobody_is_sent_elsewhere,
);

const LUCIA: &str = "/classic/profile/13/";
const GOOD: [(&str, &str); 4] =
    [("name", "Lucía F."), ("city", "Gijón"), ("email", "l@souk.example"), ("bio", "Tea.")];

async fn lucia(market: &Market) -> Browser {
    let mut browser = market.visitor().await;
    let form = [("name", "lucia"), ("password", PASSWORD), ("next", "")];
    let page = browser.submit("/classic/sign-in/", &form).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some(LUCIA)));
    browser
}

async fn a_visitor_signs_in_and_comes_back(market: &Market) {
    let mut browser = market.visitor().await;
    let page = browser.open(LUCIA).await;
    let next = "/classic/sign-in/?next=/classic/profile/13/";
    assert_eq!((page.status, page.location.as_deref()), (302, Some(next)));
    let page = browser.open(next).await;
    assert!(page.text.contains(r#"name="next" value="/classic/profile/13/""#), "{}", page.text);
    let form = [("name", "lucia"), ("password", PASSWORD), ("next", LUCIA)];
    let page = browser.submit("/classic/sign-in/", &form).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some(LUCIA)));
    let page = browser.open(LUCIA).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(r#"value="Lucía Fernández""#), "{}", page.text);

    let page = browser.submit("/classic/sign-out/", &[]).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some("/classic/sign-in/")));
    assert_eq!(browser.open(LUCIA).await.status, 302);
}

async fn a_form_is_saved_and_shown(market: &Market) {
    let mut browser = lucia(market).await;
    let page = browser.submit(LUCIA, &GOOD).await;
    let saved = "/classic/profile/13/?saved";
    assert_eq!((page.status, page.location.as_deref()), (303, Some(saved)));
    assert_eq!(
        page.made_old,
        "profile;user_id=13, global, stall_card;user_id=13, stall, orders, staff"
    );
    let page = browser.open(saved).await;
    assert!(page.text.contains("Your profile is saved."), "{}", page.text);
    assert!(page.text.contains(r#"value="Gijón""#), "{}", page.text);
    let profile = market.user(13).await.read("profile", "user_id=13").await;
    assert_eq!(profile["profile_details"]["email"], "l@souk.example");
}

async fn htmx_gets_the_saved_form_with_what_it_makes_stale(market: &Market) {
    let mut browser = lucia(market).await;
    browser.uses_htmx = true;
    let page = browser.submit(LUCIA, &GOOD).await;
    assert_eq!((page.status, page.location), (200, None));
    assert_eq!(
        page.made_old,
        "profile;user_id=13, global, stall_card;user_id=13, stall, orders, staff"
    );
    for words in ["Your profile is saved.", "<strong>Lucía F.</strong>", "profile;user_id=13"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    // She keeps no stall.
    assert!(!page.text.contains("stall_card"), "{}", page.text);
}

async fn htmx_is_led_to_the_sign_in_by_a_header(market: &Market) {
    let mut browser = market.visitor().await;
    browser.uses_htmx = true;
    let page = browser.open(LUCIA).await;
    let next = "/classic/sign-in/?next=/classic/profile/13/";
    assert_eq!((page.status, page.location.as_deref()), (200, Some(next)));
    assert!(!page.text.contains("Lucía"), "{}", page.text);
}

async fn a_form_with_faults_is_shown_with_what_was_typed(market: &Market) {
    let mut browser = lucia(market).await;
    let long = "x".repeat(61);
    let form = [("name", " "), ("city", &*long), ("email", "nobody"), ("bio", "Kept")];
    let page = browser.submit(LUCIA, &form).await;
    assert_eq!((page.status, &*page.made_old), (422, ""));
    for words in [
        "this is needed",
        "write 60 characters at most",
        "write an address like name@example.org",
        r#"value="nobody""#,
        "Kept</textarea>",
        r#"aria-describedby="email-error""#,
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("bio-error"));
    let name = market.user(13).await.read("global", "").await["current_user"]["name"].clone();
    assert_eq!(name, "Lucía Fernández");
}

async fn what_was_typed_is_escaped(market: &Market) {
    let mut browser = lucia(market).await;
    let evil = r#""><script>alert(1)</script>"#;
    let form = [("name", evil), ("city", ""), ("email", "l@f"), ("bio", "</textarea><script>")];
    assert_eq!(browser.submit(LUCIA, &form).await.status, 303);
    let page = browser.open(LUCIA).await;
    assert!(!page.text.contains("<script>"), "{}", page.text);
    assert!(page.text.contains("&lt;script&gt;"), "{}", page.text);
}

async fn a_form_needs_its_token(market: &Market) {
    let mut browser = lucia(market).await;
    for token in ["", "wrong", &market.visitor().await.form_token("/classic/sign-in/").await] {
        let page = browser.submit_with(token, LUCIA, &GOOD).await;
        assert_eq!((page.status, &*page.made_old), (403, ""), "{token}");
        assert_eq!(browser.submit_with(token, "/classic/sign-out/", &[]).await.status, 403);
    }
    assert_eq!(browser.submit(LUCIA, &GOOD).await.status, 303);
}

async fn a_profile_is_its_users_alone(market: &Market) {
    let mut browser = lucia(market).await;
    let page = browser.open("/classic/profile/14/").await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("this belongs to another user"), "{}", page.text);
    let token = browser.form_token(LUCIA).await;
    let page = browser.submit_with(&token, "/classic/profile/14/", &GOOD).await;
    assert_eq!((page.status, &*page.made_old), (403, ""));
    let name = market.user(14).await.read("global", "").await["current_user"]["name"].clone();
    assert_eq!(name, "David Cohen");
}

async fn wrong_passwords_are_words_in_the_form(market: &Market) {
    let mut browser = market.visitor().await;
    for (name, password, words) in [
        ("lucia", "guess", "the name or the password is wrong"),
        ("nobody", PASSWORD, "the name or the password is wrong"),
        ("", "", "this is needed"),
    ] {
        let form = [("name", name), ("password", password), ("next", "/orders")];
        let page = browser.submit("/classic/sign-in/", &form).await;
        assert_eq!(page.status, 422, "{name}");
        assert!(page.text.contains(words), "{words}: {}", page.text);
        assert!(page.text.contains(r#"name="next" value="/orders""#), "{}", page.text);
        assert!(!page.text.contains("guess"), "a password comes back");
    }
}

async fn nobody_is_sent_elsewhere(market: &Market) {
    for (next, location) in [
        ("/orders", "/orders"),
        ("/", "/"),
        ("//evil.example", LUCIA),
        ("/\\evil.example", LUCIA),
        ("https://evil.example", LUCIA),
        ("/\t/evil.example", LUCIA),
        ("\t//evil.example", LUCIA),
    ] {
        let form = [("name", "lucia"), ("password", PASSWORD), ("next", next)];
        let page = market.visitor().await.submit("/classic/sign-in/", &form).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some(location)), "{next}");
    }
}

/// The cases that the client is tested with too.
#[test]
fn a_way_back_is_judged_as_the_client_judges_it() {
    let rows: Vec<(String, bool)> =
        serde_json::from_str(include_str!("../ways_back.json")).unwrap();
    assert!(rows.len() > 30);
    for (next, expected) in rows {
        assert_eq!(souk::way_back::is_way_back(&next), expected, "{next:?}");
    }
}

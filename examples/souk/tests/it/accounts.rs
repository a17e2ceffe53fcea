//! Signing in and out, and the devices where somebody is signed in.

use serde_json::{Value, json};
use souk::seed::{PASSWORD, PASSWORD_HASH, SIGN_INS};
use souk::{device, password};

use crate::support::{Browser, Market, on_both};

on_both!(
    a_name_and_its_password_sign_in,
    who_is_nobody_and_what_is_wrong_are_one_answer,
    after_many_attempts_a_name_rests,
    rights_are_those_of_now,
    devices_are_listed_and_ended,
    a_market_from_before_there_were_accounts_gets_them,
);

async fn me(browser: &Browser) -> Value {
    browser.read("global", "").await["current_user"]["id"].clone()
}

async fn a_name_and_its_password_sign_in(market: &Market) {
    let mut browser = market.visitor().await;
    for ((name, _), id) in SIGN_INS.into_iter().zip([13, 1, 26]) {
        browser.sign_in(name, PASSWORD).await.result();
        assert_eq!(me(&browser).await, id, "{name}");
    }
    browser.sign_in(" LUCIA ", PASSWORD).await.result();
    assert_eq!(me(&browser).await, 13);
    let held = browser.clone();
    browser.sign_out().await.result();
    assert_eq!(me(&browser).await, Value::Null);
    assert_eq!(me(&held).await, Value::Null, "the cookie of before is good still");
}

async fn who_is_nobody_and_what_is_wrong_are_one_answer(market: &Market) {
    let mut browser = market.visitor().await;
    let mut check = async |name: &str, password: &str| {
        let answer = browser.sign_in(name, password).await;
        assert_eq!(answer.status, 401, "{name} {password}: {}", answer.body);
        answer.body
    };
    let wrong = check("lucia", "Open Sesame").await;
    assert_eq!(check("nobody", PASSWORD).await, wrong);
    assert_eq!(check("lucia", " open sesame").await, wrong);
    assert_eq!(me(&browser).await, Value::Null);
    let empty = browser.sign_in(" ", "").await;
    let needed = json!({ "name": ["this is needed"], "password": ["this is needed"] });
    assert_eq!(empty.fields(), &needed);
}

async fn after_many_attempts_a_name_rests(market: &Market) {
    let mut browser = market.visitor().await;
    for spellings in [["aylin", " Aylin ", "AYLIN"], ["nobody", "Nobody", "nobody "]] {
        for name in spellings.into_iter().cycle().take(10) {
            assert_eq!(browser.sign_in(name, "guess").await.status, 401, "{name}");
        }
        for name in spellings {
            let answer = browser.sign_in(name, PASSWORD).await;
            assert_eq!((answer.status, answer.error().0), (429, "TOO_MANY_REQUESTS"), "{name}");
            assert_eq!(answer.made_old, "");
        }
    }
    browser.sign_in("kenji", PASSWORD).await.result();
}

async fn rights_are_those_of_now(market: &Market) {
    let staff = market.user(26).await;
    staff.read("staff", "").await;
    for (sql, expected) in [
        ("UPDATE accounts SET staff = 0 WHERE user_id = 26", 403),
        ("DELETE FROM accounts WHERE user_id = 26", 401),
    ] {
        sqlx::query(sql).execute(market.db.pool()).await.unwrap();
        assert_eq!(staff.get("staff", "").await.0, expected, "{sql}");
    }
}

async fn devices_are_listed_and_ended(market: &Market) {
    let laptop = market.user(13).await;
    let mut phone = market.visitor().await;
    phone.user_agent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 Safari/604";
    phone.sign_in("lucia", PASSWORD).await.result();
    let other = market.user(14).await;

    let devices =
        async |browser: &Browser| browser.read("devices", "").await["devices_list"].clone();
    let find = |list: &Value, label: &str| {
        let mut devices = list.as_array().unwrap().iter();
        devices.find(|device| device["label"] == label).unwrap().clone()
    };
    let list = devices(&laptop).await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    let (own, lost) = (find(&list, "Firefox on Linux"), find(&list, "Safari on iPhone"));
    assert_eq!((&own["current"], &lost["current"]), (&json!(true), &json!(false)));
    let started: jiff::Timestamp = own["started"].as_str().unwrap().parse().unwrap();
    assert!((jiff::Timestamp::now().as_second() - started.as_second()).abs() < 60);

    // A token is no device, and ends with the one that it was given for.
    assert!(phone.tokens().await["access"].is_string());
    assert_eq!(devices(&laptop).await, list);

    let foreign = other.call("end_device", json!({ "id": lost["id"] })).await;
    assert_eq!((foreign.status, foreign.error().1), (404, "no such session"));
    assert_eq!(me(&phone).await, 13);

    let answer = laptop.call("end_device", json!({ "id": lost["id"] })).await;
    assert_eq!((answer.status, &*answer.made_old), (200, "devices"), "{}", answer.body);
    assert_eq!(devices(&laptop).await, json!([own]));
    assert_eq!(me(&phone).await, Value::Null);
    assert_eq!(phone.get("orders", "").await.0, 401);

    laptop.call("end_device", json!({ "id": own["id"] })).await.result();
    assert_eq!(me(&laptop).await, Value::Null);
}

async fn a_market_from_before_there_were_accounts_gets_them(market: &Market) {
    sqlx::query("DELETE FROM accounts").execute(market.db.pool()).await.unwrap();
    assert!(souk::seed::once(&market.db).await.unwrap().is_none());
    assert_eq!(market.number("SELECT COUNT(*) FROM accounts").await, 30);
    market.user(13).await;
}

#[tokio::test]
async fn a_password_is_compared_with_a_hash() {
    let check = async |password: &str, hash: Option<&str>| {
        password::is_right(password.into(), hash.map(Into::into)).await
    };
    assert!(check(PASSWORD, Some(PASSWORD_HASH)).await.unwrap());
    assert!(!check("open sesam", Some(PASSWORD_HASH)).await.unwrap());
    assert!(!check(PASSWORD, None).await.unwrap());
    assert!(check(PASSWORD, Some("no hash")).await.is_err());
}

/// What is compared where there is no hash costs what every other comparison does.
#[test]
fn nobody_costs_as_much_as_somebody() {
    let cost = |hash: &'static str| hash.split('$').take(4).collect::<Vec<_>>();
    assert_eq!(cost(password::NOBODY), cost(PASSWORD_HASH));
    assert_eq!(password::NOBODY.len(), PASSWORD_HASH.len());
}

#[test]
fn a_browser_is_called_by_its_name_and_system() {
    for (user_agent, label) in [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/140.0 Safari/537",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140.0 Mobile Safari/537",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605 Safari/604",
            "Safari on iPad",
        ),
        ("curl/8.14.1", "curl"),
        ("", "Unknown browser"),
    ] {
        assert_eq!(device::label(user_agent), label);
    }
}

//! Whose a key is, and which keys are refused.

use std::collections::BTreeSet;

use mizan_core::testing::TestRequest;
use mizan_core::{Builder, Cors, Function, Identity, Visibility, client, functions};
use serde_json::{Value, json};

use super::{effects, pay, pay_signed_in, payment, server};

#[tokio::test]
async fn no_one_sees_the_response_of_another_by_a_key() {
    let (mizan, shop) = server();
    let mut given = BTreeSet::new();
    for user in ["7", "8", "9"] {
        let call = TestRequest::call(pay_signed_in).as_user(Identity::new(user));
        let call = call.header("idempotency-key", "the-same");
        let (subject, number) = call.clone().send(&mizan).await.result::<(String, usize)>();
        assert_eq!(subject, user);
        assert_eq!(call.send(&mizan).await.result::<(String, usize)>(), (subject, number));
        assert!(given.insert(number));
    }
    let stranger = TestRequest::call(pay_signed_in).header("idempotency-key", "the-same");
    assert_eq!(stranger.send(&mizan).await.status(), 401);
    assert_eq!(effects(&shop), 3);
}

/// What a page does before its first call.
async fn cookie_and_token(mizan: &mizan_core::Mizan) -> (String, String) {
    let session = TestRequest::new("GET", "/api/mizan/session/").send(mizan).await;
    let cookie = session.cookies()[0].split(';').next().unwrap().to_owned();
    (cookie, session.json()["csrfToken"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_key_of_a_stranger_belongs_to_their_browser() {
    let (mizan, shop) = server();
    let mut given = BTreeSet::new();
    for _ in 0..3 {
        let (cookie, token) = cookie_and_token(&mizan).await;
        let call = |user: i64| {
            let call = TestRequest::call(pay).arg("user_id", user).header("idempotency-key", "1");
            call.header("cookie", &cookie).header("x-csrftoken", &token)
        };
        let number = call(7).send(&mizan).await.result::<usize>();
        assert_eq!(call(7).send(&mizan).await.result::<usize>(), number);
        assert_eq!(call(8).send(&mizan).await.status(), 422);
        assert!(given.insert(number));
    }
    // A program without a cookie is known by what it calls alone.
    let call =
        |user: i64| TestRequest::call(pay).arg("user_id", user).header("idempotency-key", "1");
    assert_eq!(call(7).send(&mizan).await.result::<usize>(), 4);
    assert_eq!(call(7).send(&mizan).await.result::<usize>(), 4);
    assert_eq!(call(8).send(&mizan).await.result::<usize>(), 5);
    assert_eq!(effects(&shop), 5);
}

#[tokio::test]
async fn a_request_of_another_site_gets_nothing_by_a_key() {
    let (mizan, shop) = server();
    assert_eq!(payment("k", "").send(&mizan).await.status(), 200);
    let foreign = payment("k", "").header("origin", "https://evil.example");
    let refused = foreign.send(&mizan).await;
    assert_eq!((refused.status(), refused.json().get("result")), (403, None));
    assert_eq!(effects(&shop), 1);
}

#[tokio::test]
async fn a_key_of_another_call_is_a_422_and_an_invalid_one_a_400() {
    let (mizan, shop) = server();
    assert_eq!(payment("k", "").send(&mizan).await.status(), 200);
    let others = [
        payment("k", "").arg("user_id", 8),
        payment("\"k\"", "").arg("how", "x"),
        TestRequest::call(pay_signed_in).as_user(Identity::new("7")).header("idempotency-key", "k"),
    ];
    for other in others {
        let refused = other.send(&mizan).await;
        assert_eq!((refused.status(), refused.code()), (422, "VALIDATION_ERROR".to_owned()));
        assert!(refused.targets().is_empty());
    }
    // In quotes it is the same key.
    assert_eq!(payment("\"k\"", "").send(&mizan).await.result::<usize>(), 1);
    let long = "k".repeat(65);
    for key in ["", "\"", "\"\"", "a b", "ä", "a\"b", &long] {
        let refused = payment(key, "").send(&mizan).await;
        assert_eq!((refused.status(), refused.code()), (400, "BAD_REQUEST".to_owned()), "{key}");
    }
    assert_eq!(payment(&long[1..], "").send(&mizan).await.status(), 200);
    assert_eq!(effects(&shop), 2);
}

#[tokio::test]
async fn pages_of_other_origins_may_send_a_key() {
    let cors = Cors::origins(["https://app.example.org"]);
    let mizan = Builder::empty().functions(functions![tell]).cors(cors).build().unwrap();
    let asked = TestRequest::new("OPTIONS", "/api/mizan/call/");
    let asked = asked.header("origin", "https://app.example.org");
    let allowed = asked.header("access-control-request-method", "POST").send(&mizan).await;
    let headers = allowed.header("access-control-allow-headers").unwrap();
    assert!(headers.split(", ").any(|name| name == "idempotency-key"), "{headers}");
}

#[client(idempotent)]
async fn tell() {}

#[test]
fn the_schema_document_says_which_calls_are_idempotent() {
    let (mizan, _) = tokio::runtime::Runtime::new().unwrap().block_on(async { server() });
    let document = serde_json::to_value(mizan.document()).unwrap();
    assert_eq!(document["functions"]["pay"]["idempotent"], json!(true));
    assert_eq!(document["functions"]["pay_twice"].get("idempotent"), None);
}

#[test]
fn build_refuses_what_cannot_be_kept() {
    let made = || {
        let run = |_, _| async { Ok(Value::Null) };
        Function::dynamic("made", Vec::new(), run).idempotent().visibility(Visibility::User)
    };
    let build = |function: Function| {
        let built = Builder::empty().function(function).build();
        built.map(drop).map_err(|error| error.to_string())
    };
    build(made()).unwrap();
    let wrong = [
        made().visibility(Visibility::Raw),
        made().context("c"),
        made().private(),
        made().websocket(),
    ];
    for function in wrong {
        let error = build(function).unwrap_err();
        assert!(error.contains("`made` is idempotent, and its response cannot be kept"), "{error}");
    }
    let error = build(made().detach()).unwrap_err();
    assert!(error.contains("`made` has both `idempotent` and `detach`"), "{error}");
}

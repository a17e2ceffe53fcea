//! The recorded exchanges, compared answer by answer.

use crate::backend::{Application, Backend};
use crate::case::{cases, note};
use crate::client::Request;
use crate::tokens;
use crate::vectors::{Allowed, Exchange, HttpCalls, Judgements};
use serde_json::{Value, json};

use crate::suite::support::{self, JWT_PRIVATE_KEY, MWT_SECRET, app, judge, send, shown};

/// The exchanges outside of `call-auth` that reach nothing with `auth`, without that of the form.
const OPEN: usize = 42;
/// Those with `auth`.
const GUARDED: usize = 13;

fn every_exchange_is_answered_as_judged(backend: &Backend) {
    let calls = HttpCalls::load().unwrap();
    let judgements = Judgements::load().unwrap();
    let server = app(backend);
    let (mut open, mut guarded, mut faults) = (0, 0, Vec::new());
    for exchange in &calls.cases {
        if judgements.skipped.contains_key(&exchange.id) {
            continue;
        }
        let has_auth = exchange.group == "call-auth"
            || calls.reached(exchange).any(|function| function.auth.is_some());
        *(if has_auth { &mut guarded } else { &mut open }) += 1;
        let recorded = [exchange.response.expected()];
        let allowed = judgements.allowed.get(&exchange.id).map_or(&recorded[..], Vec::as_slice);
        faults.extend(check(&server, exchange, true, allowed).err());
        // What needs no credentials is answered alike without them.
        if !has_auth && exchange.request.auth == "user" {
            faults.extend(check(&server, exchange, false, allowed).err());
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
    note!("{open} open exchanges and {guarded} guarded ones ran");
    assert_eq!((open, guarded), (OPEN, GUARDED));
}

/// Every exchange of a judgement exists, so that a renamed one is noticed.
fn judgements_name_exchanges(_: &Backend) {
    let calls = HttpCalls::load().unwrap();
    let judgements = Judgements::load().unwrap();
    let names = judgements.skipped.keys().chain(judgements.allowed.keys());
    for name in names {
        assert!(calls.cases.iter().any(|exchange| exchange.id == *name), "{name}");
    }
    assert_eq!(calls.cases.len(), OPEN + GUARDED + judgements.skipped.len());
}

/// The application registers what the vectors describe, apart from names that are refused.
fn the_whole_registry_is_registered(backend: &Backend) {
    let program = backend.run(Application::Conformance, &["mizan", "schema"], &[]).unwrap();
    assert!(program.status.success());
    let document: Value = serde_json::from_slice(&program.stdout).unwrap();
    let calls = HttpCalls::load().unwrap();
    let legal = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let wanted: Vec<&str> = calls
        .registry
        .iter()
        .filter(|function| !function.form && function.context.as_deref().is_none_or(legal))
        .map(|function| function.name.as_str())
        .collect();
    let found = document["functions"].as_object().unwrap();
    for name in &wanted {
        // A private function is no one's business, the schema document's neither.
        assert!(found.contains_key(*name) || *name == "stripe_webhook", "{name}");
    }
    assert!(found.len() <= wanted.len());
}

fn check(
    server: &crate::server::Server,
    exchange: &Exchange,
    credentials: bool,
    allowed: &[Allowed],
) -> Result<(), String> {
    let mut request = request(server, exchange);
    if credentials {
        request = signed(request, exchange);
    }
    let answer = send(&mut server.client(), &exchange.id, &request);
    let view = exchange.response.content_type == "text/html" && exchange.response.status < 400;
    let faults: Vec<String> =
        allowed.iter().filter_map(|allowed| judge(&answer, allowed).err()).collect();
    let wanted_type = if view { "text/html; charset=utf-8" } else { "application/json" };
    if faults.len() == allowed.len() || answer.header("content-type") != Some(wanted_type) {
        return Err(format!(
            "{} ({}): {}\nanswer: {}",
            exchange.id,
            exchange.title,
            faults.join("; or "),
            shown(&answer)
        ));
    }
    Ok(())
}

/// The same with the credentials that their name stands for.
fn signed(request: Request, exchange: &Exchange) -> Request {
    let jwt = |subject: &str| {
        let claims = tokens::access(subject, &format!("conformance-{subject}"));
        tokens::sign(&claims, JWT_PRIVATE_KEY)
    };
    let edge = |subject, staff, superuser| tokens::edge(subject, staff, superuser);
    let changed = |name: &str, value: Value| {
        let mut claims = edge("1", false, false);
        claims[name] = value;
        claims
    };
    let mwt = |request: Request, claims: Value| {
        request.header("X-Mizan-Token", tokens::sign(&claims, MWT_SECRET))
    };
    match exchange.request.auth.as_str() {
        "none" => request,
        // An edge token opens reads only; a guarded call is made with a token that opens it.
        "user" if exchange.group == "call-auth" => {
            request.header("Authorization", format!("Bearer {}", jwt("1")))
        }
        "user" => mwt(request, edge("1", false, false)),
        "staff" => mwt(request, edge("2", true, false)),
        "garbage jwt" => request.header("Authorization", "Bearer garbage"),
        "bearer without token" => request.header("Authorization", "Bearer "),
        "lower case bearer" => request.header("Authorization", format!("bearer {}", jwt("1"))),
        "expired mwt" => {
            let mut claims = changed("exp", json!(tokens::now() - 1));
            claims["iat"] = json!(tokens::now() - 301);
            claims["nbf"] = claims["iat"].clone();
            mwt(request, claims)
        }
        "mwt other audience" => mwt(request, changed("aud", json!("other"))),
        "garbage mwt and good jwt" => request
            .header("X-Mizan-Token", "garbage")
            .header("Authorization", format!("Bearer {}", jwt("1"))),
        other => panic!("{}: nobody knows the credentials `{other}`", exchange.id),
    }
}

/// The request of an exchange, without credentials.
fn request(server: &crate::server::Server, exchange: &Exchange) -> Request {
    let sent = &exchange.request;
    let mut request = Request::new(sent.method.clone(), sent.path.clone());
    if let Some(content_type) = &sent.content_type {
        request = request.header("Content-Type", content_type.as_bytes());
    }
    let pair = |name: &str| sent.headers.iter().find(|pair| pair.0 == name);
    match (pair("Cookie"), pair("X-CSRFToken")) {
        // Where both are sent alike they stand for a good pair.
        (Some((_, cookie)), Some((_, token))) if cookie.ends_with(token.as_str()) => {
            let (cookie, token) = crate::suite::csrf::pair(&mut server.client());
            request = request.header("Cookie", cookie).header("X-CSRFToken", token);
        }
        _ => {
            for (name, value) in &sent.headers {
                request = request.header(name, value.as_bytes());
            }
        }
    }
    match &sent.body {
        Some(body) => request.body(body.as_bytes()),
        None => request,
    }
}

/// The good credentials are good: what they open is closed without them, and to others.
fn every_session_of_the_vectors_opens_what_its_subject_may(backend: &Backend) {
    const OPENS: &[(&str, [bool; 3])] = &[
        ("1", [true, false, false]),
        ("2", [true, true, false]),
        ("3", [true, true, true]),
        ("4", [true, false, true]),
        ("9", [true, false, false]),
    ];
    let server = app(backend);
    let client = &mut server.client();
    for (subject, opens) in OPENS {
        let claims = tokens::access(subject, &format!("conformance-{subject}"));
        for (function, good) in ["need_user", "need_staff", "need_super"].iter().zip(opens) {
            let body = json!({ "fn": function, "args": { "user_id": 1 } }).to_string();
            let call = |claims: &Value| {
                let token = tokens::sign(claims, JWT_PRIVATE_KEY);
                let bearer = format!("Bearer {token}");
                Request::call(body.as_str()).header("Authorization", bearer)
            };
            let answer = send(client, function, &call(&claims));
            assert_eq!(answer.status, if *good { 200 } else { 403 }, "{subject}: {function}");
            // The session of another user is none.
            let mut other = claims.clone();
            other["sid"] = json!(if *subject == "1" { "conformance-2" } else { "conformance-1" });
            support::check(client, function, &call(&other), &support::error(401, "UNAUTHORIZED"));
        }
    }
}

/// The codes of one function's error travel with their details.
fn details_of_a_function_reach_the_client(backend: &Backend) {
    let server = app(backend);
    let mut client = server.client();
    let call = |name: &str| Request::call(format!(r#"{{"fn":"{name}"}}"#));
    let gone =
        support::check(&mut client, "gone", &call("gone"), &support::error(404, "NOT_FOUND"));
    assert_eq!(gone.json().unwrap()["error"]["details"]["id"], 7);
    support::check(&mut client, "invalid_body", &call("invalid_body"), &support::fields(["x"]));
    support::check(&mut client, "todo", &call("todo"), &support::error(501, "NOT_IMPLEMENTED"));
    let boom = Allowed { hides: Some("secret".into()), ..support::error(500, "INTERNAL_ERROR") };
    let boom = support::check(&mut client, "boom", &call("boom"), &boom);
    let id = boom.json().unwrap()["error"]["details"]["id"].clone();
    assert!(server.logs(id.as_str().unwrap()), "the log knows the id");
}

cases! {
    "wire", CALL =>
        every_exchange_is_answered_as_judged
        judgements_name_exchanges;
    "manifest", SCHEMA =>
        the_whole_registry_is_registered;
    "tokens", SESSION =>
        every_session_of_the_vectors_opens_what_its_subject_may;
    "errors", ERRORS =>
        details_of_a_function_reach_the_client;
}

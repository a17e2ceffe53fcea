//! Credentials: anyone who is known to the server holds exactly what it has given.

use serde_json::Value;

use crate::query::split;
use crate::sent::Sent;
use crate::world::{Given, World};

const WHOAMI: &str = r#"{"fn":"whoami"}"#;

/// The input as `Authorization`, one header a line.
pub fn jwt(data: &[u8]) {
    World::with(|world| {
        let given = world.given();
        let lines = lines(&given.expand(data));
        let read = dressed(Sent::get("ctx/me/"), "authorization", &lines);
        let (reply, body) = world.ask(&world.signed, &read);
        assert!(matches!(reply.status(), 200 | 401), "{} {body}", reply.status());
        let good = first(&lines).is_some_and(|text| bearer(text, given));
        assert!(body["me"].is_null() || good, "{lines:?} is {}", body["me"]);
        assert!(data != b"Bearer $A" || body["me"] == "ann", "{body}");
        // It opens calls as well, and nothing else does.
        let call = dressed(Sent::post("call/", WHOAMI), "authorization", &lines);
        let (_, called) = world.ask(&world.signed, &call);
        assert_eq!(called["result"], body["me"], "{called}");
    });
}

/// The input as `X-Mizan-Token`, one header a line.
pub fn mwt(data: &[u8]) {
    World::with(|world| {
        let given = world.given();
        let lines = lines(&given.expand(data));
        let read = dressed(Sent::get("ctx/me/"), "x-mizan-token", &lines);
        let (reply, body) = world.ask(&world.signed, &read);
        assert!(matches!(reply.status(), 200 | 401), "{} {body}", reply.status());
        let good = first(&lines).is_some_and(|text| text == given.edge);
        assert!(body["me"].is_null() || good, "{lines:?} is {}", body["me"]);
        assert!(data != b"$E" || body["me"] == "ann", "{body}");
        // It opens reads alone.
        let call = dressed(Sent::post("call/", WHOAMI), "x-mizan-token", &lines);
        let (called, answer) = world.ask(&world.signed, &call);
        assert_eq!(called.status(), reply.status(), "{answer}");
        assert!(answer["result"].is_null(), "{answer}");
    });
}

/// The input as the head of a call, a header a line (`cookie: a=b`).
pub fn cookie(data: &[u8]) {
    const NAMES: [&str; 7] = [
        "authorization",
        "cookie",
        "host",
        "origin",
        "sec-fetch-site",
        "x-csrftoken",
        "x-mizan-token",
    ];
    World::with(|world| {
        let given = world.given();
        let mut call = Sent::post("call/", WHOAMI);
        for line in lines(&given.expand(data)) {
            let (name, value) = split(&line, b':');
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            if NAMES.contains(&&*name) {
                call = call.header(&name, value.trim_ascii());
            }
        }
        let (reply, body) = world.ask(&world.signed, &call);
        assert!(matches!(reply.status(), 200 | 401 | 403), "{} {body}", reply.status());
        if reply.status() == 200 {
            passed(&call, &body["result"], given);
        } else {
            assert!(body.get("invalidate").is_none());
        }
    });
}

/// Checks that a call that ran was allowed to.
fn passed(call: &Sent, user: &Value, given: &Given) {
    let all = |name: &str| -> Vec<Vec<u8>> {
        let named = call.headers.iter().filter(|header| header.0 == name);
        named.map(|header| header.1.clone()).collect()
    };
    let by_bearer = first(&all("authorization")).is_some_and(|text| bearer(text, given));
    let session = format!("mizan_session={}", given.session);
    let holds = |value: &Vec<u8>| contains(value, session.as_bytes());
    let by_cookie = all("cookie").iter().any(holds);
    assert!(user.is_null() || by_bearer || by_cookie, "{call:?} is {user}");
    if by_bearer {
        return;
    }
    // A browser says where it comes from, and a page of this origin has the token.
    if let Some(site) = all("sec-fetch-site").first() {
        assert!(matches!(&**site, b"same-origin" | b"none"), "{call:?}");
    } else if let Some(origin) = all("origin").first() {
        let host = all("host").first().cloned().unwrap_or_default().to_ascii_lowercase();
        let host = host.strip_suffix(b":80").unwrap_or(&host);
        assert_eq!(*origin, [b"http://", host].concat(), "{call:?}");
    }
    if !all("cookie").is_empty() {
        let token = all("x-csrftoken").first().cloned().unwrap_or_default();
        let csrf = format!("mizan_csrf={}", given.csrf);
        assert!(all("cookie").iter().any(|value| contains(value, csrf.as_bytes())), "{call:?}");
        let own = token == given.token.as_bytes();
        let of_nobody = user.is_null() && token == given.anonymous_token.as_bytes();
        assert!(own || of_nobody, "{call:?}");
    }
}

fn dressed(sent: Sent, name: &str, lines: &[Vec<u8>]) -> Sent {
    lines.iter().fold(sent, |sent, line| sent.header(name, &**line))
}

fn lines(data: &[u8]) -> Vec<Vec<u8>> {
    data.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// The first that is text: others are as good as absent.
fn first(lines: &[Vec<u8>]) -> Option<&str> {
    lines.iter().find_map(|line| std::str::from_utf8(line).ok())
}

/// Whether a text is the access token that was given, behind its scheme.
fn bearer(text: &str, given: &Given) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    matches!(&*words, [scheme, token] if scheme.eq_ignore_ascii_case("bearer") && *token == given.access)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

//! Random bodies and queries: each gets a well-formed response, and the server stays alive.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use crate::deep;
use mizan_faults::random::Random;

use super::check_alive;
use crate::suite::support::{self, app, context, send};

/// Statuses that no body can earn here: none of the functions that fail is called by its name.
fn may_be(status: u16) -> bool {
    matches!(status, 200 | 302 | 400 | 401 | 403 | 404 | 413 | 415 | 422)
}

fn random_bodies_are_answered_in_form(backend: &Backend) {
    const SEED: u64 = 0xf022;
    let rounds = 6_000 * deep();
    let server = app(backend);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = &mut server.client();
                loop {
                    let round = next.fetch_add(1, Ordering::Relaxed);
                    if round >= rounds {
                        break;
                    }
                    let mut random = Random::seeded(SEED + round as u64);
                    let body = match round % 4 {
                        0 => {
                            let length = random.below(300);
                            random.bytes(length)
                        }
                        1 => mutated(&mut random),
                        2 => tokens(&mut random),
                        _ => format!(
                            r#"{{"fn":"{}","args":{{"{}":{}}}}}"#,
                            random.pick(&["echo", "add", "many", "tags", "nested", "opt"]).unwrap(),
                            random.pick(&["text", "a", "tags", "body", "x", "b"]).unwrap(),
                            value(&mut random, 0)
                        )
                        .into_bytes(),
                    };
                    let title = format!("round {round}: {}", String::from_utf8_lossy(&body));
                    let answer = send(client, &title, &Request::call(body));
                    assert!(may_be(answer.status), "{title}: {}", support::shown(&answer));
                }
            });
        }
    });
    check_alive(&server);
}

fn random_queries_are_answered_in_form(backend: &Backend) {
    const SEED: u64 = 0xf0a7;
    const SIGNS: &[&str] = &[
        "user_id",
        "page",
        "org",
        "mizan.only",
        "=",
        "&",
        "=",
        "&",
        "%",
        "%00",
        "%FF",
        "+",
        "1",
        "-",
        ".",
        "e",
        "user_orders",
        "null",
        "true",
        "[",
        "]",
        ";",
        "?",
        "/",
        "5",
        " %20",
        "%E2%82%AC",
        "%22",
    ];
    let server = app(backend);
    let client = &mut server.client();
    for round in 0..2_000 * deep() as u64 {
        let mut random = Random::seeded(SEED + round);
        let length = random.below(14);
        let query: String = (0..length).map(|_| *random.pick(SIGNS).unwrap()).collect();
        let query = query.replace(' ', "");
        let name = random.pick(&["user", "orders", "global", "revved"]).unwrap();
        let answer = send(client, &query, &context(&format!("{name}/?{query}")));
        assert!(
            matches!(answer.status, 200 | 400 | 404 | 422),
            "{name}/?{query}: {}",
            support::shown(&answer)
        );
    }
    check_alive(&server);
}

/// A good body with a few of its bytes changed.
pub(crate) fn mutated(random: &mut Random) -> Vec<u8> {
    const BODIES: &[&str] = &[
        r#"{"fn":"echo","args":{"text":"h\u00e9\ud83d\ude00"}}"#,
        r#"{"fn":"nested","args":{"body":{"a":1,"b":{"c":"x"}}}}"#,
        r#"{"fn":"touch_many","args":{"user_id":-5,"org":"a b"}}"#,
        r#"{"fn":"ratio","args":{"x":-1.5e-7}}"#,
        r#"{"fn":"tags","args":{"tags":["a","b","c"]}}"#,
        r#"{"fn":"update_profile_view","args":{"user_id":5}}"#,
    ];
    let mut body = random.pick(BODIES).unwrap().as_bytes().to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(body.len());
        match random.below(4) {
            0 => body[at] = random.bits().to_le_bytes()[0],
            1 => body.insert(at, *random.pick(b"{}[]\",:\\0eE+-.\0u").unwrap()),
            2 => drop(body.remove(at)),
            _ => {
                let to = (at + random.below(12)).min(body.len());
                let again = body[at..to].to_vec();
                body.splice(at..at, again);
            }
        }
        if body.is_empty() {
            break;
        }
    }
    body
}

/// The words of JSON in any order.
pub(crate) fn tokens(random: &mut Random) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"fn\"",
        "\"args\"",
        "\"echo\"",
        "\"text\"",
        "null",
        "true",
        "1",
        "-",
        "1e9",
        "\"\\u\"",
        "\"\\ud800\"",
        " ",
        "\n",
        "\"no_args\"",
        "0.5",
        "\"",
        "\\",
    ];
    let length = random.below(24);
    let text: String = (0..length).map(|_| *random.pick(WORDS).unwrap()).collect();
    match random.below(2) {
        0 => text.into_bytes(),
        _ => format!(r#"{{"fn":"echo","args":{text}}}"#).into_bytes(),
    }
}

/// Any JSON value, as text.
pub(crate) fn value(random: &mut Random, depth: usize) -> String {
    let scalar = match random.below(9) {
        0 => "null".into(),
        1 => "true".into(),
        // Inside of what a number of JavaScript holds: a result outside of it is a 500.
        2 => (random.bits() as i64 >> 11).to_string(),
        3 => format!("{:e}", f64::from_bits(random.bits())).replace("inf", "1").replace("NaN", "0"),
        4 => "\"\\u0000\\ud83d\\ude00\"".into(),
        5 => "\"\"".into(),
        6 => "-0".into(),
        _ => String::new(),
    };
    if !scalar.is_empty() {
        return scalar;
    }
    if depth > 8 {
        return "[]".into();
    }
    let count = random.below(4);
    let items: Vec<String> = (0..count).map(|_| value(random, depth + 1)).collect();
    match random.below(2) {
        0 => format!("[{}]", items.join(",")),
        _ => {
            let members: Vec<String> =
                items.iter().enumerate().map(|(at, item)| format!(r#""k{at}":{item}"#)).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

cases! {
    "hostile", ERRORS =>
        random_bodies_are_answered_in_form
        random_queries_are_answered_in_form;
}

//! Where the requests of the corpus come from.

use mizan_faults::random::Random;
use serde_json::json;

use super::{ANY, Entry, Way};
use crate::backend::Application;
use crate::client::Request;
use crate::suite::hostile::bodies::BROKEN;
use crate::suite::hostile::random::{mutated, tokens, value};
use crate::suite::support::{JWT_PRIVATE_KEY, MOUNT, MWT_SECRET};
use crate::tokens as signed;
use crate::vectors::HttpCalls;

const SEED: u64 = 0xc0_49_05;
const CALL: &str = "/api/mizan/call/";

pub(super) fn entries() -> Vec<Entry> {
    let mut corpus = Corpus(Vec::new());
    corpus.vectors();
    corpus.tables();
    corpus.paths();
    corpus.random_bodies();
    corpus.random_queries();
    corpus.lists();
    corpus.failures();
    corpus.connections();
    corpus.0
}

struct Corpus(Vec<Entry>);

impl Corpus {
    fn add(&mut self, application: Application, title: &str, way: Way) {
        self.0.push(Entry { application, title: title.to_owned(), way });
    }

    fn whole(&mut self, title: &str, request: Request) {
        self.add(Application::Conformance, title, Way::Whole(request));
    }

    /// Each recorded request, in several dresses.
    fn vectors(&mut self) {
        let calls = HttpCalls::load().unwrap();
        for exchange in &calls.cases {
            for (dress, headers) in dresses() {
                let sent = &exchange.request;
                let mut request = Request::new(sent.method.clone(), sent.path.clone());
                if let Some(content_type) = &sent.content_type {
                    request = request.header("Content-Type", content_type.as_bytes());
                }
                for (name, value) in &headers {
                    request = request.header(*name, value.as_bytes());
                }
                if let Some(body) = &sent.body {
                    request = request.body(body.as_bytes());
                }
                self.whole(&format!("{} {dress}", exchange.id), request);
            }
        }
    }

    /// Broken bodies under several types, and types and headers around a good one.
    fn tables(&mut self) {
        for (title, body) in BROKEN {
            for content_type in
                ["application/json", "application/json; charset=utf-8", "text/plain"]
            {
                let request = Request::new("POST", CALL).header("Content-Type", content_type);
                self.whole(&format!("{title} as {content_type}"), request.body(*body));
            }
        }
        let good = r#"{"fn":"echo","args":{"text":"a"}}"#;
        for (name, value) in HEADERS {
            self.whole(&format!("{name}: {value}"), Request::call(good).header(*name, *value));
            let read = Request::get(format!("{MOUNT}/ctx/user/?user_id=5"));
            self.whole(&format!("read with {name}: {value}"), read.header(*name, *value));
        }
    }

    /// Every path with every method.
    fn paths(&mut self) {
        for path in PATHS {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"]
            {
                let request = Request::new(method, *path);
                self.whole(&format!("{method} {path}"), request);
            }
        }
    }

    fn random_bodies(&mut self) {
        for round in 0..600 {
            let random = &mut Random::seeded(SEED + round);
            let body = match round % 4 {
                0 => {
                    let length = random.below(300);
                    random.bytes(length)
                }
                1 => mutated(random),
                2 => tokens(random),
                _ => {
                    let name = random.pick(&["echo", "add", "many", "tags", "nested", "opt"]);
                    let argument = random.pick(&["text", "a", "tags", "body", "x", "b"]);
                    let (name, argument) = (name.unwrap(), argument.unwrap());
                    let value = value(random, 0);
                    format!(r#"{{"fn":"{name}","args":{{"{argument}":{value}}}}}"#).into_bytes()
                }
            };
            self.whole(&format!("random body {round}"), Request::call(body));
        }
    }

    fn random_queries(&mut self) {
        const SIGNS: &[&str] = &[
            "user_id",
            "page",
            "org",
            "mizan.only",
            "slug",
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
            "%22",
            "5",
            "%C3%A9",
        ];
        for round in 0..500 {
            let random = &mut Random::seeded(SEED + 10_000 + round);
            let length = random.below(14);
            let query: String = (0..length).map(|_| *random.pick(SIGNS).unwrap()).collect();
            let name = random.pick(&["user", "orders", "global", "revved", "mixed"]).unwrap();
            let request = Request::get(format!("{MOUNT}/ctx/{name}/?{query}"));
            self.whole(&format!("random query {round}"), request);
        }
    }

    /// Pages, batches by query and by body, and calls with what the page holds.
    fn lists(&mut self) {
        for round in 0..200_u64 {
            let random = &mut Random::seeded(SEED + 20_000 + round);
            let mut entry = || {
                let stall = random.below(4);
                match random.below(8) {
                    0 => format!("orders;limit={};stall_id={stall}", random.below(8)),
                    1 => "missing;id=5".to_owned(),
                    2 => "mine".to_owned(),
                    3 => "raw;id=1".to_owned(),
                    4 => format!("sum;numbers=%5B1%2C{stall}%5D"),
                    5 => "total;stall_id=x".to_owned(),
                    _ => format!("total;stall_id={stall}"),
                }
            };
            // One entry, since the order of lines means nothing.
            let entry = entry();
            let encoded = entry.replace('%', "%25").replace(';', "%3B").replace('=', "%3D");
            let stall = random.below(4);
            let held = json!({ "context": "total", "params": { "stall_id": stall } });
            let request = match round % 4 {
                0 => Request::get(format!("{MOUNT}/ctx/?e={encoded}")),
                1 => {
                    let query = entry.replacen(';', "/?", 1).replace(';', "&");
                    Request::get(format!("{MOUNT}/ctx/{query}"))
                }
                2 => Request::new("POST", format!("{MOUNT}/ctx/"))
                    .header("Content-Type", "application/json")
                    .body(json!({ "entries": [held] }).to_string()),
                _ => {
                    let args = json!({ "stall_id": stall });
                    let call = json!({ "fn": "add_order", "args": args, "mounted": [held] });
                    Request::call(call.to_string())
                }
            };
            let user = request.header("X-User", if random.one_in(2) { "7" } else { "" });
            self.add(Application::Lists, &format!("lists {round}"), Way::Whole(user));
        }
    }

    /// Functions that fail, panic, answer pages and are called too often.
    fn failures(&mut self) {
        for id in 0..150 {
            let (name, args) = match id % 10 {
                0 => ("write_then", json!({ "id": id, "ending": "fail" })),
                1 => ("write_then", json!({ "id": id, "ending": "panic" })),
                2 => ("write_then_blocking", json!({ "id": id, "ending": "not_a_number" })),
                3 => ("merge_then_fail", json!({ "id": id })),
                4 => (
                    "write_view",
                    json!({ "id": id, "status": 200 + id * 3 % 350, "announce": id % 4 == 0 }),
                ),
                5 => ("explode", json!({ "text": "marker" })),
                6 => ("behind_exploding_guard", json!({ "id": id })),
                7 => ("fail_foreign", json!({})),
                8 => ("write", json!({ "id": id, "pause_ms": 0 })),
                _ => ("explode_reading", json!({ "value": "x" })),
            };
            let body = json!({ "fn": name, "args": args }).to_string();
            let way = Way::Whole(Request::call(body));
            self.add(Application::Probe, &format!("{name} {id}"), way);
        }
    }

    /// Good requests that come in pieces, break off, or come all at once.
    fn connections(&mut self) {
        let good = [
            Request::get(format!("{MOUNT}/ctx/user/?user_id=5")),
            Request::new("HEAD", format!("{MOUNT}/ctx/user/?user_id=5")),
            Request::get(format!("{MOUNT}/ctx/orders/?org=x")),
            Request::get(format!("{MOUNT}/ctx/nowhere/")),
            Request::get("/mixed/a/"),
            Request::call(r#"{"fn":"echo","args":{"text":"a"}}"#),
            Request::call(r#"{"fn":"echo","args":{"text":5}}"#),
            Request::call(r#"{"fn":"gone"}"#),
            Request::call(r#"{"fn":"touch_many","args":{"user_id":5,"org":"a b"}}"#),
            Request::call(format!(r#"{{"fn":"no_args","args":{{"x":"{}"}}}}"#, "a".repeat(20_000))),
        ];
        for round in 0..60 {
            let random = &mut Random::seeded(SEED + 30_000 + round);
            let request = random.pick(&good).unwrap().clone();
            let length = request.bytes(ANY).len();
            let pieces = (0..1 + random.below(4)).map(|_| random.below(length / 2)).collect();
            let way = Way::Slowly(request.clone(), pieces);
            self.add(Application::Conformance, &format!("slowly {round}"), way);
            let cut = random.below(length);
            let way = Way::Cut(request, cut);
            self.add(Application::Conformance, &format!("cut {round} at {cut}"), way);
            // No HEAD: behind one, actix-http writes the responses before it without their bodies.
            let all = (0..2 + random.below(6)).map(|_| random.pick(&good).unwrap().clone());
            let way = Way::Pipelined(all.filter(|request| !request.is_head()).collect());
            self.add(Application::Conformance, &format!("pipelined {round}"), way);
        }
    }
}

/// Who sends, and from where.
fn dresses() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let access = signed::sign(&signed::access("1", "conformance-1"), JWT_PRIVATE_KEY);
    let edge = signed::sign(&signed::edge("2", true, false), MWT_SECRET);
    vec![
        ("plain", vec![]),
        ("with a token", vec![("Authorization", format!("Bearer {access}"))]),
        ("with a token for the edge", vec![("X-Mizan-Token", edge)]),
        ("with a bad token", vec![("Authorization", "Bearer x.y.z".to_owned())]),
        ("from another site", vec![("Sec-Fetch-Site", "cross-site".to_owned())]),
        ("from another origin", vec![("Origin", "https://evil.example".to_owned())]),
        ("with a cookie", vec![("Cookie", "mizan_csrf=a; mizan_session=b".to_owned())]),
        ("compressed", vec![("Accept-Encoding", "gzip, br".to_owned())]),
    ]
}

const HEADERS: &[(&str, &str)] = &[
    ("Content-Type", "text/plain"),
    ("Accept", "text/html"),
    ("Accept-Encoding", "br"),
    ("Accept-Encoding", "*;q=0"),
    ("Accept-Language", "de"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-For", "1.2.3.4"),
    ("Forwarded", "host=evil.example"),
    ("If-None-Match", "*"),
    ("If-Modified-Since", "Sun, 29 Nov 2026 00:00:00 GMT"),
    ("Range", "bytes=0-1"),
    ("Connection", "close"),
    ("Connection", "keep-alive"),
    ("Cookie", "a=b"),
    ("Cookie", ";;;=;"),
    ("Origin", "null"),
    ("Origin", "https://evil.example"),
    ("Sec-Fetch-Site", "same-site"),
    ("Sec-Fetch-Site", "none"),
    ("Authorization", "Basic YTpi"),
    ("Authorization", "Bearer"),
    ("X-Mizan-Token", "garbage"),
    ("X-CSRFToken", "garbage"),
    ("X-Mizan-Cache", "HIT"),
    ("X-Request-Id", "5"),
    ("Cache-Control", "no-cache"),
    ("Pragma", "no-cache"),
    ("Host", "evil.example"),
    ("Host", "b\u{e4}d"),
];

const PATHS: &[&str] = &[
    "/",
    "/api/mizan",
    "/api/mizan/",
    "/api/mizan/call",
    "/api/mizan/call/",
    "/api/mizan/call//",
    "/api/mizan/call/x",
    "/api/mizan/ctx",
    "/api/mizan/ctx/",
    "/api/mizan/ctx/user",
    "/api/mizan/ctx/user/?user_id=5",
    "/api/mizan/ctx/user/profile/?user_id=5",
    "/api/mizan/ctx/user/?user_id=5&mizan.only=user_profile",
    "/api/mizan/ctx/%75ser/?user_id=5",
    "/api/mizan/ctx/USER/?user_id=5",
    "/api/mizan/ctx/user%2F?user_id=5",
    "/api/mizan/ctx/../ctx/user/?user_id=5",
    "/api//mizan/ctx/user/?user_id=5",
    "/api/mizan/session/",
    "/api/mizan/session/jwt/",
    "/api/mizan/session/mwt/",
    "/api/mizan/session/refresh/",
    "/api/mizan/schema/",
    "/api/mizan/manifest/",
    "/mixed/a/",
    "/mixed/a",
    "/mixed/%2e%2e/",
    "/mixed/a%20b/",
    "/profile/5/update/",
    "/profile/x/update/",
    "/webhooks/stripe/",
    "/healthz",
    "/readyz",
    "/nowhere",
];

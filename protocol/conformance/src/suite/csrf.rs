//! Cross-site request forgery: every mixture of method, body type, origin and token, against a
//! verdict that is worked out here from the rules alone.
//!
//! A write without a verified bearer token must come from our own origin, and must bring a token
//! bound to the cookie where it carries any cookie.

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::{Client, Request, Response};
use crate::deep;
use crate::vectors::Allowed;
use mizan_faults::random::Random;

use crate::suite::support::{self, JWT_PRIVATE_KEY, MOUNT, app, app_with, data, error};

const METHODS: &[&str] = &["POST", "GET", "PUT", "PATCH", "DELETE"];
const TYPES: &[Option<&str>] = &[
    Some("application/json"),
    Some("application/json; charset=utf-8"),
    Some("text/plain"),
    Some("application/x-www-form-urlencoded"),
    None,
];
const ORIGINS: &[Where] = &[Where::Absent, Where::Own, Where::Other];
const SITES: &[Option<&str>] =
    &[None, Some("same-origin"), Some("same-site"), Some("cross-site"), Some("none")];

/// What `Origin` says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Where {
    Absent,
    Own,
    Other,
}

/// What a request brings as proof.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Token {
    /// Neither cookie nor token.
    NoCookie,
    /// A token and no cookie.
    Orphan,
    /// Our cookie, no token.
    Missing,
    /// Our cookie, an empty token.
    Empty,
    /// A cookie that is not ours, no token.
    OtherCookie,
    /// A cookie that is not ours next to a good pair.
    GoodBesideOther,
    /// A good pair.
    Good,
    /// Cookie and token of a server with another key.
    Foreign,
    /// A good token with one digit changed.
    Tampered,
    /// A good token, for the cookie of another user.
    OfAnother,
    /// The cookie's own value as token: the plain double submit.
    Echo,
}

const TOKENS: &[Token] = &[
    Token::NoCookie,
    Token::Orphan,
    Token::Missing,
    Token::Empty,
    Token::OtherCookie,
    Token::GoodBesideOther,
    Token::Good,
    Token::Foreign,
    Token::Tampered,
    Token::OfAnother,
    Token::Echo,
];

#[derive(Debug, Clone, Copy)]
struct Shape<'a> {
    method: &'a str,
    content_type: Option<&'a str>,
    origin: Where,
    site: Option<&'a str>,
    token: Token,
}

/// The verdict, from the rules alone. Where the server knows its own origin, another one is refused whatever
/// the metadata say.
fn verdict(shape: Shape<'_>, knows_origin: bool) -> Allowed {
    if shape.method != "POST" {
        return error(405, "METHOD_NOT_ALLOWED");
    }
    let media_type = shape.content_type.unwrap_or_default();
    if media_type.split(';').next() != Some("application/json") {
        return error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let ours = match shape.site {
        _ if knows_origin && shape.origin == Where::Other => false,
        Some(site) => site == "same-origin" || site == "none",
        None => shape.origin != Where::Other,
    };
    let proven = match shape.token {
        Token::NoCookie | Token::Orphan => true,
        Token::Good | Token::GoodBesideOther => true,
        Token::Missing | Token::Empty | Token::OtherCookie => false,
        Token::Foreign | Token::Tampered | Token::OfAnother | Token::Echo => false,
    };
    if ours && proven {
        data(serde_json::json!({ "result": "ok" }))
    } else {
        error(403, "FORBIDDEN")
    }
}

/// Cookies and tokens to build requests from.
struct Proofs {
    own: String,
    /// Whether the server was told its own origin.
    knows_origin: bool,
    good: (String, String),
    another: (String, String),
    foreign: (String, String),
}

impl Proofs {
    fn of(backend: &Backend, client: &mut Client, own: String, settings: &[(&str, &str)]) -> Self {
        let stranger = format!("{JWT_PRIVATE_KEY}, another");
        let mut all = settings.to_vec();
        all.push(("JWT_PRIVATE_KEY", &stranger));
        let elsewhere = app_with(backend, &all);
        Self {
            own,
            knows_origin: settings.iter().any(|(name, _)| *name == "MIZAN_PUBLIC_ORIGIN"),
            good: pair(client),
            another: pair(client),
            foreign: pair(&mut elsewhere.client()),
        }
    }

    fn request(&self, shape: Shape<'_>) -> Request {
        let mut request = Request::new(shape.method, format!("{MOUNT}/call/"));
        let optional = |request: Request, name: &str, value: Option<&str>| match value {
            Some(value) => request.header(name, value),
            None => request,
        };
        request = optional(request, "Content-Type", shape.content_type);
        request = optional(request, "Sec-Fetch-Site", shape.site);
        request = match shape.origin {
            Where::Absent => request,
            Where::Own => request.header("Origin", self.own.as_bytes()),
            Where::Other => request.header("Origin", "https://elsewhere.example"),
        };
        let (cookie, token) = &self.good;
        let (cookie, token) = match shape.token {
            Token::NoCookie => (None, None),
            Token::Orphan => (None, Some(token.clone())),
            Token::Missing => (Some(cookie.clone()), None),
            Token::Empty => (Some(cookie.clone()), Some(String::new())),
            Token::OtherCookie => (Some("theme=dark".into()), None),
            Token::GoodBesideOther => (Some(format!("theme=dark; {cookie}")), Some(token.clone())),
            Token::Good => (Some(cookie.clone()), Some(token.clone())),
            Token::Foreign => (Some(self.foreign.0.clone()), Some(self.foreign.1.clone())),
            Token::Tampered => (Some(cookie.clone()), Some(tampered(token))),
            Token::OfAnother => (Some(self.another.0.clone()), Some(token.clone())),
            Token::Echo => {
                let value = cookie.split_once('=').unwrap().1;
                (Some(cookie.clone()), Some(value.into()))
            }
        };
        request = optional(request, "Cookie", cookie.as_deref());
        request = optional(request, "X-CSRFToken", token.as_deref());
        request.body(r#"{"fn":"no_args"}"#)
    }
}

/// The same token with its last digit changed.
fn tampered(token: &str) -> String {
    let last = if token.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &token[..token.len() - 1])
}

/// A cookie, as a browser sends it back, and the token for it.
pub(crate) fn pair(client: &mut Client) -> (String, String) {
    let answer = session(client);
    let cookie = answer.header("set-cookie").unwrap().split(';').next();
    let token = answer.json().unwrap()["csrfToken"].as_str().unwrap().to_owned();
    (cookie.unwrap().to_owned(), token)
}

fn session(client: &mut Client) -> Response {
    let request = Request::get(format!("{MOUNT}/session/"));
    support::send(client, "session", &request)
}

fn shapes() -> impl Iterator<Item = Shape<'static>> {
    METHODS.iter().flat_map(|method| {
        TYPES.iter().flat_map(move |content_type| {
            ORIGINS.iter().flat_map(move |origin| {
                SITES.iter().flat_map(move |site| {
                    TOKENS.iter().map(move |token| Shape {
                        method,
                        content_type: *content_type,
                        origin: *origin,
                        site: *site,
                        token: *token,
                    })
                })
            })
        })
    })
}

#[track_caller]
fn check(client: &mut Client, proofs: &Proofs, shape: Shape<'_>) {
    let request = proofs.request(shape);
    let expected = verdict(shape, proofs.knows_origin);
    let answer = support::check(client, &format!("{shape:?}"), &request, &expected);
    if expected.status == 403 {
        let details = answer.json().unwrap()["error"]["details"].clone();
        assert_eq!(details["reason"], "csrf", "{shape:?}");
    }
}

fn the_whole_matrix_is_judged_by_the_rules(backend: &Backend) {
    let server = app(backend);
    let mut client = server.client();
    let own = format!("http://{}", server.address());
    let proofs = Proofs::of(backend, &mut client, own, &[]);
    let mut count = 0;
    for shape in shapes() {
        check(&mut client, &proofs, shape);
        count += 1;
    }
    note!("{count} shapes");
    assert_eq!(count, 5 * 5 * 3 * 5 * 11);
}

/// Behind https the cookie is one that only this host can set, and its own origin is the public one.
fn a_public_origin_of_https_changes_cookie_and_origin(backend: &Backend) {
    let settings = [("MIZAN_PUBLIC_ORIGIN", "https://example.org")];
    let server = app_with(backend, &settings);
    let mut client = server.client();
    let cookie = session(&mut client).header("set-cookie").unwrap().to_owned();
    let (name, attributes) = cookie.split_once('=').unwrap();
    assert_eq!(name, "__Host-mizan_csrf");
    let attributes: Vec<&str> = attributes.split("; ").skip(1).collect();
    for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(attributes.contains(&attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");

    let proofs = Proofs::of(backend, &mut client, "https://example.org".into(), &settings);
    for shape in shapes().filter(|shape| shape.method == "POST") {
        check(&mut client, &proofs, shape);
    }
    // The address itself is not the origin any more, nor are its neighbours.
    for origin in [
        format!("http://{}", server.address()),
        "http://example.org".into(),
        "https://example.org.evil.example".into(),
        "https://example.org:8443".into(),
        "https://evil.example.org".into(),
        "https://example.or".into(),
        "null".into(),
    ] {
        let request = Request::call(r#"{"fn":"no_args"}"#)
            .header("Origin", origin.as_bytes())
            .header("Cookie", proofs.good.0.as_bytes())
            .header("X-CSRFToken", proofs.good.1.as_bytes());
        // A browser sends that for every name that leads here.
        let same = request.clone().header("Sec-Fetch-Site", "same-origin");
        for request in [request, same] {
            support::check(&mut client, &origin, &request, &error(403, "FORBIDDEN"));
        }
    }
    // A cookie of the name without prefix proves nothing here.
    let unprefixed = proofs.good.0.replacen("__Host-", "", 1);
    let request = Request::call(r#"{"fn":"no_args"}"#)
        .header("Cookie", unprefixed)
        .header("X-CSRFToken", proofs.good.1.as_bytes());
    support::check(&mut client, "unprefixed", &request, &error(403, "FORBIDDEN"));
}

fn the_plain_cookie_has_no_prefix_and_a_good_one_is_kept(backend: &Backend) {
    let server = app(backend);
    let mut client = server.client();
    let answer = session(&mut client);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("mizan_csrf="), "{cookie}");
    assert!(!cookie.contains("Secure"), "{cookie}");
    let (cookie, first) = pair(&mut client);
    let again = Request::get(format!("{MOUNT}/session/")).header("Cookie", cookie.as_bytes());
    let again = support::send(&mut client, "again", &again);
    assert_eq!(again.header("set-cookie"), None, "a good cookie stays");
    let second = again.json().unwrap()["csrfToken"].as_str().unwrap().to_owned();
    assert_ne!(first, second, "a token is random");
    for token in [first, second] {
        let request = Request::call(r#"{"fn":"no_args"}"#)
            .header("Cookie", cookie.as_bytes())
            .header("X-CSRFToken", token);
        let expected = data(serde_json::json!({ "result": "ok" }));
        support::check(&mut client, "both tokens are good", &request, &expected);
    }
}

/// Cookies in headers of their own are cookies too: none is overlooked, and none gets a call through.
fn several_cookie_headers_are_one_list(backend: &Backend) {
    let server = app(backend);
    let mut client = server.client();
    let (cookie, token) = pair(&mut client);
    let call = || Request::call(r#"{"fn":"no_args"}"#);
    let ok = data(serde_json::json!({ "result": "ok" }));
    for (title, request, expected) in [
        (
            "ours first",
            call()
                .header("Cookie", cookie.as_bytes())
                .header("Cookie", "a=b")
                .header("X-CSRFToken", token.as_bytes()),
            ok.clone(),
        ),
        (
            "ours second",
            call()
                .header("Cookie", "a=b")
                .header("Cookie", cookie.as_bytes())
                .header("X-CSRFToken", token.as_bytes()),
            ok,
        ),
        ("no token", call().header("Cookie", "").header("Cookie", "a=b"), error(403, "FORBIDDEN")),
    ] {
        support::check(&mut client, title, &request, &expected);
    }
}

/// A call that is refused has run nothing, and says nothing of what it would have changed.
fn random_mixtures_are_judged_by_the_rules(backend: &Backend) {
    const SEED: u64 = 0x1d0c;
    let server = app(backend);
    let mut client = server.client();
    let own = format!("http://{}", server.address());
    let proofs = Proofs::of(backend, &mut client, own, &[]);
    let mut random = Random::seeded(SEED);
    let (cookie, token) = &proofs.good;
    let (name, value) = cookie.split_once('=').unwrap();
    for round in 0..2_000 * deep() {
        // A cookie and a token with some of their bytes changed: good only if nothing was.
        let cookie_value = mutated(&mut random, value);
        let token_value = mutated(&mut random, token);
        let request = Request::call(r#"{"fn":"update_profile","args":{"user_id":5,"name":"x"}}"#)
            .header("Cookie", format!("{name}={cookie_value}"))
            .header("X-CSRFToken", token_value.as_bytes());
        let good = cookie_value == value && token_value == *token;
        let answer = support::send(&mut client, "mutated", &request);
        let expected = if good { 200 } else { 403 };
        assert_eq!(answer.status, expected, "round {round}: {cookie_value} {token_value}");
        assert_eq!(answer.header("x-mizan-invalidate").is_some(), good);
    }
}

fn mutated(random: &mut Random, text: &str) -> String {
    const BYTES: &[u8] = b"0123456789abcdefABCDEF.-_ =%~\"";
    let mut bytes = text.as_bytes().to_vec();
    match random.below(4) {
        0 => {}
        1 => {
            let at = random.below(bytes.len());
            bytes[at] = *random.pick(BYTES).unwrap();
        }
        2 => bytes.truncate(random.below(bytes.len())),
        _ => bytes.insert(random.below(bytes.len()), *random.pick(BYTES).unwrap()),
    }
    // Blanks around a value are not part of it.
    let text = String::from_utf8(bytes).unwrap();
    text.trim().to_owned()
}

cases! {
    "csrf", SESSION =>
        the_whole_matrix_is_judged_by_the_rules
        a_public_origin_of_https_changes_cookie_and_origin
        the_plain_cookie_has_no_prefix_and_a_good_one_is_kept
        several_cookie_headers_are_one_list
        random_mixtures_are_judged_by_the_rules;
}

//! Cross-site request forgery against a user who is signed in: every mixture of method, type,
//! origin, fetch metadata and proof, and random ones, against a verdict worked out here.
//!
//! `suite/csrf.rs` does the same for callers without a session.

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::{Client, Request};
use crate::server::Server;
use crate::tokens;
use serde_json::json;

use crate::identity::support::{Browser, JWT_PRIVATE_KEY, MOUNT, send, server};

const METHODS: &[&str] = &["POST", "GET", "PUT", "PATCH", "DELETE"];
const TYPES: &[&str] = &[
    "application/json",
    "Application/JSON; charset=utf-8",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
];
const SITES: &[Option<&str>] =
    &[None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site")];

/// What a request brings as proof.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Proof {
    Good,
    Missing,
    Empty,
    Tampered,
    /// The cookie's own value: the plain double submit.
    Echo,
    /// A token for the same cookie in a session of another user, and in none.
    OtherSession,
    NoSession,
    /// A token and cookie of another user next to this session.
    OtherPair,
    /// A good token whose cookie is not sent.
    NoCookie,
    ForeignKey,
    /// An access token of the session, which no page of another site can send.
    Bearer,
    /// A bearer token that is none, an edge token.
    BadBearer,
    Edge,
}

const PROOFS: &[Proof] = &[
    Proof::Good,
    Proof::Missing,
    Proof::Empty,
    Proof::Tampered,
    Proof::Echo,
    Proof::OtherSession,
    Proof::NoSession,
    Proof::OtherPair,
    Proof::NoCookie,
    Proof::ForeignKey,
    Proof::Bearer,
    Proof::BadBearer,
    Proof::Edge,
];

/// A user who is signed in, and what a request can be made of.
pub(crate) struct Victim {
    pub(crate) session: String,
    pub(crate) cookie: String,
    pub(crate) origin: String,
    pub(crate) other: Browser,
    access: String,
    edge: String,
}

impl Victim {
    pub(crate) fn new(server: &Server) -> Self {
        Self::of_origin(server, format!("http://{}", server.address()))
    }

    /// The same, where browsers know the server by this origin.
    fn of_origin(server: &Server, origin: String) -> Self {
        let mut browser = Browser::signed_in(server, "5");
        let (access, _) = browser.tokens();
        Self {
            session: browser.cookies["mizan_session"].clone(),
            cookie: browser.cookies["mizan_csrf"].clone(),
            origin,
            other: Browser::signed_in(server, "7"),
            access,
            edge: browser.edge(),
        }
    }

    fn dress(&self, request: Request, proof: Proof) -> Request {
        let random = "00112233445566778899aabbccddeeff";
        let token = |secret, cookie: &str, session: &str| {
            Some(tokens::csrf(secret, random, cookie, session))
        };
        let own = |session: &str| token(JWT_PRIVATE_KEY, &self.cookie, session);
        let (session, other) = (&*self.session, &self.other.cookies);
        let mut cookie = &self.cookie;
        let token = match proof {
            Proof::Good | Proof::NoCookie => own(session),
            Proof::Missing | Proof::Bearer | Proof::BadBearer | Proof::Edge => None,
            Proof::Empty => Some(String::new()),
            Proof::Tampered => own(session).map(|token| {
                let last = if token.ends_with('0') { "1" } else { "0" };
                token[..token.len() - 1].to_owned() + last
            }),
            Proof::Echo => Some(self.cookie.clone()),
            Proof::OtherSession => own(&other["mizan_session"]),
            Proof::NoSession => own(""),
            Proof::OtherPair => {
                cookie = &other["mizan_csrf"];
                token(JWT_PRIVATE_KEY, cookie, &other["mizan_session"])
            }
            Proof::ForeignKey => token("a key of another application", &self.cookie, session),
        };
        let cookies = match proof {
            Proof::NoCookie => format!("mizan_session={session}"),
            _ => format!("mizan_session={session}; mizan_csrf={cookie}"),
        };
        let request = request.header("Cookie", cookies);
        let request = match token {
            Some(token) => request.header("X-CSRFToken", token),
            None => request,
        };
        match proof {
            Proof::Bearer => request.header("Authorization", format!("Bearer {}", self.access)),
            Proof::BadBearer => request.header("Authorization", "Bearer e30.e30.e30"),
            Proof::Edge => request.header("X-Mizan-Token", self.edge.as_bytes()),
            _ => request,
        }
    }
}

/// The verdict on a proof that comes from our own page or from elsewhere.
fn verdict(proof: Proof, ours: bool) -> u16 {
    match proof {
        Proof::BadBearer => 401,
        Proof::Bearer => 200,
        Proof::Good if ours => 200,
        _ => 403,
    }
}

fn from(request: Request, origin: Option<&str>, site: Option<&str>) -> Request {
    let optional = |request: Request, name: &str, value: Option<&str>| match value {
        Some(value) => request.header(name, value),
        None => request,
    };
    optional(optional(request, "Origin", origin), "Sec-Fetch-Site", site)
}

#[track_caller]
fn check(client: &mut Client, request: &Request, title: &str, status: u16) {
    let answer = send(client, request);
    assert_eq!(answer.status, status, "{title}: {}", answer.seen());
    // What is refused has run nothing.
    let ran = title.contains("touch") && status == 200;
    assert_eq!(answer.header("x-mizan-invalidate").is_some(), ran, "{title}");
    if status == 403 {
        assert_eq!(answer.json().unwrap()["error"]["details"]["reason"], "csrf", "{title}");
    }
}

fn the_whole_matrix_is_judged_by_the_rules(backend: &Backend) {
    let server = server(backend, &[]);
    judge_matrix(&server, &Victim::new(&server), false);
}

/// Where the server knows its own origin, another one is refused whatever the metadata say.
fn the_whole_matrix_is_judged_by_the_rules_where_the_origin_is_known(backend: &Backend) {
    const ORIGIN: &str = "http://shop.example";
    let server = server(backend, &[("MIZAN_PUBLIC_ORIGIN", ORIGIN)]);
    judge_matrix(&server, &Victim::of_origin(&server, ORIGIN.into()), true);
}

fn judge_matrix(server: &Server, victim: &Victim, knows_origin: bool) {
    let client = &mut server.client();
    let origins = [None, Some(&*victim.origin), Some("https://elsewhere.example"), Some("null")];
    let mut count = 0;
    for method in METHODS {
        for content_type in TYPES {
            for origin in origins {
                for site in SITES {
                    for proof in PROOFS {
                        let request = Request::new(*method, format!("{MOUNT}/call/"));
                        let request = match *content_type {
                            "" => request,
                            content_type => request.header("Content-Type", content_type),
                        };
                        let request = from(victim.dress(request, *proof), origin, *site);
                        let request = request.body(r#"{"fn":"touch"}"#);
                        let is_own = [None, Some(&*victim.origin)].contains(&origin);
                        let ours = match site {
                            _ if knows_origin && !is_own => false,
                            Some(site) => ["same-origin", "none"].contains(site),
                            None => is_own,
                        };
                        let json = content_type.to_lowercase().starts_with("application/json");
                        let status = match (*method, json) {
                            ("POST", true) => verdict(*proof, ours),
                            ("POST", false) => 415,
                            _ => 405,
                        };
                        let title = format!(
                            "touch by {method} as {content_type:?} from {origin:?} {site:?} with {proof:?}"
                        );
                        check(client, &request, &title, status);
                        count += 1;
                    }
                }
            }
        }
    }
    note!("{count} shapes");
    assert_eq!(count, 5 * 6 * 4 * 5 * 13);
}

/// What gives tokens, and what signs out, is written to by the same rules.
fn the_paths_of_the_session_are_guarded_alike(backend: &Backend) {
    let server = server(backend, &[]);
    let mut victim = Victim::new(&server);
    let client = &mut server.client();
    for proof in PROOFS {
        for (origin, site) in [
            (None, None),
            (Some("https://elsewhere.example"), None),
            (None, Some("cross-site")),
            (None, Some("same-site")),
            (None, Some("same-origin")),
        ] {
            let ours = origin.is_none() && site.is_none_or(|site| site == "same-origin");
            for (method, path) in
                [("POST", "session/jwt/"), ("POST", "session/mwt/"), ("DELETE", "session/")]
            {
                let request = Request::new(method, format!("{MOUNT}/{path}")).body("");
                let request = from(victim.dress(request, *proof), origin, site);
                let status = match (verdict(*proof, ours), path) {
                    // A token mints no pair.
                    (200, "session/jwt/") if *proof == Proof::Bearer => 401,
                    (status, _) => status,
                };
                check(client, &request, &format!("{path} {origin:?} {site:?} {proof:?}"), status);
                if (path, status) == ("session/", 200) {
                    victim = Victim::new(&server);
                }
            }
        }
    }
    assert_eq!(victim.other.call("whoami", json!({})).status, 200);
}

cases! {
    "csrf", SESSION =>
        the_whole_matrix_is_judged_by_the_rules
        the_whole_matrix_is_judged_by_the_rules_where_the_origin_is_known
        the_paths_of_the_session_are_guarded_alike;
}

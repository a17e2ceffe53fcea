//! Every kind of credential, good and bad, in every place where one may be: of all these only a
//! good one in its own place opens anything.

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::{Client, Request};
use crate::server::Server;
use crate::tokens;
use serde_json::{Value, json};

use crate::identity::support::{
    Browser, JWT_PRIVATE_KEY, MOUNT, MWT_SECRET, by_bearer, reader, refresh, send, server,
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Access,
    Refresh,
    Edge,
    Session,
    Csrf,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Good,
    Expired,
    Garbled,
    /// Of a server with other keys and sessions.
    Foreign,
    /// Signed by us, under the key of another purpose.
    OtherKey,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// `Authorization: Bearer` on a call, and on a read.
    Call,
    Read,
    /// `X-Mizan-Token` on a read.
    EdgeHeader,
    /// The cookie of the session.
    Cookie,
    /// The body of `session/refresh/`.
    RefreshBody,
    /// `X-CSRFToken` next to the cookies of a user who is signed in.
    CsrfHeader,
}

const KINDS: &[Kind] = &[Kind::Access, Kind::Refresh, Kind::Edge, Kind::Session, Kind::Csrf];
const STATES: &[State] =
    &[State::Good, State::Expired, State::Garbled, State::Foreign, State::OtherKey];
const PLACES: &[Place] = &[
    Place::Call,
    Place::Read,
    Place::EdgeHeader,
    Place::Cookie,
    Place::RefreshBody,
    Place::CsrfHeader,
];

fn belongs(kind: Kind, place: Place) -> bool {
    match place {
        Place::Call | Place::Read => kind == Kind::Access,
        Place::EdgeHeader => kind == Kind::Edge,
        Place::Cookie => kind == Kind::Session,
        Place::RefreshBody => kind == Kind::Refresh,
        Place::CsrfHeader => kind == Kind::Csrf,
    }
}

/// A credential of a browser that has just signed in.
fn credential(kind: Kind, browser: &mut Browser) -> String {
    match kind {
        Kind::Access => browser.tokens().0,
        Kind::Refresh => browser.tokens().1,
        Kind::Edge => browser.edge(),
        Kind::Session => browser.cookies["mizan_session"].clone(),
        Kind::Csrf => browser.csrf(),
    }
}

/// Brings a credential into a state.
fn into_state(
    kind: Kind,
    state: State,
    browser: &mut Browser,
    foreign: &Server,
    home: &Server,
) -> String {
    if state == State::Foreign {
        let mut stranger = Browser::signed_in(foreign, "5");
        // The same cookie of the token: only key and session differ.
        let cookie = browser.cookies["mizan_csrf"].clone();
        stranger.cookies.insert("mizan_csrf".into(), cookie);
        return credential(kind, &mut stranger);
    }
    let good = credential(kind, browser);
    let resigned = |change: &dyn Fn(&mut Value), secret: &str| {
        let mut claims = tokens::claims(&good);
        change(&mut claims);
        tokens::sign(&claims, secret)
    };
    let (own, other) = match kind {
        Kind::Edge => (MWT_SECRET, JWT_PRIVATE_KEY),
        _ => (JWT_PRIVATE_KEY, MWT_SECRET),
    };
    match (state, kind) {
        (State::Garbled, _) => {
            let at = good.len() - 5;
            let other = if &good[at..=at] == "a" { "b" } else { "a" };
            format!("{}{other}{}", &good[..at], &good[at + 1..])
        }
        (State::Expired, Kind::Session) => {
            let mut ended = Browser::signed_in(home, "5");
            let secret = ended.cookies["mizan_session"].clone();
            ended.sign_out();
            secret
        }
        // A token of the session before.
        (State::Expired, Kind::Csrf) => {
            browser.sign_in("5");
            good
        }
        (State::Expired, _) => {
            let lifetime = tokens::claims(&good)["exp"].as_u64().unwrap() - tokens::now();
            let past = |claims: &mut Value| {
                for name in ["iat", "nbf", "exp"] {
                    if let Some(time) = claims[name].as_u64() {
                        claims[name] = json!(time - lifetime - 2);
                    }
                }
            };
            resigned(&past, own)
        }
        (State::OtherKey, Kind::Access | Kind::Refresh | Kind::Edge) => resigned(&|_| {}, other),
        // These are not signed by a key that could be taken for another.
        _ => good,
    }
}

/// Whether it opens anything there; where not, it is refused as it should be.
fn opens(place: Place, token: &str, client: &mut Client, browser: &mut Browser) -> bool {
    match place {
        Place::Call => good_or(by_bearer(client, token, "guarded").status, 401),
        Place::Read => match reader(client, &[("Authorization", &format!("Bearer {token}"))]) {
            Ok(user) => user == "5",
            Err(status) => good_or(status, 401),
        },
        Place::EdgeHeader => match reader(client, &[("X-Mizan-Token", token)]) {
            Ok(user) => user == "5",
            Err(status) => good_or(status, 401),
        },
        Place::Cookie => {
            let cookie = format!("mizan_session={token}");
            match reader(client, &[("Cookie", &cookie)]).unwrap() {
                Value::Null => false,
                user => user == "5",
            }
        }
        Place::RefreshBody => good_or(refresh(client, token).status, 401),
        Place::CsrfHeader => {
            let cookies = browser.cookie_header();
            let call = Request::call(r#"{"fn":"guarded"}"#).header("Cookie", cookies);
            good_or(send(client, &call.header("X-CSRFToken", token)).status, 403)
        }
    }
}

#[track_caller]
fn good_or(status: u16, refusal: u16) -> bool {
    assert!(status == 200 || status == refusal, "{status}");
    status == 200
}

fn only_a_good_credential_in_its_own_place_opens_anything(backend: &Backend) {
    // No kind is distinguished from another by its lifetime.
    let home = server(backend, &[("JWT_REFRESH_TOKEN_EXPIRES_IN", "300")]);
    let foreign = server(
        backend,
        &[
            ("JWT_PRIVATE_KEY", "foreign jwt private key, 32 bytes and more"),
            ("MIZAN_MWT_SECRET", "foreign mwt secret, 32 bytes and more"),
        ],
    );
    let client = &mut home.client();
    let (mut tried, mut opened) = (0, 0);
    for kind in KINDS {
        for state in STATES {
            let signed = matches!(kind, Kind::Access | Kind::Refresh | Kind::Edge);
            if *state == State::OtherKey && !signed {
                continue;
            }
            for place in PLACES {
                let mut browser = Browser::signed_in(&home, "5");
                let token = into_state(*kind, *state, &mut browser, &foreign, &home);
                let wanted = *state == State::Good && belongs(*kind, *place);
                let found = opens(*place, &token, client, &mut browser);
                assert_eq!(found, wanted, "{kind:?} {state:?} as {place:?}");
                tried += 1;
                opened += usize::from(found);
            }
        }
    }
    note!("{tried} tried, {opened} opened something");
    assert_eq!((tried, opened), ((5 * 4 + 3) * 6, 6));
}

/// A token in a URL is checked by no one, and a log holds none.
fn a_token_in_a_url_is_nothing(backend: &Backend) {
    let server = server(backend, &[]);
    let mut browser = Browser::signed_in(&server, "5");
    let client = &mut server.client();
    for kind in KINDS {
        let token = credential(*kind, &mut browser);
        for name in ["token", "access_token", "jwt", "X-Mizan-Token", "mizan_session", "csrf_token"]
        {
            let request = Request::get(format!("{MOUNT}/ctx/me/?{name}={token}"));
            let answer = send(client, &request);
            assert_eq!(answer.json().unwrap()["me"]["user"], Value::Null, "{kind:?} as {name}");
        }
        assert!(!server.log().contains(&token), "{kind:?}");
    }
}

cases! {
    "tokens", SESSION =>
        only_a_good_credential_in_its_own_place_opens_anything
        a_token_in_a_url_is_nothing;
}

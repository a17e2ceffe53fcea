//! Random requests of a browser that is signed in, each judged by an oracle that reads the bytes of
//! the request alone: none gets through that should not.

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::client::Request;
use crate::tokens;
use mizan_faults::random::Random;

use crate::identity::csrf::Victim;
use crate::identity::support::{JWT_PRIVATE_KEY, MOUNT, send, server};

const ROUNDS: usize = 5_000;
const SEED: u64 = 0x5e55;

/// A request as it is sent.
struct Shape {
    method: String,
    content_type: String,
    origin: Option<String>,
    site: Option<String>,
    /// The values of the headers `Cookie`.
    cookies: Vec<String>,
    token: Option<String>,
}

/// The verdict: from the rules, and from what the victim's session is.
fn verdict(shape: &Shape, victim: &Victim) -> u16 {
    if shape.method != "POST" {
        return 405;
    }
    let media_type = shape.content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return 415;
    }
    let ours = match (&shape.site, &shape.origin) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => *origin == victim.origin,
        (None, None) => true,
    };
    let pairs: Vec<(&str, &str)> = shape
        .cookies
        .iter()
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .collect();
    let first = |name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
    let session = first("mizan_session").unwrap_or_default();
    let proven = shape.cookies.is_empty()
        || first("mizan_csrf").zip(shape.token.as_deref()).is_some_and(|(cookie, token)| {
            let random = token.split('.').next().unwrap_or_default();
            let is_random = random.len() == 32
                && random.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            is_random && tokens::csrf(JWT_PRIVATE_KEY, random, cookie, session) == token
        });
    let other = &victim.other.cookies["mizan_session"];
    if !(ours && proven) {
        403
    } else if session == victim.session || session == other {
        200
    } else {
        401
    }
}

fn pick(random: &mut Random, from: &[&str]) -> String {
    (*random.pick(from).unwrap()).to_owned()
}

/// The same text, or one with a byte of it changed, cut or added.
fn mutated(random: &mut Random, text: String) -> String {
    const BYTES: &[u8] = b"0123456789abcdefABCDEF.-_=%\"/:x";
    let mut bytes = text.into_bytes();
    let at = random.below(bytes.len().max(1));
    match random.below(12) {
        0 if !bytes.is_empty() => bytes[at] = *random.pick(BYTES).unwrap(),
        1 => bytes.truncate(at),
        2 => bytes.insert(at, *random.pick(BYTES).unwrap()),
        _ => {}
    }
    String::from_utf8(bytes).unwrap()
}

fn shape(random: &mut Random, victim: &Victim) -> Shape {
    let other = &victim.other.cookies;
    let sessions = [&*victim.session, &victim.session, &other["mizan_session"], "", "no session"];
    let values = [&*victim.cookie, &victim.cookie, &other["mizan_csrf"], "", "mine"];
    let (session, value) = (pick(random, &sessions), pick(random, &values));
    let mut pairs = vec!["theme=dark".to_owned(), "lang=ar".to_owned()];
    let add = |pairs: &mut Vec<String>, random: &mut Random, name: &str, value: &str| {
        let name = if random.one_in(30) { format!("__Host-{name}") } else { name.to_owned() };
        let value = mutated(random, value.to_owned());
        pairs.insert(random.below(pairs.len() + 1), format!("{name}={value}"));
    };
    for _ in 0..[0, 1, 1, 1, 1, 1, 1, 2][random.below(8)] {
        add(&mut pairs, random, "mizan_session", &session);
    }
    for _ in 0..[0, 1, 1, 1, 1, 1, 1, 2][random.below(8)] {
        add(&mut pairs, random, "mizan_csrf", &value);
    }
    let cookies = match random.below(10) {
        0 => Vec::new(),
        1 => pairs,
        _ => vec![pairs.join("; ")],
    };
    // Mostly the token that goes with the cookies, else one that goes with others.
    let (for_session, for_value) = if random.one_in(3) {
        (pick(random, &sessions), pick(random, &values))
    } else {
        (session, value)
    };
    let nonce = pick(random, &["00112233445566778899aabbccddeeff", "00", &"A".repeat(32)]);
    let nonce = if random.one_in(8) { nonce } else { "f".repeat(32) };
    let token = tokens::csrf(JWT_PRIVATE_KEY, &nonce, &for_value, &for_session);
    let token = mutated(random, token);
    let own = &*victim.origin;
    let near = [
        format!("{own}/"),
        format!("{own}0"),
        own.replace("http:", "https:"),
        own.to_uppercase(),
        format!("{own}.evil.example"),
    ];
    let near: Vec<&str> = near.iter().map(String::as_str).collect();
    Shape {
        method: pick(random, &["POST", "POST", "POST", "POST", "POST", "POST", "PUT", "GET"]),
        content_type: match random.below(8) {
            0 => pick(random, &["text/plain", "application/jsonp", "text/json", "*/*", "json"]),
            1 => pick(random, &["application/json;charset=utf-8", "APPLICATION/JSON ; x=y"]),
            _ => "application/json".into(),
        },
        origin: match random.below(6) {
            0 => Some(pick(random, &near)),
            1 => Some(pick(random, &["null", "https://elsewhere.example", "http://localhost", ""])),
            2 | 3 => Some(own.to_owned()),
            _ => None,
        },
        site: match random.below(6) {
            0 => Some(pick(random, &["same-site", "cross-site"])),
            1 => Some(pick(random, &["", "Same-Origin", "same-origin,none", "same_origin", "x"])),
            2 | 3 => Some(pick(random, &["same-origin", "same-origin", "none"])),
            _ => None,
        },
        cookies,
        token: (!random.one_in(8)).then_some(token),
    }
}

fn of_random_requests_none_gets_through_that_should_not(backend: &Backend) {
    let server = server(backend, &[]);
    let victim = Victim::new(&server);
    let mut random = Random::seeded(SEED);
    let client = &mut server.client();
    let mut found = std::collections::BTreeMap::<u16, usize>::new();
    for round in 0..ROUNDS {
        let shape = shape(&mut random, &victim);
        let mut request = Request::new(shape.method.as_str(), format!("{MOUNT}/call/"))
            .header("Content-Type", shape.content_type.as_bytes())
            .body(r#"{"fn":"touch"}"#);
        for cookie in &shape.cookies {
            request = request.header("Cookie", cookie.as_bytes());
        }
        let more = [
            ("Origin", &shape.origin),
            ("Sec-Fetch-Site", &shape.site),
            ("X-CSRFToken", &shape.token),
        ];
        for (name, value) in more {
            if let Some(value) = value {
                request = request.header(name, value.as_bytes());
            }
        }
        let answer = send(client, &request);
        let sent = String::from_utf8_lossy(&request.bytes(server.address())).into_owned();
        assert_eq!(answer.status, verdict(&shape, &victim), "round {round}:\n{sent}");
        assert_eq!(answer.header("x-mizan-invalidate").is_some(), answer.status == 200);
        *found.entry(answer.status).or_default() += 1;
    }
    note!("{found:?}");
    // Each verdict comes often enough to say something.
    for status in [200, 401, 403, 405, 415] {
        assert!(found.get(&status).is_some_and(|count| *count > ROUNDS / 100), "{found:?}");
    }
}

cases! {
    "csrf", SESSION =>
        of_random_requests_none_gets_through_that_should_not;
}

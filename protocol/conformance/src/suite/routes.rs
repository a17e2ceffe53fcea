//! Pages and webhooks: paths outside of the mount point, over a socket.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use crate::vectors::Allowed;

use crate::suite::support::{app, check, error};

/// A response with this status and these headers.
fn page<const N: usize>(status: u16, headers: [(&str, &str); N]) -> Allowed {
    let html = ("Content-Type", "text/html; charset=utf-8");
    let headers = headers.into_iter().chain([html]);
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Allowed { status, headers, ..Allowed::default() }
}

fn routes_answer_beside_the_protocol(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let update = |path: &str| Request::new("POST", path);
    let quiet = |allowed: Allowed| Allowed { absent: vec!["X-Mizan-Invalidate".into()], ..allowed };
    let denied = |allow: &str| Allowed {
        headers: [("Allow".to_owned(), allow.to_owned())].into(),
        ..error(405, "METHOD_NOT_ALLOWED")
    };
    let body = "<!doctype html><title>mixed</title>";
    let mixed = Allowed {
        body: Some(body.into()),
        ..page(200, [("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin")])
    };
    let moved = page(302, [("Location", "/profile/5/"), ("X-Mizan-Invalidate", "user;user_id=5")]);
    for (request, expected) in [
        (Request::get("/mixed/a/"), quiet(mixed.clone())),
        (Request::get("/mixed/a"), quiet(mixed)),
        (Request::get("/mixed/"), error(404, "NOT_FOUND")),
        (Request::get("/mixed/a/b/"), error(404, "NOT_FOUND")),
        (update("/mixed/a/"), denied("GET, HEAD")),
        (update("/profile/5/update/"), moved.clone()),
        (update("/profile/05/update/").header("Content-Type", "text/plain").body("x"), moved),
        (update("/profile/x/update/"), error(404, "NOT_FOUND")),
        (Request::get("/profile/5/update/"), denied("POST")),
        (update("/webhooks/stripe/"), page(200, [("X-Mizan-Invalidate", "prefs")])),
        // A form of another site, and one that brings a cookie and no token.
        (
            update("/profile/5/update/").header("Origin", "https://evil.example"),
            error(403, "FORBIDDEN"),
        ),
        (update("/profile/5/update/").header("Cookie", "a=b"), error(403, "FORBIDDEN")),
        (
            update("/profile/5/update/").body(vec![b'x'; (1 << 20) + 1]),
            error(413, "PAYLOAD_TOO_LARGE"),
        ),
    ] {
        let title = String::from_utf8_lossy(&request.bytes(server.address())).into_owned();
        // Not every 404 is Mizan's: what has no route is left to the server around.
        if expected.status == 404 && !title.contains("/update/") {
            assert_eq!(client.send(&request).unwrap().status, 404, "{title}");
            continue;
        }
        check(client, &title[..title.len().min(200)], &request, &expected);
    }
    let head = client.send(&Request::new("HEAD", "/mixed/a/")).unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(body.len().to_string().as_str()));
}

cases! {
    "routes", ROUTES =>
        routes_answer_beside_the_protocol;
}

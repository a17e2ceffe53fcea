//! What a server sends outside of the protocol: files, probes and nothing, with the headers of pages.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use crate::backend::Backend;
use crate::case::cases;
use crate::client::{Request, Response};
use crate::server::Server;

use crate::suite::support::{MOUNT, app, app_with};

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const FOREVER: Option<&str> = Some("public, max-age=31536000, immutable");
const ASK: Option<&str> = Some("no-cache");

/// The files of a client. Removed with it.
struct Files(PathBuf);

impl Files {
    fn new(backend: &Backend, name: &str) -> Self {
        let folder = backend.folder().unwrap().join(name);
        fs::create_dir_all(folder.join("assets")).unwrap();
        for (file, text) in [
            ("index.html", "<!doctype html><title>page</title>"),
            ("robots.txt", "User-agent: *"),
            ("assets/index-BkD3x_a9.js", &script()),
            ("assets/settings.js", "export {}"),
            ("assets/picture-BkD3x_a9.png", &script()),
        ] {
            fs::write(folder.join(file), text).unwrap();
        }
        Self(folder)
    }

    fn server(&self, backend: &Backend, settings: &[(&str, &str)]) -> Server {
        let folder = self.0.to_string_lossy();
        app_with(backend, &[&[("MIZAN_ASSETS", &*folder)], settings].concat())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn script() -> String {
    "console.log('a long script that repeats itself');\n".repeat(100)
}

#[track_caller]
fn check_page(answer: &Response, status: u16, kept: Option<&str>, hsts: Option<&str>) {
    assert_eq!(answer.status, status, "{}", answer.seen());
    for (name, value) in [
        ("x-content-type-options", Some("nosniff")),
        ("x-frame-options", Some("DENY")),
        ("referrer-policy", Some("same-origin")),
        ("content-security-policy", Some(POLICY)),
        ("strict-transport-security", hsts),
        ("cache-control", kept),
    ] {
        assert_eq!(answer.header(name), value, "{name}: {}", answer.seen());
    }
}

fn pages_and_files_carry_the_headers_of_pages(backend: &Backend) {
    let files = Files::new(backend, "pages_and_files");
    let plain = files.server(backend, &[]);
    let https = files.server(backend, &[("MIZAN_PUBLIC_ORIGIN", "https://shop.example")]);
    for (server, hsts) in [(plain, None), (https, Some("max-age=31536000"))] {
        let client = &mut server.client();
        let mut check = |method: &str, path: &str, status, kept| {
            let answer = client.send(&Request::new(method, path)).unwrap();
            check_page(&answer, status, kept, hsts);
        };
        for method in ["GET", "HEAD"] {
            check(method, "/", 200, ASK);
            check(method, "/a/page/of/the/client", 200, ASK);
            check(method, "/robots.txt", 200, ASK);
            check(method, "/assets/settings.js", 200, ASK);
            check(method, "/assets/index-BkD3x_a9.js", 200, FOREVER);
            check(method, "/assets/index-gone1234.js", 404, ASK);
            // A view is a page too, and is kept by no one.
            check(method, "/mixed/a/", 200, Some("no-store"));
        }
        check("POST", "/nowhere", 405, ASK);
    }
}

fn where_there_are_no_files_there_is_nothing(backend: &Backend) {
    let server = app(backend);
    for path in ["/", "/index.html", "/assets/index-BkD3x_a9.js", "/healthz/x"] {
        let answer = server.client().send(&Request::get(path)).unwrap();
        check_page(&answer, 404, Some("no-store"), None);
        assert_eq!(answer.json().unwrap()["error"]["code"], "NOT_FOUND", "{path}");
    }
}

fn other_hosts_are_refused_for_files_too(backend: &Backend) {
    let files = Files::new(backend, "other_hosts");
    let server = files.server(backend, &[("MIZAN_HOSTS", "shop.example, localhost")]);
    for (path, of_others) in
        [("/", 421), (&*format!("{MOUNT}/session/"), 421), ("/healthz", 200), ("/readyz", 200)]
    {
        for (host, status) in [("shop.example:80", 200), ("evil.example", of_others)] {
            let answer = server.client().send(&Request::get(path).header("Host", host)).unwrap();
            assert_eq!(answer.status, status, "{host}{path}: {}", answer.seen());
        }
    }
}

/// What a body is after it was unpacked.
fn unpacked(answer: &Response) -> Vec<u8> {
    let mut body = Vec::new();
    match answer.header("content-encoding") {
        Some("br") => {
            brotli_decompressor::Decompressor::new(&*answer.body, 4096).read_to_end(&mut body)
        }
        Some("gzip") => flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut body),
        None => Ok(body.write(&answer.body)),
        Some(other) => panic!("nobody asked for {other}"),
    }
    .unwrap();
    body
}

trait Write {
    fn write(&mut self, bytes: &[u8]) -> usize;
}

impl Write for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> usize {
        self.extend_from_slice(bytes);
        bytes.len()
    }
}

fn large_bodies_without_a_token_are_compressed(backend: &Backend) {
    let files = Files::new(backend, "compressed");
    let server = files.server(backend, &[]);
    let long = "abc".repeat(1_000);
    let call = |text: &str| {
        Request::call(serde_json::json!({ "fn": "echo", "args": { "text": text } }).to_string())
    };
    let read = |slug: &str| Request::get(format!("{MOUNT}/ctx/mixed/?slug={slug}"));
    for (title, request, is_compressed) in [
        ("a read", read(&long), true),
        ("a small read", read("a"), false),
        ("a call", call(&long), true),
        ("a small call", call("a"), false),
        ("a file", Request::get("/assets/index-BkD3x_a9.js"), true),
        ("a small file", Request::get("/robots.txt"), false),
        ("a picture", Request::get("/assets/picture-BkD3x_a9.png"), false),
        ("a session", Request::get(format!("{MOUNT}/session/")), false),
    ] {
        let plain = server.client().send(&request).unwrap();
        assert_eq!(plain.header("content-encoding"), None, "{title}");
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5, identity;q=0.1", "gzip"),
            ("zstd", ""),
            ("identity", ""),
            ("*;q=0", ""),
            ("nonsense;;q=x", ""),
        ] {
            let asked = request.clone().header("Accept-Encoding", accepted);
            let answer = server.client().send(&asked).unwrap();
            assert_eq!(answer.status, 200, "{title}: {accepted}");
            let expected = Some(encoding).filter(|encoding| is_compressed && !encoding.is_empty());
            assert_eq!(answer.header("content-encoding"), expected, "{title}: {accepted}");
            if title != "a session" {
                assert_eq!(unpacked(&answer), plain.body, "{title}: {accepted}");
            }
            if expected.is_some() {
                assert!(answer.body.len() < plain.body.len() / 2, "{title}: {accepted}");
                let vary = answer.header("vary").unwrap_or_default().to_lowercase();
                assert!(vary.contains("accept-encoding"), "{title}: {vary}");
            }
        }
    }
}

/// The tag of a file is good for each way in which it was sent.
fn a_file_that_has_not_changed_is_not_sent_again(backend: &Backend) {
    let files = Files::new(backend, "not_changed");
    let server = files.server(backend, &[]);
    for accepted in ["identity", "gzip", "br"] {
        let request = Request::get("/assets/index-BkD3x_a9.js").header("Accept-Encoding", accepted);
        let first = server.client().send(&request).unwrap();
        let tag = first.header("etag").unwrap();
        assert_eq!(tag.starts_with("W/"), accepted != "identity", "{accepted}: {tag}");
        let again = server.client().send(&request.header("If-None-Match", tag)).unwrap();
        check_page(&again, 304, FOREVER, None);
    }
}

fn responses_say_what_the_cache_did_unless_it_is_turned_off(backend: &Backend) {
    for (setting, shown) in [("", true), ("1", true), ("0", false)] {
        let server = app_with(backend, &[("MIZAN_CACHE_STATUS", setting)]);
        let read = Request::get(format!("{MOUNT}/ctx/user/?user_id=5"));
        let answer = server.client().send(&read).unwrap();
        assert_eq!(answer.header("x-mizan-cache").is_some(), shown, "{setting:?}");
    }
}

cases! {
    "outside", OUTSIDE =>
        pages_and_files_carry_the_headers_of_pages
        where_there_are_no_files_there_is_nothing
        other_hosts_are_refused_for_files_too
        large_bodies_without_a_token_are_compressed
        a_file_that_has_not_changed_is_not_sent_again
        responses_say_what_the_cache_did_unless_it_is_turned_off;
}

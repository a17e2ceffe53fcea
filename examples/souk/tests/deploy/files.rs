//! The files of `docs/deploy`, with what differs on this machine replaced.

use std::fs;
use std::path::Path;

/// The name that stands for that of a shop.
const NAME: &str = "example.org";

/// A file of `docs/deploy` in which each of these is replaced, wherever it is. What is not there any
/// more is a failure, so the list cannot outlive the file.
pub(crate) fn deployed(file: &str, replacements: &[(&str, &str)]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("docs/deploy").join(file);
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in replacements {
        assert!(text.contains(from), "docs/deploy/{file} does not contain `{from}`");
        text = text.replace(from, to);
    }
    text
}

/// The servers of the market as nginx finds them.
pub(crate) fn nginx(ports: [u16; 2], http: u16, https: u16, certificate: &Path) -> String {
    deployed(
        "nginx.conf",
        &[
            ("127.0.0.1:3001", &format!("127.0.0.1:{}", ports[0])),
            ("127.0.0.1:3002", &format!("127.0.0.1:{}", ports[1])),
            ("listen 80;", &format!("listen 127.0.0.1:{http};")),
            ("listen 443 ssl;", &format!("listen 127.0.0.1:{https} ssl;")),
            ("/etc/ssl/shop", &certificate.to_string_lossy()),
            (NAME, "localhost"),
        ],
    )
}

/// The servers of the market as Caddy finds them.
pub(crate) fn caddy(ports: [u16; 2]) -> String {
    deployed(
        "Caddyfile",
        &[
            ("127.0.0.1:3001", &format!("127.0.0.1:{}", ports[0])),
            ("127.0.0.1:3002", &format!("127.0.0.1:{}", ports[1])),
            (NAME, "localhost"),
        ],
    )
}

/// The unit, of a program that is somewhere else.
pub(crate) fn unit(program: &Path) -> String {
    deployed("shop@.service", &[("/opt/shop/shop", &program.to_string_lossy())])
}

/// The variables of each process, with secrets where the file leaves them empty.
pub(crate) fn environment(origin: &str, cache: u16, sessions: u16) -> Vec<(String, String)> {
    let text = deployed(
        "environment",
        &[
            ("https://example.org", origin),
            (NAME, "localhost"),
            ("127.0.0.1:6379", &format!("127.0.0.1:{cache}")),
            ("127.0.0.1:6380", &format!("127.0.0.1:{sessions}")),
        ],
    );
    let pairs = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (name, value) = line.split_once('=').unwrap();
        let secret = || format!("a secret for {name}, different from the others");
        (name.to_owned(), if value.is_empty() { secret() } else { value.to_owned() })
    });
    pairs.collect()
}

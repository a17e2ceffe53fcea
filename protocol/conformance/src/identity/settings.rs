//! Settings that are refused at start, with the name of the setting and without its secret.

use std::path::{Path, PathBuf};

use crate::backend::{Application, Backend};
use crate::case::{cases, note};

use crate::identity::support::{SETTINGS, server};

const SECRETS: &[&str] = &["JWT_PRIVATE_KEY", "MIZAN_MWT_SECRET", "MIZAN_CACHE_SECRET"];

const NO_SECRETS: &[&str] = &[
    "secret",
    "31-bytes-is-one-byte-too-short!",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abababababababababababababababababababab",
    "0123456012345601234560123456012345601234",
    "a-string-secret-at-least-256-bits-long",
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "change-me-to-a-long-random-string-please",
    "django-insecure-q8#x2!v0m4k7w1z5r9t3y6u8",
    "your-256-bit-secret-your-256-bit-secret",
    "openssl rand -hex 32 gives one, they say",
];

const SAME: &str = "one secret for two purposes, 32 bytes and more";

/// Settings, and what the refusal names.
const REFUSED: &[(&[(&str, &str)], &str)] = &[
    (&[("JWT_PRIVATE_KEY", SAME), ("MIZAN_MWT_SECRET", SAME)], "MIZAN_MWT_SECRET"),
    (&[("JWT_PRIVATE_KEY", SAME), ("MIZAN_CACHE_SECRET", SAME)], "MIZAN_CACHE_SECRET"),
    (&[("MIZAN_MWT_SECRET", SAME), ("MIZAN_CACHE_SECRET", SAME)], "MIZAN_MWT_SECRET"),
    (
        &[(
            "IDENTITY_JWT_RING",
            "v1=aaaaaaaabbbbbbbbccccccccdddd1234,v0=aaaaaaaabbbbbbbbccccccccdddd1234",
        )],
        "v1",
    ),
    (
        &[(
            "IDENTITY_JWT_RING",
            "v1=aaaaaaaabbbbbbbbccccccccdddd1234,v1=aaaaaaaabbbbbbbbccccccccdddd5678",
        )],
        "v1",
    ),
    (&[("IDENTITY_JWT_RING", "v 1=aaaaaaaabbbbbbbbccccccccdddd1234")], "v 1"),
    (
        &[
            ("IDENTITY_JWT_RING", "v1=ringofboth-ringofboth-ringofboth"),
            ("IDENTITY_MWT_RING", "v1=ringofboth-ringofboth-ringofboth"),
        ],
        "MIZAN_MWT_SECRET",
    ),
    (
        &[
            ("IDENTITY_JWT_RING", "v1=ringofboth-ringofboth-ringofboth"),
            ("MIZAN_CACHE_SECRET", "ringofboth-ringofboth-ringofboth"),
        ],
        "MIZAN_CACHE_SECRET",
    ),
    (&[("JWT_ACCESS_TOKEN_EXPIRES_IN", "0")], "JWT_ACCESS_TOKEN_EXPIRES_IN"),
    (&[("JWT_ACCESS_TOKEN_EXPIRES_IN", "-300")], "JWT_ACCESS_TOKEN_EXPIRES_IN"),
    (&[("JWT_ACCESS_TOKEN_EXPIRES_IN", "five minutes")], "JWT_ACCESS_TOKEN_EXPIRES_IN"),
    (&[("JWT_ACCESS_TOKEN_EXPIRES_IN", "3e2")], "JWT_ACCESS_TOKEN_EXPIRES_IN"),
    (&[("JWT_ACCESS_TOKEN_EXPIRES_IN", "31536001")], "JWT_ACCESS_TOKEN_EXPIRES_IN"),
    (&[("JWT_REFRESH_TOKEN_EXPIRES_IN", "0")], "JWT_REFRESH_TOKEN_EXPIRES_IN"),
    (&[("JWT_REFRESH_TOKEN_EXPIRES_IN", "7d")], "JWT_REFRESH_TOKEN_EXPIRES_IN"),
    (&[("JWT_REFRESH_TOKEN_EXPIRES_IN", "99999999999999999999")], "JWT_REFRESH_TOKEN_EXPIRES_IN"),
    (&[("MIZAN_MWT_TTL", "0")], "MIZAN_MWT_TTL"),
    (&[("MIZAN_MWT_TTL", "1.5")], "MIZAN_MWT_TTL"),
    (&[("JWT_ALGORITHM", "none")], "JWT_ALGORITHM"),
    (&[("JWT_ALGORITHM", "HS512")], "JWT_ALGORITHM"),
    (&[("JWT_ALGORITHM", "hs256")], "JWT_ALGORITHM"),
    (&[("JWT_ALGORITHM", "ES256")], "JWT_ALGORITHM"),
    // Not in this build, or no key of it.
    (&[("JWT_ALGORITHM", "RS256")], "RS256"),
    (&[("JWT_VALIDATE_SESSION", "maybe")], "JWT_VALIDATE_SESSION"),
    (&[("JWT_VALIDATE_SESSION", "off")], "JWT_VALIDATE_SESSION"),
    (&[("JWT_REFRESH_TOKEN_GRACE", "61")], "JWT_REFRESH_TOKEN_GRACE"),
    (&[("JWT_REFRESH_TOKEN_GRACE", "soon")], "JWT_REFRESH_TOKEN_GRACE"),
    (&[("MIZAN_SESSION_REDIS_URL", "localhost:6379")], "MIZAN_SESSION_REDIS_URL"),
    (&[("MIZAN_SESSION_REDIS_URL", "rediss://:hidden@example.org")], "MIZAN_SESSION_REDIS_URL"),
    (&[("MIZAN_SESSION_REDIS_URL", "http://example.org")], "MIZAN_SESSION_REDIS_URL"),
    (&[("MIZAN_CACHE_REDIS_URL", "redis://:hidden@example.org/x")], "MIZAN_CACHE_REDIS_URL"),
    (&[("MIZAN_PUBLIC_ORIGIN", "example.org")], "example.org"),
    (&[("MIZAN_PUBLIC_ORIGIN", "https://")], "https://"),
    (&[("MIZAN_PUBLIC_ORIGIN", "https://example.org/shop")], "https://example.org/shop"),
    (&[("MIZAN_PUBLIC_ORIGIN", "https://a.example,https://b.example")], "https://a.example"),
    (&[("MIZAN_PUBLIC_ORIGIN", "*")], "public origin"),
    (&[("MIZAN_PUBLIC_ORIGIN", "null")], "public origin"),
];

/// It does not start, and says which setting is wrong.
#[track_caller]
fn check(backend: &Backend, settings: &[(&str, &str)], named: &str) {
    let all: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
    let refusal = match backend.start(Application::Identity, &all) {
        Ok(_) => panic!("it starts with {settings:?}"),
        Err(refusal) => refusal.to_string(),
    };
    assert!(refusal.contains(named), "{settings:?}: {refusal}");
    assert!(!refusal.contains("panicked"), "{settings:?}: {refusal}");
    for (name, value) in settings {
        // A word of every refusal is no secret told.
        let hidden = SECRETS.contains(name) && *value != "secret";
        assert!(!hidden || !refusal.contains(value), "{refusal}");
    }
    for secret in ["hidden", "32 bytes and more", "ringofboth", "aaaabbbb"] {
        assert!(!refusal.contains(secret), "{refusal}");
    }
}

fn what_is_not_safe_does_not_start(backend: &Backend) {
    // With the usual ones it does.
    drop(server(backend, &[]));
    let mut count = 0;
    for name in SECRETS {
        for value in NO_SECRETS {
            check(backend, &[(name, value)], name);
            count += 1;
        }
    }
    for (settings, named) in REFUSED {
        check(backend, settings, named);
        count += 1;
    }
    note!("{count} settings are refused");
    assert!(count >= 50);
}

/// The program does not take this as a secret.
#[track_caller]
fn check_known(backend: &Backend, text: &str) {
    let settings = [("JWT_PRIVATE_KEY", text), ("MIZAN_TEST_SECRETS", "0")];
    let refusal = backend.start(Application::Identity, &settings).unwrap_err();
    let refusal = refusal.to_string();
    assert!(refusal.contains("`JWT_PRIVATE_KEY` is not a secret"), "{text}: {refusal}");
}

fn the_secrets_of_our_tests_are_taken_in_tests_alone(backend: &Backend) {
    for (_, secret) in SETTINGS {
        check_known(backend, secret);
    }
    for secret in ["cache-secret-for-vectors-0123456", "mwt-secret-for-vectors-0123456789ab"] {
        check_known(backend, secret);
    }
    for secret in ["a-secret-for-these-tests-0123456789", "a-secret-for-the-tests-0123456789"] {
        check_known(backend, secret);
    }
}

/// Someone runs a server with every secret that our documents show.
fn what_our_documents_show_as_a_secret_is_none(backend: &Backend) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut files, mut shown) = (vec![root.join("README.md")], 0);
    for folder in
        ["docs", "cores", "backends", "frontends", "examples", "protocol/conformance/README.md"]
    {
        documents(&root.join(folder), &mut files);
    }
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let is_page = file.extension().is_some_and(|ending| ending == "md");
        let is_shown = |line: &&str| is_page || line.trim_start().starts_with("//");
        for line in text.lines().filter(is_shown) {
            for secret in secrets(line) {
                shown += 1;
                check_known(backend, secret);
            }
        }
    }
    assert!(shown > 0, "the example of `Webhook` is found at least");
}

fn documents(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else { return files.push(path.into()) };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let is_document =
            |path: &Path| path.extension().is_some_and(|ending| ending == "md" || ending == "rs");
        if path.is_dir() && name != "node_modules" && name != "target" && name != "tests" {
            documents(&path, files);
        } else if path.is_file() && is_document(&path) {
            files.push(path);
        }
    }
}

/// Texts in a line that are where a secret does, and are long enough for one.
fn secrets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for start in
        ["Secret::new(\"", "Webhook::new(\"", "with_previous_secret(\"", "_SECRET=", "_KEY="]
    {
        for (at, _) in line.match_indices(start) {
            let rest = line[at + start.len()..].trim_start_matches(['"', '\'']);
            let text = rest.split(['"', '\'', '`', ' ']).next().unwrap_or_default();
            if text.len() >= 32 {
                found.push(text);
            }
        }
    }
    found
}

cases! {
    "starting", SESSION =>
        what_is_not_safe_does_not_start
        the_secrets_of_our_tests_are_taken_in_tests_alone;
    "starting", SESSION, RustCore =>
        what_our_documents_show_as_a_secret_is_none;
}

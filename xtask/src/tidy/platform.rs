//! Published crates build on every system: a call that one system has is under a `#[cfg(…)]` that names it.

use super::File;
use super::archives::published;
use super::tokens::{Token, tokens};

/// Paths that one system has. A path that begins with `os` or `signal` may have more words before it.
const PATHS: &[&[&str]] = &[
    &["os", "::", "unix"],
    &["os", "::", "linux"],
    &["os", "::", "macos"],
    &["os", "::", "windows"],
    &["os", "::", "fd"],
    &["signal", "::", "unix"],
    &["signal", "::", "windows"],
    &["libc", "::"],
    &["nix", "::"],
    &["rustix", "::"],
    &["windows_sys", "::"],
];

/// Methods and types of one system.
const WORDS: &[&str] = &["AsRawFd", "as_raw_fd", "RawFd", "set_tcp_user_timeout"];

/// Folders of one system.
const FOLDERS: &[&str] = &["\"/proc/", "\"/sys/", "\"/dev/"];

/// What a condition on the system names. Tests of a crate may need a system.
const CONDITIONS: &[&str] =
    &["unix", "windows", "target_os", "target_family", "target_vendor", "target_env", "test"];

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let folders = files.iter().filter_map(|(path, manifest)| published(path, manifest));
    let sources: Vec<String> = folders.map(|folder| format!("{folder}src/")).collect();
    let is_source =
        |path: &str| path.ends_with(".rs") && sources.iter().any(|folder| path.starts_with(folder));
    let files = files.iter().filter(|(path, _)| is_source(path));
    files.flat_map(|(path, text)| check(path, text)).collect()
}

fn check(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let conditional = conditional(&tokens);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let starts = |path: &&&[&str]| {
            let next = tokens[at..].iter().map(|token| token.text);
            next.take(path.len()).eq(path.iter().copied())
        };
        if let Some(path) = PATHS.iter().find(starts) {
            found.push((token.line, path.concat()));
        } else if WORDS.contains(&token.text) {
            found.push((token.line, token.text.to_owned()));
        }
    }
    for (at, line) in
        text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
    {
        let folder = FOLDERS.iter().find(|folder| line.contains(**folder));
        found.extend(folder.map(|folder| (at + 1, folder.trim_start_matches('"').to_owned())));
    }
    found.retain(|(line, _)| !conditional.iter().any(|(from, to)| (from..=to).contains(&line)));
    let fault = |(line, what)| {
        format!("{path}:{line}: `{what}` is not on every system: put it under `#[cfg(…)]`")
    };
    found.into_iter().map(fault).collect()
}

/// The lines that a condition on the system applies to, from the first to the last of each.
fn conditional(tokens: &[Token<'_>]) -> Vec<(usize, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut ranges = Vec::new();
    for at in (0..tokens.len()).filter(|&at| text(at) == "#") {
        let inner = usize::from(text(at + 1) == "!");
        if text(at + inner + 1) != "[" || text(at + inner + 2) != "cfg" {
            continue;
        }
        let end = closing(tokens, at + inner + 1);
        let names = &tokens[at..end.min(tokens.len())];
        if !names.iter().any(|token| CONDITIONS.contains(&token.text)) {
            continue;
        }
        let last = if inner == 1 { tokens.len() } else { end_of_item(tokens, end + 1) };
        let line = |at: usize| tokens.get(at).or(tokens.last()).map_or(0, |token| token.line);
        ranges.push((line(at), line(last)));
    }
    ranges
}

/// Where the bracket that is open at `at` closes.
fn closing(tokens: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(at) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// The last token of the item, statement, field or expression that begins at `at`.
fn end_of_item(tokens: &[Token<'_>], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text {
            "{" => return closing(tokens, at),
            "(" | "[" => at = closing(tokens, at),
            ";" | "," => return at,
            ")" | "]" | "}" => return at.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::{File, faults};

    fn lines(manifest: &str, text: &str) -> Vec<String> {
        let files: [File; 2] = [
            ("cores/a/Cargo.toml".into(), manifest.into()),
            ("cores/a/src/b.rs".into(), text.into()),
        ];
        faults(&files)
    }

    #[test]
    fn a_platform_call_that_is_planted_in_a_published_crate_is_refused() {
        for planted in [
            "use std::os::unix::fs::symlink;",
            "let signal = tokio::signal::unix::signal(kind)?;",
            "unsafe { libc::getpid() }",
            "std::fs::read_to_string(\"/proc/self/status\")",
            "socket.set_tcp_user_timeout(None)",
            "#[cfg(feature = \"x\")]\nuse std::os::fd::RawFd;",
        ] {
            assert!(!lines("", planted).is_empty(), "{planted}");
            assert!(lines("\npublish = false\n", planted).is_empty(), "{planted}");
        }
        assert_eq!(
            lines("", "fn a() {}\nuse std::os::unix::fs;"),
            ["cores/a/src/b.rs:2: `os::unix` is not on every system: put it under `#[cfg(…)]`"]
        );
    }

    #[test]
    fn one_under_a_condition_is_not() {
        for allowed in [
            "#[cfg(unix)]\nuse std::os::unix::fs::symlink;",
            "#[cfg(target_os = \"linux\")]\n#[inline]\nfn a(x: [u8; 2]) {\n    libc::a();\n}",
            "#![cfg(unix)]\nfn a() {\n    nix::a();\n}",
            "struct A {\n    #[cfg(unix)]\n    a: tokio::signal::unix::Signal,\n}",
            "// std::os::unix::fs\nlet text = \"libc::x\";",
        ] {
            assert_eq!(lines("", allowed), [""; 0], "{allowed}");
        }
        // What comes after it is not under it.
        for planted in [
            "#[cfg(unix)]\nfn a() {}\nfn b() {\n    libc::a();\n}",
            "struct A {\n    #[cfg(unix)]\n    a: u8,\n    b: libc::c_int,\n}",
            "#[cfg(unix)]\nmod a;\nuse std::os::unix::fs;",
        ] {
            assert_eq!(lines("", planted).len(), 1, "{planted}");
        }
    }
}

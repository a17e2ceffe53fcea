//! Every mistake of `mizan.toml`, with its text.

use expect_test::{Expect, expect};

use crate::project::Project;

#[track_caller]
fn check(name: &str, config: &str, expect: Expect) {
    let project = Project::new(&format!("config-{name}"));
    project.put("mizan.toml", config);
    let ran = project.run(&[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    expect.assert_eq(&ran.stderr);
}

const OUTPUT: &str = "[output]\ndir = \"out\"\ntargets = [\"react\"]\n";

#[test]
fn missing_file() {
    let project = Project::new("config-missing");
    expect![[r#"
        error: cannot read ./mizan.toml: No such file or directory (os error 2)
          = help: name the configuration with `--config FILE`
    "#]]
    .assert_eq(&project.run(&[]).stderr);
}

#[test]
fn bad_toml() {
    check(
        "toml",
        "[source\n",
        expect![[r#"
            error: unclosed table, expected `]`
             --> ./mizan.toml:1:8
              |
            1 | [source
              |        ^
              = help: a configuration has `[source]` with one of `command`, `file`, `url`, and `[output]` with `dir`, `targets` and perhaps `error` or `backend`
        "#]],
    );
}

#[test]
fn unknown_key() {
    check(
        "key",
        "[source]\nfiel = \"schema.json\"\n",
        expect![[r#"
            error: unknown field `fiel`, expected one of `command`, `file`, `url`, `sha256`, `watch`
             --> ./mizan.toml:2:1
              |
            2 | fiel = "schema.json"
              | ^^^^
              = help: a configuration has `[source]` with one of `command`, `file`, `url`, and `[output]` with `dir`, `targets` and perhaps `error` or `backend`
        "#]],
    );
}

#[test]
fn unknown_table() {
    check(
        "table",
        &format!("[source]\nfile = \"a\"\n{OUTPUT}[outputs]\n"),
        expect![[r#"
            error: unknown field `outputs`, expected `source` or `output`
             --> ./mizan.toml:6:2
              |
            6 | [outputs]
              |  ^^^^^^^
              = help: a configuration has `[source]` with one of `command`, `file`, `url`, and `[output]` with `dir`, `targets` and perhaps `error` or `backend`
        "#]],
    );
}

#[test]
fn no_output() {
    check(
        "no-output",
        "[source]\nfile = \"schema.json\"\n",
        expect![[r#"
            error: missing field `output`
              = help: a configuration has `[source]` with one of `command`, `file`, `url`, and `[output]` with `dir`, `targets` and perhaps `error` or `backend`
        "#]],
    );
}

#[test]
fn no_source() {
    check(
        "no-source",
        &format!("[source]\n{OUTPUT}"),
        expect![[r#"
        error: `[source]` names no source
         --> ./mizan.toml:1:1
          |
        1 | [source]
          | ^^^^^^^^
          = help: give one of `command = "cargo run -q -- mizan schema"`, `file` or `url`
    "#]],
    );
}

#[test]
fn two_sources() {
    check(
        "two",
        &format!("[source]\nfile = \"a\"\ncommand = \"b\"\n{OUTPUT}"),
        expect![[r#"
        error: `[source]` names more than one source
         --> ./mizan.toml:1:1
          |
        1 | [source]
          | ^^^^^^^^
          = help: keep one of `command`, `file` and `url`
    "#]],
    );
}

#[test]
fn pin_without_url() {
    check(
        "pin",
        &format!("[source]\nfile = \"a\"\nsha256 = \"b\"\n{OUTPUT}"),
        expect![[r#"
            error: `sha256` pins the content of a `url`, and there is none
             --> ./mizan.toml:3:10
              |
            3 | sha256 = "b"
              |          ^^^
              = help: remove `sha256`
        "#]],
    );
}

#[test]
fn bad_pin() {
    check(
        "bad-pin",
        &format!("[source]\nurl = \"https://example.org/\"\nsha256 = \"b\"\n{OUTPUT}"),
        expect![[r#"
            error: `sha256` is not 64 hexadecimal digits
             --> ./mizan.toml:3:10
              |
            3 | sha256 = "b"
              |          ^^^
              = help: print it with `sha256sum` of the document
        "#]],
    );
}

#[test]
fn url_in_the_clear() {
    check(
        "url",
        &format!("[source]\nurl = \"http://example.org/schema/\"\n{OUTPUT}"),
        expect![[r#"
            error: `http://example.org/schema/` is not a URL that a document may come from
             --> ./mizan.toml:2:7
              |
            2 | url = "http://example.org/schema/"
              |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              = help: use https, or http to localhost, 127.0.0.1 or [::1], without user and password
        "#]],
    );
}

#[test]
fn urls_that_only_look_local_or_safe() {
    for url in [
        "http://localhost.example.org/",
        "http://127.0.0.1.example.org/",
        "http://localhost@example.org/",
        "http://example.org#localhost",
        "http://2130706433/",
        "https://user:word@example.org/",
        "https:///schema",
        "file:///etc/passwd",
        "ftp://localhost/",
        "localhost",
        "HTTP://example.org",
        "http://[::2]/",
        "http:\\\\\\\\localhost",
    ] {
        let project = Project::new("config-urls");
        project.put("mizan.toml", &format!("[source]\nurl = \"{url}\"\n{OUTPUT}"));
        let stderr = project.run(&[]).stderr;
        assert!(stderr.contains("is not a URL that a document may come from"), "{url}: {stderr}");
    }
}

#[test]
fn nothing_to_watch() {
    check(
        "no-watch",
        &format!("[source]\nfile = \"a\"\nwatch = []\n{OUTPUT}"),
        expect![[r#"
        error: `watch` is empty
         --> ./mizan.toml:3:9
          |
        3 | watch = []
          |         ^^
          = help: name files or directories, or remove `watch`: a command then follows the Rust sources
    "#]],
    );
}

#[test]
fn a_watched_directory_that_does_not_exist() {
    check(
        "watch",
        &format!("[source]\ncommand = \"a\"\nwatch = [\"src\"]\n{OUTPUT}"),
        expect![[r#"
        error: `watch` names ./src, which does not exist
         --> ./mizan.toml:3:10
          |
        3 | watch = ["src"]
          |          ^^^^^
          = help: paths are relative to the configuration
    "#]],
    );
}

#[test]
fn no_targets() {
    check(
        "no-targets",
        "[source]\nfile = \"a\"\n[output]\ndir = \"out\"\ntargets = []\n",
        expect![[r#"
            error: `targets` is empty
             --> ./mizan.toml:5:11
              |
            5 | targets = []
              |           ^^
              = help: name "react", "vue", "svelte" or "vanilla"
        "#]],
    );
}

#[test]
fn several_targets_share_what_comes_before_frameworks() {
    let project = Project::hello("several");
    let config = project.get("mizan.toml");
    project.put("mizan.toml", &config.replace("[\"react\"]", "[\"vue\", \"svelte\", \"react\"]"));
    let ran = project.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let files = project.list("out");
    let files: Vec<_> = files.iter().map(|path| path.trim_start_matches("out/")).collect();
    assert_eq!(
        files,
        [
            "calls.ts",
            "contexts/user.ts",
            "index.ts",
            "react.tsx",
            "svelte.ts",
            "types.ts",
            "vue.ts"
        ]
    );
}

#[test]
fn unknown_target() {
    check(
        "angular",
        "[source]\nfile = \"a\"\n[output]\ndir = \"out\"\ntargets = [\"angular\"]\n",
        expect![[r#"
            error: there is no target `angular`
             --> ./mizan.toml:5:12
              |
            5 | targets = ["angular"]
              |            ^^^^^^^^^
              = help: name "react", "vue", "svelte" or "vanilla"
        "#]],
    );
}

#[test]
fn empty_dir() {
    check(
        "dir",
        "[source]\nfile = \"a\"\n[output]\ndir = \"\"\ntargets = [\"react\"]\n",
        expect![[r#"
            error: `dir` is empty
             --> ./mizan.toml:4:7
              |
            4 | dir = ""
              |       ^^
              = help: name a directory for generated files alone, such as `src/mizan`
        "#]],
    );
}

#[test]
fn error_is_no_class_name() {
    check(
        "error",
        &format!("[source]\nfile = \"a\"\n{OUTPUT}error = \"hello-error\"\n"),
        expect![[r#"
            error: "hello-error" is not a name for the error class
             --> ./mizan.toml:6:9
              |
            6 | error = "hello-error"
              |         ^^^^^^^^^^^^^
              = help: use ASCII letters and digits, a capital first, such as `HelloError`
        "#]],
    );
}

#[test]
fn error_is_reserved() {
    check(
        "reserved",
        &format!("[source]\nfile = \"a\"\n{OUTPUT}error = \"MizanError\"\n"),
        expect![[r#"
            error: `MizanError` is taken by JavaScript or by Mizan
             --> ./mizan.toml:6:9
              |
            6 | error = "MizanError"
              |         ^^^^^^^^^^^^
              = help: use ASCII letters and digits, a capital first, such as `HelloError`
        "#]],
    );
}

#[test]
fn backend_is_no_name() {
    check(
        "backend",
        &format!("[source]\nfile = \"a\"\n{OUTPUT}backend = \"Actix!\"\n"),
        expect![[r#"
            error: "Actix!" is not a name of a backend
             --> ./mizan.toml:6:11
              |
            6 | backend = "Actix!"
              |           ^^^^^^^^
              = help: use a name such as "actix", which makes `ActixError`
        "#]],
    );
}

#[test]
fn error_and_backend() {
    check(
        "both",
        &format!("[source]\nfile = \"a\"\n{OUTPUT}error = \"HelloError\"\nbackend = \"actix\"\n"),
        expect![[r#"
            error: `error` and `backend` both name the error class
             --> ./mizan.toml:6:9
              |
            6 | error = "HelloError"
              |         ^^^^^^^^^^^^
              = help: keep one of them
        "#]],
    );
}

#[test]
fn backend_names_the_error_class() {
    let project = Project::hello("config-actix");
    let config = project.get("mizan.toml") + "backend = \"actix\"\n";
    project.put("mizan.toml", &config);
    assert_eq!(project.run(&[]).code, Some(0));
    assert!(project.get("out/index.ts").contains("MizanError as ActixError"));
}

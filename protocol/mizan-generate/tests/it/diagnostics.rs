//! Every mistake of a source or a document, with its text.

use expect_test::{Expect, expect};

use crate::project::Project;

/// The configuration's source, and the file `schema.json`.
#[track_caller]
fn check_source(name: &str, source: &str, document: &str, expect: Expect) {
    let project = Project::new(&format!("diagnostics-{name}"));
    project.put(
        "mizan.toml",
        &format!("[source]\n{source}\n[output]\ndir = \"out\"\ntargets = [\"react\"]\nerror = \"HelloError\"\n"),
    );
    project.put("schema.json", document);
    let ran = project.run(&[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(!project.has("out"), "nothing is written");
    expect.assert_eq(&ran.stderr);
}

#[track_caller]
fn check(name: &str, document: &str, expect: Expect) {
    check_source(name, "file = \"schema.json\"", document, expect);
}

#[test]
fn file_is_missing() {
    check_source(
        "missing",
        "file = \"other.json\"",
        "",
        expect![[r#"
        error: cannot read ./other.json: No such file or directory (os error 2)
          = help: correct `file` in the `[source]` table; it is relative to the configuration
    "#]],
    );
}

#[test]
fn file_is_empty() {
    check(
        "empty",
        "\n",
        expect![[r#"
        error: ./schema.json is empty
          = help: the source prints a schema document; `mizan_core::handle_cli()?` comes first in `main`
    "#]],
    );
}

#[test]
fn command_fails() {
    check_source(
        "command",
        "command = \"echo compiling >&2; echo 'error: no such thing' >&2; exit 3\"",
        "",
        expect![[r#"
            error: `echo compiling >&2; echo 'error: no such thing' >&2; exit 3` failed with exit status: 3
              compiling
              error: no such thing
              = help: run it in . and fix what it reports
        "#]],
    );
}

#[test]
fn command_prints_something_else() {
    check_source(
        "prints",
        "command = \"echo hello\"",
        "",
        expect![[r#"
        error: `echo hello` is not JSON: expected value at line 1 column 1
          = help: the source prints the schema document and nothing else
    "#]],
    );
}

#[test]
fn command_runs_beside_the_configuration() {
    let project = Project::hello("diagnostics-beside");
    let config = project.get("mizan.toml");
    project.put(
        "mizan.toml",
        &config.replace("file = \"schema.json\"", "command = 'cat \"schema.json\"'"),
    );
    let ran = project.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

/// The pipes hold 64 KiB; both are filled. Only the end is repeated.
#[test]
fn command_with_much_to_say() {
    let project = Project::new("diagnostics-much");
    let command = "yes error | head -n 50000 >&2; yes data | head -n 50000; exit 1";
    project.put(
        "mizan.toml",
        &format!(
            "[source]\ncommand = \"{command}\"\n[output]\ndir = \"out\"\ntargets = [\"react\"]\n"
        ),
    );
    let stderr = project.run(&[]).stderr;
    assert_eq!(stderr.lines().filter(|line| *line == "  error").count(), 40, "{stderr}");
}

#[cfg(not(feature = "url"))]
#[test]
fn url_in_a_build_without() {
    check_source(
        "url",
        "url = \"https://example.org/schema/\"",
        "",
        expect![[r#"
        error: cannot read https://example.org/schema/: this build of mizan-generate reads no URLs
          = help: install it with `cargo install mizan-generate --features url`, or use `command` or `file`
    "#]],
    );
}

#[cfg(all(feature = "url", not(feature = "https")))]
#[test]
fn https_in_a_build_without_tls() {
    check_source(
        "https",
        "url = \"https://example.org/schema/\"",
        "",
        expect![[r#"
        error: cannot read https://example.org/schema/: this build of mizan-generate has no TLS
          = help: install it with `cargo install mizan-generate --features https`, or use `command` or `file`
    "#]],
    );
}

#[test]
fn not_json() {
    check(
        "json",
        "{\"mizan\": 1,}",
        expect![[r#"
        error: ./schema.json is not JSON: trailing comma at line 1 column 13
          = help: the source prints the schema document and nothing else
    "#]],
    );
}

#[test]
fn nested_beyond_reason() {
    check(
        "nested",
        &format!(
            "{{\"mizan\":1,\"functions\":{{}},\"contexts\":{{}},\"$defs\":{{\"A\":{}",
            "[".repeat(1000)
        ),
        expect![[r#"
            error: ./schema.json is not JSON: recursion limit exceeded at line 1 column 179
              = help: the source prints the schema document and nothing else
        "#]],
    );
}

#[test]
fn wrong_type_deep_inside() {
    check(
        "shape",
        r#"{"mizan":1,"functions":{"a":{"kind":"call","params":[{"name":"b","schema":true}]}},"contexts":{}}"#,
        expect![[r#"
            error: ./schema.json is not a schema document: missing field `required` at line 1 column 79 (at /functions/a/params/0)
              = help: print it with the backend: `<your app> mizan schema`
        "#]],
    );
}

#[test]
fn unknown_kind() {
    check(
        "kind",
        r#"{"mizan":1,"functions":{"a/b":{"kind":"write","params":[]}},"contexts":{}}"#,
        expect![[r#"
            error: ./schema.json is not a schema document: unknown variant `write`, expected `read` or `call` at line 1 column 45 (at /functions/a~1b/kind)
              = help: print it with the backend: `<your app> mizan schema`
        "#]],
    );
}

#[test]
fn later_version_of_the_same_form() {
    check(
        "version",
        r#"{"mizan":2,"functions":{},"contexts":{}}"#,
        expect![[r#"
        error: the document has version 2, this generator reads version 1 (at /mizan)
          = help: install the mizan-generate of the same release as the backend
    "#]],
    );
}

#[test]
fn later_version_of_another_form() {
    check(
        "version-form",
        r#"{"mizan":3,"modules":[]}"#,
        expect![[r#"
        error: ./schema.json has version 3, this generator reads version 1
          = help: install the mizan-generate of the same release as the backend
    "#]],
    );
}

#[test]
fn names_outside_the_list() {
    check(
        "names",
        r#"{"mizan":1,"functions":{
            "Bad Name":{"kind":"call","params":[{"name":"constructor","schema":true,"required":true}]},
            "form.role.more":{"kind":"call","params":[]}
        },"contexts":{"__proto__":{"params":[],"functions":[]}}}"#,
        expect![[r#"
            error: the schema document has 4 mistakes

            error: "Bad Name" is not a name for a function (at /functions/Bad Name)
              = help: names match [a-z][a-z0-9_]{0,63} and are neither `constructor` nor `prototype`; rename it in the backend, for example with `name = "…"`

            error: "constructor" is not a name for a parameter (at /functions/Bad Name/params/0/name)
              = help: names match [a-z][a-z0-9_]{0,63} and are neither `constructor` nor `prototype`; rename it in the backend, for example with `name = "…"`

            error: "form.role.more" is not a name for a function (at /functions/form.role.more)
              = help: names match [a-z][a-z0-9_]{0,63} and are neither `constructor` nor `prototype`; rename it in the backend, for example with `name = "…"`

            error: "__proto__" is not a name for a context (at /contexts/__proto__)
              = help: names match [a-z][a-z0-9_]{0,63} and are neither `constructor` nor `prototype`; rename it in the backend, for example with `name = "…"`
        "#]],
    );
}

#[test]
fn parameter_twice() {
    check(
        "twice",
        r#"{"mizan":1,"functions":{"a":{"kind":"call","params":[
            {"name":"b","schema":true,"required":true},{"name":"b","schema":true,"required":true}
        ]}},"contexts":{}}"#,
        expect![[r#"
            error: the parameter `b` appears twice (at /functions/a/params/1/name)
              = help: rename one of the two in the backend
        "#]],
    );
}

#[test]
fn read_without_context() {
    check(
        "read",
        r#"{"mizan":1,"functions":{"a":{"kind":"read","params":[]}},"contexts":{}}"#,
        expect![[r#"
            error: the read "a" belongs to no context of the document (at /functions/a/context)
              = help: give it `context = …` in the backend, or make it a call
        "#]],
    );
}

#[test]
fn member_of_another_context() {
    check(
        "member",
        r#"{"mizan":1,"functions":{},"contexts":{"user":{"params":[],"functions":["profile"]}}}"#,
        expect![[r#"
            error: context `user` lists "profile", which is not a function of it (at /contexts/user/functions/0)
              = help: print the document again with the backend; do not edit it
        "#]],
    );
}

#[test]
fn affected_name_outside_the_list() {
    check(
        "affected",
        r#"{"mizan":1,"functions":{"a":{"kind":"call","params":[],"affects":[{"context":"*/"}]}},"contexts":{}}"#,
        expect![[r#"
            error: "*/" is not a name for a context (at /functions/a/affects/0)
              = help: names match [a-z][a-z0-9_]{0,63} and are neither `constructor` nor `prototype`; rename it in the backend, for example with `name = "…"`
        "#]],
    );
}

#[test]
fn reference_to_nothing() {
    check(
        "reference",
        r##"{"mizan":1,"functions":{},"contexts":{},"$defs":{"A/B":{"properties":{"c":{"$ref":"#/$defs/C"}}}}}"##,
        expect![[r##"
            error: the reference "#/$defs/C" leads nowhere (at /$defs/A~1B/properties/c/$ref)
              = help: add the type to `$defs`; a Mizan backend does so automatically
        "##]],
    );
}

#[test]
fn error_class_is_a_type_too() {
    check(
        "collision",
        r#"{"mizan":1,"functions":{},"contexts":{},"$defs":{"HelloError":{"type":"object"}}}"#,
        expect![[r#"
            error: the error class `HelloError` has a name that belongs to type "HelloError"
              = help: choose another name for `error` in the `[output]` table
        "#]],
    );
}

#[track_caller]
fn check_warnings(name: &str, args: &[&str], document: &str, expect: Expect) {
    let project = Project::hello(&format!("warnings-{name}"));
    project.put("schema.json", document);
    let ran = project.run(args);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    expect.assert_eq(&ran.stderr);
}

#[test]
fn schemas_that_are_not_understood() {
    check_warnings(
        "schemas",
        &[],
        r##"{"mizan":1,"functions":{"a":{"kind":"call","params":[{"name":"p","schema":{"type":"float"},"required":true}],"result":{"$ref":"other.json"}}},"contexts":{},"$defs":{
            "A":{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}]},
            "B":{"properties":{"x/y":{"not":{"type":"string"}}}},
            "C":7,
            "D":{"if":true}
        }}"##,
        expect![[r#"
            warning: /$defs/B/properties/x~1y has no keyword that says what the value is; its type is `unknown`
            warning: /$defs/C is not a schema; its type is `unknown`
            warning: /$defs/D has no keyword that says what the value is; its type is `unknown`
            warning: type "A" is defined as itself; that part is `unknown`
            warning: /functions/a/params/0/schema has a `type` that JSON Schema does not know; its type is `unknown`
            warning: /functions/a/result refers to something else than `#/$defs/…`; its type is `unknown`
        "#]],
    );
}

#[test]
fn wide_integers_are_counted() {
    check_warnings(
        "wide",
        &[],
        include_str!("golden/hello.json"),
        expect![[r#"
        warning: 3 integers of 64 bits may not fit a JavaScript number; narrow the range or use `mizan_core::BigInt` (`-v` lists where)
    "#]],
    );
}

#[test]
fn wide_integers_are_listed() {
    check_warnings(
        "wide-listed",
        &["-v"],
        r##"{"mizan":1,"functions":{"a":{"kind":"call","params":[{"name":"p","schema":{"type":"integer","format":"uint64","minimum":0},"required":true}],
            "result":{"type":"array","items":{"type":"object","properties":{"id":{"type":["integer","null"],"format":"int128"}}}}}},"contexts":{},"$defs":{
            "Safe":{"properties":{"a":{"type":"integer","format":"int64","minimum":-5,"maximum":5},"b":{"type":"integer","format":"int32"},"c":{"type":"string","format":"int64"}}},
            "Half":{"properties":{"low":{"type":"integer","format":"int64","minimum":0},"edge":{"type":"integer","format":"uint","maximum":9007199254740992}}}
        }}"##,
        expect![[r#"
            warning: 4 integers of 64 bits may not fit a JavaScript number; narrow the range or use `mizan_core::BigInt`
              Half.edge
              Half.low
              a(p)
              a() -> [].id
        "#]],
    );
}

/// A server on this machine that gives one response.
#[cfg(feature = "url")]
mod url {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use expect_test::{Expect, expect};

    use crate::project::Project;

    fn answer(status: &str, body: &str) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    #[track_caller]
    fn check(name: &str, status: &str, body: &str, more: &str, expect: Expect) {
        let project = Project::hello(&format!("url-{name}"));
        let port = answer(status, body);
        let source = format!("url = \"http://127.0.0.1:{port}/api/mizan/schema/\"\n{more}");
        let config = project.get("mizan.toml");
        project.put("mizan.toml", &config.replace("file = \"schema.json\"", &source));
        let ran = project.run(&[]);
        let said = (ran.stderr + &ran.stdout).replace(&port.to_string(), "PORT");
        expect.assert_eq(&said);
    }

    const EMPTY: &str = r#"{"mizan":1,"functions":{},"contexts":{}}"#;

    #[test]
    fn good_answer() {
        check(
            "good",
            "200 OK",
            EMPTY,
            "",
            expect![[r#"
            ./out: 4 written, 0 unchanged, 0 removed
        "#]],
        );
    }

    #[test]
    fn not_exposed() {
        check(
            "404",
            "404 Not Found",
            "{}",
            "",
            expect![[r#"
            error: cannot read http://127.0.0.1:PORT/api/mizan/schema/: http status: 404
              = help: see that the backend runs, and that it is built with `.expose_schema(true)`
        "#]],
        );
    }

    #[test]
    fn redirects_are_not_followed() {
        check(
            "redirect",
            "302 Found\r\nLocation: http://example.org/",
            "",
            "",
            expect![[r#"
                error: cannot read http://127.0.0.1:PORT/api/mizan/schema/: the response is 302 Found
                  = help: see that the backend runs, and that it is built with `.expose_schema(true)`
            "#]],
        );
    }

    #[test]
    fn right_pin() {
        let pin = "sha256 = \"26a57a97262cbdbf210d30c77ab6e8afbc6ecdba7cdd2e26de93d2f757586852\"";
        check(
            "pin",
            "200 OK",
            EMPTY,
            pin,
            expect![[r#"
            ./out: 4 written, 0 unchanged, 0 removed
        "#]],
        );
    }

    #[test]
    fn wrong_pin() {
        check(
            "wrong",
            "200 OK",
            EMPTY,
            &format!("sha256 = \"{}\"", "0".repeat(64)),
            expect![[r#"
                error: the document at http://127.0.0.1:PORT/api/mizan/schema/ is not the pinned one: its sha256 is 26a57a97262cbdbf210d30c77ab6e8afbc6ecdba7cdd2e26de93d2f757586852
                  = help: see what changed in it, then write the new hash into `sha256`
            "#]],
        );
    }
}

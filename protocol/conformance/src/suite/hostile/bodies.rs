//! Bodies and queries with broken text, too much of it, or values of the wrong type.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Request;
use crate::vectors::Allowed;
use serde_json::json;

use super::{bad_request, check, check_alive, missing_member};
use crate::suite::support::{self, MOUNT, app, context, data, error, fields, send};

/// Bodies that are no calls.
pub(crate) const BROKEN: &[(&str, &[u8])] = &[
    ("empty", b""),
    ("blank", b"  \r\n\t "),
    ("brace", b"{"),
    ("cut", br#"{"fn":"echo","args":{"text":"a"#),
    ("comma at the end", br#"{"fn":"no_args",}"#),
    ("two values", br#"{"fn":"no_args"}{"fn":"no_args"}"#),
    ("text behind", br#"{"fn":"no_args"} x"#),
    ("single quotes", b"{'fn':'no_args'}"),
    ("comment", b"{\"fn\":\"no_args\"} // x"),
    ("bare word", b"no_args"),
    ("NaN", b"NaN"),
    ("null", b"null"),
    ("true", b"true"),
    ("number", b"5"),
    ("huge number", &[b'9'; 5_000]),
    ("text", br#""echo""#),
    ("list", b"[]"),
    ("list of two", br#"["no_args",{}]"#),
    ("list of calls", br#"[{"fn":"no_args"}]"#),
    ("no fn", b"{}"),
    ("fn null", br#"{"fn":null}"#),
    ("fn list", br#"{"fn":["no_args"]}"#),
    ("fn object", br#"{"fn":{"no_args":1}}"#),
    ("fn true", br#"{"fn":true}"#),
    ("FN", br#"{"FN":"no_args"}"#),
    ("args number", br#"{"fn":"no_args","args":1}"#),
    ("args text", br#"{"fn":"no_args","args":"{}"}"#),
    ("args list", br#"{"fn":"no_args","args":[]}"#),
    ("args true", br#"{"fn":"no_args","args":true}"#),
    ("NUL", b"\0"),
    ("NUL behind", b"{\"fn\":\"no_args\"}\0"),
    ("NUL in text", b"{\"fn\":\"echo\",\"args\":{\"text\":\"a\0b\"}}"),
    ("line break in text", b"{\"fn\":\"echo\",\"args\":{\"text\":\"a\nb\"}}"),
    ("not UTF-8", b"\xff\xfe"),
    ("not UTF-8 in text", b"{\"fn\":\"echo\",\"args\":{\"text\":\"\xff\"}}"),
    ("overlong UTF-8", b"{\"fn\":\"echo\",\"args\":{\"text\":\"\xc0\xaf\"}}"),
    ("surrogate in UTF-8", b"{\"fn\":\"echo\",\"args\":{\"text\":\"\xed\xa0\x80\"}}"),
    ("not UTF-8 in a name", b"{\"fn\":\"no_args\",\"\xff\":1}"),
    ("UTF-16", b"\xff\xfe{\0\"\0f\0n\0\"\0:\0\"\0n\0o\0\"\0}\0"),
    ("fn twice", br#"{"fn":"no_args","fn":"no_args"}"#),
    ("args twice", br#"{"fn":"no_args","args":{},"args":{}}"#),
    ("argument twice", br#"{"fn":"echo","args":{"text":"a","text":"b"}}"#),
    ("argument twice, escaped", br#"{"fn":"echo","args":{"text":"a","te\u0078t":"b"}}"#),
    ("unknown argument twice", br#"{"fn":"no_args","args":{"x":1,"x":1}}"#),
    ("lone surrogate as fn", br#"{"fn":"\ud800"}"#),
    ("lone surrogate in a name", br#"{"fn":"no_args","args":{"\ud800":1}}"#),
    ("escape of a letter", br#"{"fn":"\q"}"#),
];

fn broken_bodies_are_bad_requests(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    for (title, body) in BROKEN {
        check(client, title, *body, &bad_request());
    }
    check_alive(&server);
}

fn nesting_is_bounded_before_anything_is_read(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{}{}", open.repeat(levels), close.repeat(levels))
    };
    for (title, nested) in [
        ("lists", deep("[", "]", 20_000)),
        ("open lists", deep("[", "", 20_000)),
        ("objects", deep("{\"a\":", "}", 20_000)),
        ("65 lists", deep("[", "]", 65)),
    ] {
        check(client, title, nested.as_bytes(), &bad_request());
        for name in ["no_args", "echo", "nested", "tags"] {
            for argument in ["text", "body", "tags", "x"] {
                let body = format!(r#"{{"fn":"{name}","args":{{"{argument}":{nested}}}}}"#);
                check(client, title, body, &bad_request());
            }
        }
        let beside = format!(r#"{{"fn":"no_args","later":{nested}}}"#);
        check(client, title, beside, &bad_request());
    }
    // Brackets in a text do not nest.
    let text = "[{".repeat(10_000);
    let body = format!(r#"{{"fn":"echo","args":{{"text":"{text}"}}}}"#);
    check(client, "brackets in a text", body, &data(json!({ "result": { "message": text } })));
    check_alive(&server);
}

fn huge_numbers_are_wrong_values_and_not_more(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let digits = "7".repeat(5_000);
    let call = |name: &str, argument: &str, value: &str| {
        format!(r#"{{"fn":"{name}","args":{{"{argument}":{value}}}}}"#)
    };
    for value in [
        digits.clone(),
        format!("-{digits}"),
        "9223372036854775808".into(),
        "-9223372036854775809".into(),
        "1e400".into(),
        "1.5".into(),
        "1e-1".into(),
    ] {
        check(client, &value, call("add", "a", &value), &fields(["a"]));
        check(client, &value, call("echo", "text", &value), &fields(["text"]));
    }
    for value in [digits.clone(), "1e400".into(), "-1e400".into()] {
        // A number that no JSON reader can hold may be a fault of the whole text.
        let body = Request::call(call("ratio", "x", &value));
        let answer = send(client, &value, &body);
        let allowed = [fields(["x"]), bad_request()];
        assert!(
            allowed.iter().any(|allowed| support::judge(&answer, allowed).is_ok()),
            "{value}: {}",
            support::shown(&answer)
        );
    }
    let unknown = Request::call(call("no_args", "x", &digits));
    let answer = send(client, "unknown argument", &unknown);
    assert!([200, 400].contains(&answer.status), "{}", answer.text());

    let user = |value: &str| context(&format!("user/?user_id={value}"));
    for value in [&digits, "9223372036854775808", "1e3", "1.0", "0x10", "1_000", "--1", "%2B-1"] {
        support::check(client, value, &user(value), &fields(["user_id"]));
    }
    // A number whose tenfold is too large is refused by the function, which never panics.
    let answer = send(client, "large", &user("9223372036854775807"));
    assert!([422, 500].contains(&answer.status), "{}", answer.text());
    check_alive(&server);
}

fn wrong_types_name_their_argument(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    for (body, expected) in [
        (r#"{"fn":"echo","args":{"text":5}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":null}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":["a"]}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":"\ud800"}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"text":"\udc00\ud800"}}"#, fields(["text"])),
        (r#"{"fn":"echo","args":{"Text":"a"}}"#, fields(["text"])),
        (r#"{"fn":"add","args":{"a":"1"}}"#, fields(["a"])),
        (r#"{"fn":"add","args":{"a":true}}"#, fields(["a"])),
        (r#"{"fn":"add","args":{"a":1,"b":"2"}}"#, fields(["b"])),
        (r#"{"fn":"add","args":{"a":1,"b":null}}"#, fields(["b"])),
        (r#"{"fn":"add","args":{"b":"2"}}"#, fields(["a", "b"])),
        (r#"{"fn":"many"}"#, fields(["a", "b", "c"])),
        (r#"{"fn":"many","args":{"a":"x","b":{},"c":1}}"#, fields(["a", "b", "c"])),
        (r#"{"fn":"flag","args":{"on":1}}"#, fields(["on"])),
        (r#"{"fn":"flag","args":{"on":"true"}}"#, fields(["on"])),
        (r#"{"fn":"ratio","args":{"x":"1.5"}}"#, fields(["x"])),
        (r#"{"fn":"opt","args":{"x":"5"}}"#, fields(["x"])),
        (r#"{"fn":"tags","args":{"tags":"a"}}"#, fields(["tags"])),
        (r#"{"fn":"tags","args":{"tags":["a",1]}}"#, fields(["tags.1"])),
        (r#"{"fn":"tags","args":{"tags":{"0":"a"}}}"#, fields(["tags"])),
        (r#"{"fn":"nested","args":{"body":{"a":1,"b":{"c":5}}}}"#, fields(["body.b.c"])),
        (r#"{"fn":"nested","args":{"body":{"a":1,"b":{}}}}"#, missing_member()),
        (r#"{"fn":"nested","args":{"body":"{}"}}"#, fields(["body"])),
        (r#"{"fn":"update_profile","args":{"user_id":true,"name":"x"}}"#, fields(["user_id"])),
        (r#"{"fn":"nope","args":{"text":"a"}}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"","args":{}}"#, error(400, "BAD_REQUEST")),
        (r#"{"fn":"constructor"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"__proto__"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"echo ","args":{"text":"a"}}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"ECHO","args":{"text":"a"}}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"no_args\u0000"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"contact.schema"}"#, error(404, "NOT_FOUND")),
        (r#"{"fn":"opt","args":{"x":null}}"#, data(json!({ "result": { "x": null } }))),
        (r#"{"fn":"opt"}"#, data(json!({ "result": { "x": null } }))),
        (r#"{"fn":"no_args","args":null}"#, data(json!({ "result": "ok" }))),
        (r#"{"fn":"no_args","args":{"__proto__":{"x":1}}}"#, data(json!({ "result": "ok" }))),
        (r#"{"fn":"no_args","later":{"x":[1]}}"#, data(json!({ "result": "ok" }))),
        (r#"{"fn":"ratio","args":{"x":1}}"#, data(json!({ "result": 1.0 }))),
        (r#"{"fn":"\u006eo_args"}"#, data(json!({ "result": "ok" }))),
    ] {
        check(client, body, body, &expected);
    }
    check_alive(&server);
}

fn queries_are_bounded_and_read_strictly(backend: &Backend) {
    let server = app(backend);
    let client = &mut server.client();
    let orders =
        |org: &str| data(json!({ "org_orders": [{ "id": org.chars().count(), "page": 1 }] }));
    let many = |count: usize| {
        let others: String = (1..count).map(|at| format!("&x{at}=1")).collect();
        format!("orders/?org=ab{others}")
    };
    let long = |length: usize| {
        let fixed = format!("{MOUNT}/ctx/orders/org=").len();
        format!("orders/?org={}", "a".repeat(length - fixed))
    };
    for (query, expected) in [
        ("orders/?org=a%00b".into(), orders("a\0b")),
        ("orders/?org=%E2%82%AC".into(), orders("€")),
        ("orders/?org=a+b%20c".into(), orders("a b c")),
        ("orders/?org=".into(), orders("")),
        ("orders/?org".into(), orders("")),
        ("orders/?org=a=b".into(), orders("a=b")),
        ("orders/?org=ab&&&".into(), orders("ab")),
        ("orders/?org=ab&%FF=1".into(), orders("ab")),
        ("orders/?org=ab&unknown=%FF".into(), orders("ab")),
        ("orders/?o%72g=ab".into(), orders("ab")),
        (many(100), orders("ab")),
        (many(101), bad_request()),
        (many(500), bad_request()),
        (long(8 << 10), Allowed { json: None, ..orders("") }),
        (long((8 << 10) + 1), bad_request()),
        (long(20_000), bad_request()),
        ("orders/".into(), fields(["org"])),
        ("orders/?ORG=ab".into(), fields(["org"])),
        ("orders/?org=%FF".into(), fields(["org"])),
        ("orders/?org=%C0%AF".into(), fields(["org"])),
        ("orders/?org=%ED%A0%80".into(), fields(["org"])),
        ("orders/?org=%".into(), fields(["org"])),
        ("orders/?org=%4".into(), fields(["org"])),
        ("orders/?org=%zz".into(), fields(["org"])),
        ("orders/?org=a&org=a".into(), fields(["org"])),
        ("orders/?org=a&o%72g=a".into(), fields(["org"])),
        ("orders/?page=x".into(), fields(["org", "page"])),
        ("orders/?org=a&page=1&page=2".into(), fields(["page"])),
        ("orders/?org=a&page=%00".into(), fields(["page"])),
        ("orders/?org=a&page=1%002".into(), fields(["page"])),
        ("orders/?org=a&page=null".into(), fields(["page"])),
        ("orders/?org=a&page=".into(), fields(["page"])),
        ("orders/?org=a&page=%EF%BC%91".into(), fields(["page"])),
    ] {
        support::check(client, &query, &context(&query), &expected);
    }
    check_alive(&server);
}

cases! {
    "hostile", ERRORS =>
        broken_bodies_are_bad_requests
        nesting_is_bounded_before_anything_is_read
        huge_numbers_are_wrong_values_and_not_more
        wrong_types_name_their_argument
        queries_are_bounded_and_read_strictly;
}
